import pytest
from starlette.testclient import WebSocketDenialResponse

from yinse.service.options import LimitOptions
from yinse.service.principal import Role, Scope

PASSWORD = "correct horse battery"


def sign_up(house, email="ann@example.org", password=PASSWORD):
    body = {"email": email, "password": password, "display_name": "Ann"}
    return house.client.post("/v1/accounts", json=body)


def sign_in(house, email="ann@example.org", password=PASSWORD):
    return house.client.post("/v1/sessions", json={"email": email, "password": password})


def test_sign_up_then_sign_in_then_out(house):
    assert sign_up(house).status_code == 201
    signed_in = sign_in(house)
    assert signed_in.status_code == 201
    assert "HttpOnly" in signed_in.headers["set-cookie"]
    headers = {"Authorization": f"Bearer {signed_in.json()['token']}"}
    me = house.client.get("/v1/me", headers=headers).json()
    assert me["email"] == "ann@example.org"
    assert "operator" not in me["scopes"]
    assert house.client.delete("/v1/sessions/current", headers=headers).status_code == 204
    assert house.client.get("/v1/me", headers=headers).status_code == 401


def test_the_entrance_knows_who_is_signed_in_and_takes_nobody_for_no_error(house):
    nobody = house.client.get("/v1/entrance")
    assert (nobody.status_code, nobody.json()) == (200, {"account": None, "sign_up": True, "provider": None})
    sign_up(house)
    sign_in(house)
    assert house.client.get("/v1/entrance").json()["account"] == house.client.get("/v1/me").json()
    house.client.cookies.clear()
    house.client.cookies.set("yinse_session", "a session of nobody")
    assert house.client.get("/v1/entrance").json()["account"] is None


def test_a_session_expires(house):
    sign_up(house)
    headers = {"Authorization": f"Bearer {sign_in(house).json()['token']}"}
    house.clock.forward(days=15)
    house.client.cookies.clear()
    assert house.client.get("/v1/me", headers=headers).status_code == 401


def test_a_wrong_password_and_an_unknown_address_read_alike(house):
    sign_up(house)
    wrong, unknown = sign_in(house, password="something else"), sign_in(house, email="nobody@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]


def test_an_address_is_taken_once_whatever_its_case(house):
    sign_up(house)
    again = sign_up(house, email="ANN@example.org")
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")


def test_an_address_is_the_same_however_its_letters_are_composed(house):
    composed, decomposed = "jos\u00e9@example.org", "jose\u0301@example.org"
    assert sign_up(house, email=decomposed).json()["email"] == composed
    assert sign_up(house, email=composed).status_code == 409
    assert sign_in(house, email=decomposed).status_code == sign_in(house, email=composed).status_code == 201
    assert sign_up(house, email="a\x00b@example.org").status_code == 422


def test_a_short_password_is_refused_and_not_repeated(house):
    answer = sign_up(house, password="hunter2")
    assert (answer.status_code, answer.json()["code"]) == (422, "weak_password")
    assert "hunter2" not in answer.text


def test_the_password_is_stored_as_argon2id_only(house):
    sign_up(house)
    stored = b"".join(path.read_bytes() for path in house.home.glob("yinse.sqlite3*"))
    assert b"$argon2id$" in stored
    assert PASSWORD.encode() not in stored


def test_sign_in_is_limited_and_says_when_to_come_back(house):
    answers = [sign_in(house, email="ann@example.org", password="guess guess") for _ in range(11)]
    assert [answer.status_code for answer in answers[:10]] == [401] * 10
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


def test_who_tries_too_often_keeps_nobody_else_out(house):
    for _ in range(10):
        sign_in(house, email="nobody@example.org")
    assert [sign_in(house, email="ann@example.org").status_code for _ in range(10)] == [429] * 10
    rate = house.ports.options.limits.sign_in
    house.run(house.ports.throttle.hit, rate, "sign-in", "ann@example.org")  # as from another host


def test_changing_the_password_ends_other_sessions(house):
    sign_up(house)
    first, second = sign_in(house).json()["token"], sign_in(house).json()["token"]
    house.client.cookies.clear()
    body = {"current": PASSWORD, "new": "another long password"}
    headers = {"Authorization": f"Bearer {second}"}
    assert house.client.post("/v1/me/password", json=body, headers=headers).status_code == 204
    assert house.client.get("/v1/me", headers=headers).status_code == 200
    assert house.client.get("/v1/me", headers={"Authorization": f"Bearer {first}"}).status_code == 401
    assert sign_in(house, password="another long password").status_code == 201


def test_a_cookie_does_not_work_from_another_site(house):
    sign_up(house)
    sign_in(house)
    body = {"name": "stolen", "scopes": ["speech"]}
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = house.client.post("/v1/keys", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}):
        assert house.client.post("/v1/keys", json=body, headers=headers).status_code == 201


def test_a_key_is_shown_once_and_stored_hashed(house, ann):
    made = ann.post("/v1/keys", json={"name": "bot", "scopes": ["speech"]}).json()
    assert made["key"].startswith("yk_")
    listed = ann.get("/v1/keys")
    assert made["key"] not in listed.text
    assert made["hint"] == made["key"][-4:]
    stored = b"".join(path.read_bytes() for path in house.home.glob("yinse.sqlite3*"))
    assert made["key"].encode() not in stored


def test_a_key_does_what_its_scopes_say_until_it_is_revoked(house, ann):
    made = ann.post("/v1/keys", json={"name": "bot", "scopes": ["speech"]}).json()
    headers = {"xi-api-key": made["key"]}
    assert house.client.get("/v1/me", headers=headers).status_code == 200
    refused = house.client.get("/v1/keys", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert ann.delete(f"/v1/keys/{made['id']}").status_code == 200
    assert house.client.get("/v1/me", headers=headers).status_code == 401


def test_a_key_cannot_make_a_mightier_key(house):
    weak = house.caller(scopes={Scope.ACCOUNT})
    answer = weak.post("/v1/keys", json={"name": "more", "scopes": ["voices:write"]})
    assert answer.status_code == 403


def test_a_creator_cannot_make_an_operator_key(ann):
    assert ann.post("/v1/keys", json={"name": "root", "scopes": ["operator"]}).status_code == 403


def test_a_key_expires(house, ann):
    until = house.clock.now.replace(hour=13).isoformat()
    made = ann.post("/v1/keys", json={"name": "bot", "scopes": ["speech"], "expires_at": until}).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert house.client.get("/v1/me", headers=headers).status_code == 200
    house.clock.forward(hours=2)
    assert house.client.get("/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "until", ["2020-01-01T00:00:00Z", "2030-01-01T00:00:00", "9999-12-31T23:59:59-12:00", 1e18]
)
def test_a_key_cannot_expire_in_the_past_or_nowhere(ann, until):
    body = {"name": "bot", "scopes": ["speech"], "expires_at": until}
    assert ann.post("/v1/keys", json=body).status_code == 422


def test_a_foreign_key_cannot_be_revoked(ann, bob):
    made = ann.post("/v1/keys", json={"name": "bot", "scopes": ["speech"]}).json()
    assert bob.delete(f"/v1/keys/{made['id']}").status_code == 404


def knock(house, ticket):
    """The status with which a socket is opened, or not."""
    try:
        with house.client.websocket_connect(f"/v1/speech/live?token={ticket}"):
            return 101
    except WebSocketDenialResponse as refused:
        return refused.status_code


def test_a_ticket_works_once_and_for_a_minute(house, ann):
    fresh, stale = (ann.post("/v1/tickets", json={}).json()["token"] for _ in range(2))
    assert [knock(house, fresh), knock(house, fresh)] == [101, 401]
    house.clock.forward(seconds=61)
    assert knock(house, stale) == 401


def test_a_ticket_opens_a_socket_and_nothing_else(house, ann):
    """It would else buy the next one, and so last as long as whoever issued it."""
    ticket = ann.post("/v1/tickets", json={}).json()["token"]
    for headers in ({"Authorization": f"Bearer {ticket}"}, {"xi-api-key": ticket}):
        assert house.client.post("/v1/tickets", json={}, headers=headers).status_code == 401
        assert house.client.get("/v1/me", headers=headers).status_code == 401
    assert house.client.get(f"/v1/me?key={ticket}").status_code == 401
    assert knock(house, ticket) == 101


def test_a_platform_acts_for_its_own_members_only(house, ann, bob):
    member = ann.put("/v1/members/user-7", json={"display_name": "Mia"}).json()
    acting = ann.get("/v1/me", headers={"Yinse-On-Behalf-Of": "user-7"}).json()
    assert acting["id"] == member["id"] != ann.account_id
    assert "members" not in acting["scopes"]
    assert bob.get("/v1/me", headers={"Yinse-On-Behalf-Of": "user-7"}).status_code == 404
    assert [item["external_id"] for item in ann.get("/v1/members").json()["items"]] == ["user-7"]
    assert bob.get("/v1/members").json()["items"] == []


@pytest.mark.parametrize("limits", [LimitOptions(members=2)])
def test_an_account_acts_for_so_many_members_and_no_more(ann):
    """Each has limits of its own, and whoever signs in may have some."""
    made = [ann.put(f"/v1/members/{name}", json={"display_name": "M"}) for name in "abc"]
    assert [answer.status_code for answer in made] == [200, 200, 409]
    assert made[-1].json()["code"] == "too_many_members"
    assert ann.put("/v1/members/a", json={"display_name": "N"}).json()["display_name"] == "N"


def test_acting_for_members_needs_the_scope(house, ann):
    ann.put("/v1/members/user-7", json={"display_name": "Mia"})
    made = ann.post("/v1/keys", json={"name": "bot", "scopes": ["speech"]}).json()
    headers = {"Authorization": f"Bearer {made['key']}", "Yinse-On-Behalf-Of": "user-7"}
    assert house.client.get("/v1/me", headers=headers).status_code == 403


def test_an_operator_holds_every_scope(house):
    operator = house.caller("Op", role=Role.OPERATOR)
    assert set(operator.get("/v1/me").json()["scopes"]) == {scope.value for scope in Scope}


@pytest.mark.parametrize("token", ["", "yk_nothing", "ys_nothing", "yt_nothing", "' OR 1=1 --", "\u00e9"])
def test_a_made_up_token_is_refused(house, token):
    headers = {"Authorization": f"Bearer {token}".encode("latin-1", "replace")}
    answer = house.client.get("/v1/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def allow(house, **limits):
    """Other limits from now on."""
    options = house.ports.options
    changed = options.model_copy(update={"limits": options.limits.model_copy(update=limits)})
    object.__setattr__(house.ports, "options", changed)


def test_all_keys_of_an_account_share_its_limit_and_nobody_elses(house, ann, bob):
    spare = ann.post("/v1/keys", json={"name": "k", "scopes": ["account"]}).json()["key"]
    allow(house, requests="1/minute")
    assert ann.get("/v1/keys").status_code == 200
    refused = ann.get("/v1/keys", headers={"Authorization": f"Bearer {spare}"})
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert bob.get("/v1/keys").status_code == 200


def test_tickets_of_one_account_use_up_nothing_of_anothers(house, ann, bob):
    tokens = [ann.post("/v1/tickets", json={}).json()["token"] for _ in range(3)]
    other = bob.post("/v1/tickets", json={}).json()["token"]
    allow(house, requests="2/minute")

    assert [knock(house, token) for token in tokens] == [101, 101, 429]
    assert knock(house, other) == 101


def test_guesses_of_the_current_password_are_limited(house):
    who = {"email": "a@example.org", "password": "long enough password"}
    house.client.post("/v1/accounts", json={**who, "display_name": "A"})
    house.client.post("/v1/sessions", json=who)
    guess = {"current": "not the password", "new": "another long password"}
    headers = {"X-Yinse-CSRF": "1"}
    statuses = [
        house.client.post("/v1/me/password", json=guess, headers=headers).status_code for _ in range(11)
    ]
    assert statuses == [401] * 10 + [429]


def test_a_platform_with_members_is_not_erased_over_their_heads(house, ann):
    ann.put("/v1/members/m1", json={"display_name": "M"})
    refused = ann.delete("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (409, "has_members")
    assert ann.delete("/v1/me", headers={"Yinse-On-Behalf-Of": "m1"}).status_code == 200
    assert ann.delete("/v1/me").status_code == 200


def test_of_two_that_make_the_same_at_once_one_is_told_so(house, ann, monkeypatch):
    """The race that a server of databases shows: the row is not there when it is looked for, and there when it is written."""
    who = {"email": "a@example.org", "password": "long enough password", "display_name": "A"}
    assert house.client.post("/v1/accounts", json=who).status_code == 201

    async def blind(*_args, **_kwargs):
        return None

    monkeypatch.setattr("sqlalchemy.ext.asyncio.AsyncSession.scalar", blind)
    answer = house.client.post("/v1/accounts", json=who)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "example.org" not in answer.text


def test_no_answer_about_an_account_is_kept_by_caches(house, ann):
    for path in ("/v1/me", "/v1/keys", "/v1/history", "/v1/voices"):
        assert ann.get(path).headers["cache-control"] == "no-store"
