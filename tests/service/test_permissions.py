"""Permission is in every route's signature, and what belongs to others does not exist on any of them."""

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute

from yinse.service.access import Allow, Public
from yinse.service.api import FEATURES
from yinse.service.sockets import AllowSocket
from yinse.serving.fake import recording

PUBLIC = {
    "/v1/accounts",
    "/v1/entrance",
    "/v1/sessions",
    "/v1/receipts/key",
    "/v1/capabilities",
    "/v1/links/{token}",
    "/v1/oidc/login",
    "/v1/oidc/callback",
    "/healthz",
    "/readyz",
    "/metrics",
}


def routes():
    """Every route of every feature."""
    for feature in FEATURES:
        for route in feature.router.routes:
            assert isinstance(route, APIRoute | APIWebSocketRoute)
            yield route


def guards(dependant):
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Allow | Public | AllowSocket):
            yield dependency.call
        yield from guards(dependency)


def test_every_route_asks_for_exactly_one_permission():
    for route in routes():
        found = list(guards(route.dependant))
        assert len(found) == 1, f"{route.path} has {len(found)} permissions in its signature"


def test_no_route_is_outside_our_routers(app):
    known = {route.path for route in routes()}
    described = set(app.openapi()["paths"])
    assert described <= known
    assert len(described) > 70


def test_what_is_public_is_a_short_list():
    public = {route.path for route in routes() if isinstance(next(guards(route.dependant)), Public)}
    assert public == PUBLIC


def test_the_document_says_where_a_key_is_needed(app):
    document = app.openapi()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("security") == (None if path in PUBLIC else [{"key": []}]), (method, path)


def test_nothing_is_answered_without_a_credential(house, app):
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            answer = house.client.request(method.upper(), path.replace("{", "").replace("}", ""))
            assert path in PUBLIC or answer.status_code in (401, 422), (method, path, answer.status_code)


SPEECH = {"text": "你好", "format": "pcm"}
TEXT = {"text": "你好"}
BODIES = {
    "POST /v1/voices/{voice_id}/adapt": {"json": {}},
    "PATCH /v1/voices/{voice_id}": {"json": {"name": "mine now"}},
    "POST /v1/voices/{voice_id}/grants": {"json": {"grantee_id": "acct_x"}},
    "POST /v1/voices/{voice_id}/recordings": {"files": {"files": ("x.wav", recording(220, 0.1))}},
    "POST /v1/voices/{voice_id}/consents": {
        "files": {"recording": ("x.wav", recording(220, 0.1))},
        "params": {"challenge_id": "chal_x"},
    },
    "PUT /v1/history/{generation_id}/rating": {"json": {"rating": 1}},
    "POST /v1/history/{generation_id}/link": {"json": {}},
    "PUT /v1/dictionaries/{dictionary_id}/rules": {"json": {"rules": []}},
    "POST /elevenlabs/v1/text-to-speech/{voice_id}": {"json": TEXT},
    "POST /elevenlabs/v1/text-to-speech/{voice_id}/stream": {"json": TEXT},
    "POST /elevenlabs/v1/text-to-speech/{voice_id}/with-timestamps": {"json": TEXT},
    "POST /elevenlabs/v1/text-to-speech/{voice_id}/stream/with-timestamps": {"json": TEXT},
    "POST /elevenlabs/v1/voices/{voice_id}/edit": {"files": {"files": ("x.wav", recording(220, 0.1))}},
    "POST /v1/audio/voice_consents/{consent_id}": {"json": {"name": "mine now"}},
    "POST /elevenlabs/v1/voices/{voice_id}/settings/edit": {"json": {"stability": 0.1}},
}
NOT_IDS = {"external_id", "model", "token"}


class Belongings:
    """One of everything an account can own."""

    def __init__(self, caller, voices):
        voice = voices.ready(caller)
        consent = voices.consent(caller, voice).json()["id"]
        spoken = caller.post("/v1/speech", json={**SPEECH, "voice": voice})
        other = caller.put("/v1/members/m1", json={"display_name": "M"}).json()["id"]
        rules = {"name": "d", "rules": [{"written": "a", "alias": "b"}]}
        self.ids = {
            "voice_id": voice,
            "consent_id": consent,
            "generation_id": spoken.headers["yinse-generation-id"],
            "recording_id": caller.get(f"/v1/voices/{voice}/recordings").json()["items"][0]["id"],
            "version_id": caller.get(f"/v1/voices/{voice}/versions").json()["items"][0]["id"],
            "job_id": caller.get("/v1/jobs").json()["items"][0]["id"],
            "grant_id": caller.post(f"/v1/voices/{voice}/grants", json={"grantee_id": other}).json()["id"],
            "dictionary_id": caller.post("/v1/dictionaries", json=rules).json()["id"],
            "key_id": caller.post("/v1/keys", json={"name": "k", "scopes": ["speech"]}).json()["id"],
        }


def with_ids(app):
    for path, methods in app.openapi()["paths"].items():
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        for method in methods:
            if names and not set(names) & NOT_IDS:
                yield method.upper(), path, names


def test_a_foreign_id_is_not_found_on_any_route(house, app, voices):
    """N accounts x every route x every foreign id -> 404, generated from the routes themselves."""
    callers = [house.caller(name) for name in ("Ann", "Bob", "Cem")]
    owned = [Belongings(caller, voices).ids for caller in callers]
    tried = 0
    for method, path, names in with_ids(app):
        for index, caller in enumerate(callers):
            for other in range(len(callers)):
                if other == index:
                    continue
                foreign = [{name: owned[other][name] for name in names}]
                if len(names) == 2:
                    foreign.append({names[0]: owned[index][names[0]], names[1]: owned[other][names[1]]})
                for ids in foreign:
                    answer = caller.request(method, path.format(**ids), **BODIES.get(f"{method} {path}", {}))
                    assert answer.status_code == 404, (method, path, answer.status_code, answer.text[:200])
                    tried += 1
    assert tried > 200
    for caller, ids in zip(callers, owned, strict=True):
        assert caller.get(f"/v1/voices/{ids['voice_id']}").json()["state"] == "ready"
        assert caller.get(f"/v1/history/{ids['generation_id']}").status_code == 200


@pytest.mark.parametrize("field", ["voice", "version", "parent_id"])
def test_foreign_ids_in_bodies_are_not_found(house, voices, field):
    ann, bob = house.caller("Ann"), house.caller("Bob")
    mine, theirs = Belongings(ann, voices).ids, Belongings(bob, voices).ids
    names = {"voice": "voice_id", "version": "version_id", "parent_id": "generation_id"}
    order = {**SPEECH, "voice": mine["voice_id"], field: theirs[names[field]]}
    for path in ("/v1/speech", "/v1/speech/timestamps", "/v1/speech/jobs"):
        assert ann.post(path, json=order).status_code == 404
