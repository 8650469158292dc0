"""Sign-in at a provider of our own on loopback, which signs what a test tells it to."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from yinse.service.options import OidcOptions, ServiceOptions

KEY = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})


class IdentityProvider:
    def __init__(self):
        self.claims, self.key, self.forms, self.refusal = {}, KEY, [], None
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, body):
                data = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                if self.path == "/keys":
                    self.answer(KeySet([KEY]).as_dict(private=False))
                else:
                    names = ("authorization", "token")
                    endpoints = {f"{name}_endpoint": f"{provider.url}/{name}" for name in names}
                    self.answer({"issuer": provider.url, "jwks_uri": f"{provider.url}/keys", **endpoints})

            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                provider.forms.append(form)
                if provider.refusal is not None:
                    self.answer({"error": provider.refusal})
                    return
                token = jwt.encode({"alg": "ES256", "kid": "k1"}, provider.claims, provider.key)
                self.answer({"access_token": "x", "token_type": "Bearer", "id_token": token})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def provider():
    provider = IdentityProvider()
    yield provider
    provider.close()


@pytest.fixture
def options(limits, provider):
    oidc = OidcOptions(issuer=provider.url, client_id="yinse", client_secret="hush")
    return ServiceOptions(limits=limits, oidc=oidc, public_url="http://testserver")


def begin(house):
    answer = house.client.get("/v1/oidc/login", follow_redirects=False)
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def claims_for(provider, asked, **changed):
    good = {
        "iss": provider.url,
        "aud": "yinse",
        "sub": "42",
        "exp": int(time.time()) + 60,
        "nonce": asked["nonce"],
    }
    extra = {"name": "Mia", "email": "Mia@example.org", "email_verified": True}
    return {**good, **extra, **changed}


def come_back(house, asked, **changed):
    params = {"code": "c0de", "state": asked["state"], **changed}
    return house.client.get("/v1/oidc/callback", params=params, follow_redirects=False)


def test_the_same_identity_is_the_same_account(house, provider):
    accounts = []
    for _ in range(2):
        asked = begin(house)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        provider.claims = claims_for(provider, asked)
        assert come_back(house, asked).status_code == 302
        accounts.append(house.client.get("/v1/me").json())
        house.client.cookies.clear()
    assert accounts[0]["id"] == accounts[1]["id"]
    assert (accounts[0]["email"], accounts[0]["display_name"]) == ("mia@example.org", "Mia")
    assert provider.forms[0]["code_verifier"]


def test_an_address_that_is_taken_or_unverified_is_not_joined(house, provider):
    body = {"email": "mia@example.org", "password": "long enough password", "display_name": "First"}
    first = house.client.post("/v1/accounts", json=body).json()["id"]
    asked = begin(house)
    provider.claims = claims_for(provider, asked)
    come_back(house, asked)
    found = house.client.get("/v1/me").json()
    assert found["id"] != first
    assert found["email"] is None


@pytest.mark.parametrize(
    "wrong",
    [{"nonce": "other"}, {"aud": "other"}, {"iss": "https://evil.example"}, {"exp": 1}, {"sub": None}],
)
def test_claims_that_do_not_prove_are_refused(house, provider, wrong):
    asked = begin(house)
    provider.claims = {k: v for k, v in claims_for(provider, asked, **wrong).items() if v is not None}
    answer = come_back(house, asked)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_foreign_signature_state_or_browser_is_refused(house, provider):
    asked = begin(house)
    provider.claims = claims_for(provider, asked)
    assert come_back(house, asked, state="other").status_code == 401
    provider.key = ECKey.generate_key("P-256", {"kid": "k1"})
    assert come_back(house, asked).status_code == 401
    provider.key = KEY
    house.client.cookies.clear()
    assert come_back(house, asked).status_code == 401


def test_whoever_thinks_better_of_it_at_the_provider_is_told_so(house):
    asked = begin(house)
    params = {"error": "access_denied", "state": asked["state"]}
    answer = house.client.get("/v1/oidc/callback", params=params, follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert "start it again" in answer.json()["detail"]


def test_a_code_that_the_provider_does_not_take_is_no_crash(house, provider):
    """Such as one that was used: the browser's way back sends it again."""
    asked = begin(house)
    provider.refusal = "invalid_grant"
    assert (come_back(house, asked).status_code, come_back(house, asked).json()["code"]) == (
        401,
        "unauthenticated",
    )


def test_a_sign_in_that_took_too_long_is_refused(house, provider):
    asked = begin(house)
    provider.claims = claims_for(provider, asked)
    house.clock.forward(minutes=11)
    assert come_back(house, asked).status_code == 401


def test_a_provider_that_is_down_is_not_our_crash(house, provider):
    provider.close()
    answer = house.client.get("/v1/oidc/login", follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (502, "backend_failed")
