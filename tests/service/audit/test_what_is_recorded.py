"""What an operator asks afterwards: who was let in or not, who acted for whom, what left, what was taken back or destroyed."""

import pytest
from sqlalchemy import select

from service.conftest import upload
from yinse.service.accounts.tables import AccountRow
from yinse.service.audit.tables import AuditRow
from yinse.service.compat.openai import endpoints as openai
from yinse.service.principal import Scope
from yinse.service.voices.tables import VoiceRow
from yinse.serving.fake import recording

ANN = {"email": "ann@example.org", "password": "long enough password"}


def recorded(house, *actions):
    """Events of these actions, in their order."""

    async def read():
        async with house.ports.database.transaction(write=False) as session:
            rows = select(AuditRow).where(AuditRow.action.in_(actions)).order_by(AuditRow.number)
            return (await session.scalars(rows)).all()

    return house.run(read)


@pytest.fixture
def signed_up(house):
    return house.client.post("/v1/accounts", json={**ANN, "display_name": "Ann"}).json()["id"]


def test_who_was_not_let_in_is_recorded_without_the_address(house, signed_up):
    for tried in ({"password": "a wrong password"}, {"email": "eve@example.org"}):
        assert house.client.post("/v1/sessions", json=ANN | tried).status_code == 401
    events = recorded(house, "session.refused", "session.opened")
    assert [(event.account_id, event.subject) for event in events] == [
        (signed_up, signed_up),
        (None, "unknown"),
    ]
    assert {(event.action, event.actor, str(event.details)) for event in events} == {
        ("session.refused", "anonymous", "{}")
    }


def test_a_suspended_account_that_knows_its_password_is_recorded(house, signed_up):
    async def suspend():
        async with house.ports.database.transaction() as session:
            (await session.get_one(AccountRow, signed_up)).suspended_at = house.clock.now

    house.run(suspend)
    assert house.client.post("/v1/sessions", json=ANN).status_code == 401
    assert [event.account_id for event in recorded(house, "session.refused")] == [signed_up]


def test_whoever_is_throttled_adds_nothing_more(house, signed_up):
    wrong = ANN | {"password": "a wrong password"}
    answers = [house.client.post("/v1/sessions", json=wrong).status_code for _ in range(15)]
    assert answers.count(429) > 0
    assert len(recorded(house, "session.refused")) == answers.count(401)


def test_a_wrong_password_of_somebody_signed_in_is_recorded(house, signed_up):
    opened = house.client.post("/v1/sessions", json=ANN).json()["token"]
    house.client.cookies.clear()
    change = {"current": "a wrong password", "new": "another long password"}
    mine = {"Authorization": f"Bearer {opened}"}
    assert house.client.post("/v1/me/password", json=change, headers=mine).status_code == 401
    (refused,) = recorded(house, "account.password_refused")
    (session,) = recorded(house, "session.opened")
    assert (refused.account_id, refused.actor) == (signed_up, session.subject)


def test_who_acts_for_a_member_is_recorded_beside_the_member(house, voices):
    platform = house.caller("Platform", scopes=set(Scope) - {Scope.OPERATOR})
    member = platform.put("/v1/members/user-7", json={"display_name": "Seven"}).json()["id"]
    (key,) = platform.get("/v1/keys").json()["items"]
    platform.headers = {"Yinse-On-Behalf-Of": "user-7"}
    voice = voices.ready(platform)
    platform.post("/v1/speech", json={"text": "你好", "voice": voice})
    platform.delete(f"/v1/voices/{voice}")
    events = recorded(house, "voice.created", "speech.spoken", "voice.deleted")
    assert [(event.account_id, event.actor) for event in events] == [(member, key["id"])] * 3


def test_what_a_grant_allows_is_recorded(house, ann, bob, voices):
    terms = {"scopes": ["synthesis"], "character_quota": 500}
    voice, _ = voices.shared(ann, bob, **terms)
    (given,) = recorded(house, "grant.given")
    expected = {**terms, "voice_id": voice, "grantee_id": bob.account_id, "expires_at": None}
    assert given.details == expected
    (attempted,) = recorded(house, "consent.attempted")
    expected = {"voice_id": voice, "accepted": True, "scopes": ["share", "synthesis"]}
    assert attempted.details == expected


def test_a_consent_that_a_job_compares_is_recorded(house, ann, voices, monkeypatch):
    async def made(ports, voice_id, job_id):
        async with ports.database.transaction(write=False) as session:
            return await session.get_one(VoiceRow, voice_id)

    monkeypatch.setattr(openai, "until_made", made)
    words = "I am the owner of this voice and I consent to Yinse creating a synthetic voice model of it."
    said = {"recording": ("c.wav", recording(300, 3, said=words), "audio/wav")}
    form = {"name": "Ann", "language": "en"}
    consent = ann.post("/v1/audio/voice_consents", data=form, files=said).json()["id"]
    sample = {"audio_sample": ("s.wav", recording(300, 3), "audio/wav")}
    voice = ann.post("/v1/audio/voices", data={"name": "ann", "consent": consent}, files=sample).json()["id"]
    assert recorded(house, "consent.attempted") == []
    voices.work()
    (event,) = recorded(house, "consent.attempted")
    assert (event.account_id, event.subject) == (ann.account_id, consent)
    assert event.actor.startswith("job_")
    assert event.details == {"voice_id": voice, "accepted": True, "scopes": ["synthesis"]}


def test_what_goes_into_a_voice_and_out_of_the_account_is_recorded(house, ann, voices):
    voice = voices.ready(ann)
    voices.consent(ann, voice)
    spoken = ann.post("/v1/speech", json={"text": "你好", "voice": voice}).headers["yinse-generation-id"]
    link = ann.post(f"/v1/history/{spoken}/link", json={"seconds": 60}).json()
    ann.post(f"/v1/voices/{voice}/recordings", files=upload(221, 222))
    ann.delete(f"/v1/history/{spoken}")
    events = recorded(house, "link.created", "recordings.added", "generation.deleted")
    assert [(event.action, event.subject) for event in events] == [
        ("link.created", spoken),
        ("recordings.added", voice),
        ("generation.deleted", spoken),
    ]
    assert link["url"].rpartition("/")[2] not in str(events[0].details)
    assert events[1].details == {"recordings": 2}


def test_that_the_ciphertext_of_a_deleted_voice_is_gone_is_recorded_once_it_is(house, ann, voices):
    voice = voices.ready(ann)
    count = ann.delete(f"/v1/voices/{voice}").json()["statement"]["object_count"]
    assert recorded(house, "voice.purged") == []
    voices.work()
    (purged,) = recorded(house, "voice.purged")
    assert (purged.account_id, purged.subject) == (ann.account_id, voice)
    assert purged.details == {"objects": count}
