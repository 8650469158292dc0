import json
import time
from datetime import UTC, datetime

import pytest

from yinse.service.consents import phrases
from yinse.serving.fake import recording
from yinse.vault.receipts import verify


def test_a_consent_holds_words_and_speaker(house, ann, voices):
    voice_id = voices.ready(ann)
    consent = voices.consent(ann, voice_id).json()
    assert consent["accepted"]
    assert (consent["edit_distance"], consent["chance"]) == (0.0, 0.0)
    assert consent["similarity"] == pytest.approx(1.0)
    assert consent["scopes"] == ["share", "synthesis"]


def test_the_sentence_names_the_day_where_it_is_read(house, ann, monkeypatch):
    house.clock.now = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    for zone, day in (("Asia/Shanghai", "11月21日"), ("UTC", "11月20日")):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        asked = ann.post("/v1/consents/challenges", json={"language": "zh"}).json()
        assert f"今天是{day}" in asked["phrase"]
    monkeypatch.undo()
    time.tzset()


def test_the_record_is_signed(house, ann, voices):
    from yinse.service.consents.tables import ConsentRow

    consent = voices.consent(ann, voices.ready(ann)).json()

    async def fetch():
        async with house.ports.database.transaction(write=False) as session:
            return await session.get_one(ConsentRow, consent["id"])

    row = house.run(fetch)
    public = house.client.get("/v1/receipts/key").json()["public_key"]
    assert verify(row.record, row.signature, public)
    assert not verify({**row.record, "scopes": ["commercial"]}, row.signature, public)


@pytest.mark.parametrize(
    ("pitch", "said", "doubt"), [(220, "something else", "sentence"), (300, None, "speaker")]
)
def test_other_words_or_another_speaker_are_refused_and_kept_as_evidence(ann, voices, pitch, said, doubt):
    voice_id = voices.ready(ann)
    answer = voices.consent(ann, voice_id, pitch=pitch, said=said)
    assert answer.status_code == 201
    assert not answer.json()["accepted"]
    assert answer.json()["doubts"] == [doubt]
    assert len(answer.json()["reasons"]) == 1
    assert answer.json()["signature"] is None
    assert len(ann.get("/v1/consents").json()["items"]) == 1


def test_a_sentence_serves_once_and_ten_minutes(house, ann, voices):
    voice_id = voices.ready(ann)
    asked = ann.post("/v1/consents/challenges", json={"language": "en"}).json()
    audio = {"recording": ("c.wav", recording(220, 2, said=asked["phrase"]))}
    path = f"/v1/voices/{voice_id}/consents"
    assert ann.post(path, params={"challenge_id": asked["id"]}, files=audio).status_code == 201
    again = ann.post(path, params={"challenge_id": asked["id"]}, files=audio)
    assert (again.status_code, again.json()["code"]) == (409, "challenge_spent")
    late = ann.post("/v1/consents/challenges", json={"language": "en"}).json()
    house.clock.forward(minutes=11)
    assert ann.post(path, params={"challenge_id": late["id"]}, files=audio).status_code == 409


def test_sentences_differ_and_name_platform_and_day():
    from datetime import date

    today = date(2026, 11, 23)
    for language, words in (("zh", "11月23日"), ("en", "November 23"), ("ja", "11月23日")):
        drawn = {phrases.challenge(language, "Yinse", today) for _ in range(20)}
        assert len(drawn) > 15
        assert all("Yinse" in sentence and words in sentence for sentence in drawn)
        parts = [phrases.parts_of(sentence, language) for sentence in drawn]
        assert len({part.nonce for part in parts}) == len(drawn)
        assert all(len(set(part.nonce)) == 6 and set(part.nonce) <= set(part.pool) for part in parts)
        assert len({part.lead for part in parts}) == 1
        assert phrases.parts_of(phrases.fixed(language, "Yinse"), language).nonce == ()


def test_the_service_does_not_read_consents_aloud(house, ann, voices):
    from datetime import date

    voice_id, path = voices.ready(ann), "/v1/speech"
    for language in ("zh", "en", "ja"):
        for sentence in (
            phrases.challenge(language, "Yinse", date(2026, 11, 23)),
            phrases.fixed(language, "Yinse"),
        ):
            disguised = " ".join(sentence.upper()).replace("，", "……")
            for text, before in ((sentence, ""), (disguised, ""), (sentence[-30:], sentence[:-30])):
                order = {"text": text, "previous_text": before, "voice": voice_id}
                answer = ann.post(path, json=order)
                assert (answer.status_code, answer.json()["code"]) == (422, "consent_sentence"), text
    assert ann.post(path, json={"text": "我同意。这是我的声音。", "voice": voice_id}).status_code == 200


def test_the_words_are_many_and_distinct():
    for language in ("zh", "en", "ja"):
        pool = phrases.WORDS[language]
        assert len(pool) == len(set(pool)) == 64, (language, len(pool))


def test_without_consent_a_voice_does_not_leave_its_account(ann, bob, voices):
    voice_id = voices.ready(ann)
    body = {"grantee_id": bob.account_id}
    answer = ann.post(f"/v1/voices/{voice_id}/grants", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_required")
    voices.consent(ann, voice_id, scopes=["synthesis"])
    assert ann.post(f"/v1/voices/{voice_id}/grants", json=body).status_code == 403
    voices.consent(ann, voice_id, scopes=["synthesis", "share"])
    assert ann.post(f"/v1/voices/{voice_id}/grants", json=body).status_code == 201


def test_a_shared_voice_is_seen_without_its_report(ann, bob, voices):
    voice_id, _ = voices.shared(ann, bob)
    seen = bob.get(f"/v1/voices/{voice_id}").json()
    assert (seen["owned"], seen["report"]) == (False, None)
    assert [voice["id"] for voice in bob.get("/v1/voices").json()["items"]] == [voice_id]
    assert [grant["voice_id"] for grant in bob.get("/v1/grants").json()["items"]] == [voice_id]
    for method, path in (
        ("PATCH", f"/v1/voices/{voice_id}"),
        ("DELETE", f"/v1/voices/{voice_id}"),
        ("GET", f"/v1/voices/{voice_id}/recordings"),
        ("GET", f"/v1/voices/{voice_id}/grants"),
    ):
        assert bob.request(method, path, json={} if method == "PATCH" else None).status_code == 404


def test_a_grant_is_for_what_it_says_and_nothing_else(house, ann, bob, voices):
    voice_id = voices.ready(ann)
    assert voices.consent(ann, voice_id, scopes=["synthesis", "share", "live"]).json()["accepted"]
    order = {"text": "你好", "voice": voice_id, "format": "pcm"}

    def live():
        with house.client.websocket_connect("/v1/speech/live", headers=bob_headers) as socket:
            socket.send_json({"type": "start", "voice": voice_id})
            socket.send_json({"type": "text", "text": "你好。"})
            socket.send_json({"type": "end"})
            message = socket.receive()
            return "audio" if message.get("bytes") else json.loads(message["text"])["problem"]["code"]

    def grant(scope):
        body = {"grantee_id": bob.account_id, "scopes": [scope]}
        return ann.post(f"/v1/voices/{voice_id}/grants", json=body).json()["id"]

    bob_headers = {"Authorization": f"Bearer {bob.key}"}
    first = grant("synthesis")
    assert (bob.post("/v1/speech", json=order).status_code, live()) == (200, "grant_scope")
    ann.delete(f"/v1/grants/{first}")
    grant("live")
    refused = bob.post("/v1/speech", json=order)
    assert (refused.status_code, refused.json()["code"], live()) == (403, "grant_scope", "audio")
    grant("synthesis")
    assert (bob.post("/v1/speech", json=order).status_code, live()) == (200, "audio")


def test_a_voice_that_is_shared_twice_is_listed_once(ann, bob, voices):
    voice, _ = voices.shared(ann, bob)
    again = {"grantee_id": bob.account_id, "character_quota": 100}
    assert ann.post(f"/v1/voices/{voice}/grants", json=again).status_code == 201
    assert [one["id"] for one in bob.get("/v1/voices").json()["items"]] == [voice]


def test_revoking_a_grant_ends_it(ann, bob, voices):
    voice_id, grant_id = voices.shared(ann, bob)
    assert ann.delete(f"/v1/grants/{grant_id}").status_code == 200
    assert bob.get(f"/v1/voices/{voice_id}").status_code == 404


def test_a_grant_expires(house, ann, bob, voices):
    until = house.clock.now.replace(hour=13).isoformat()
    voice_id, _ = voices.shared(ann, bob, expires_at=until)
    assert bob.get(f"/v1/voices/{voice_id}").status_code == 200
    house.clock.forward(hours=2)
    assert bob.get(f"/v1/voices/{voice_id}").status_code == 404


def test_withdrawing_consent_stops_the_voice_at_once(ann, bob, voices):
    voice_id, _ = voices.shared(ann, bob)
    consent = ann.get("/v1/consents").json()["items"][0]
    assert ann.post(f"/v1/consents/{consent['id']}/revoke").json()["revoked_at"]
    assert ann.get(f"/v1/voices/{voice_id}").json()["state"] == "revoked"
    assert bob.get(f"/v1/voices/{voice_id}").status_code == 404
    assert voices.consent(ann, voice_id).json()["accepted"]
    assert ann.get(f"/v1/voices/{voice_id}").json()["state"] == "ready"
    assert bob.get(f"/v1/voices/{voice_id}").status_code == 404


def test_a_consent_to_speak_alone_shares_no_voice_once_the_one_to_share_is_over(house, ann, bob, voices):
    voice = voices.ready(ann)
    assert voices.consent(ann, voice, days=1).json()["accepted"]
    given = ann.post(f"/v1/voices/{voice}/grants", json={"grantee_id": bob.account_id})
    assert voices.consent(ann, voice, scopes=["synthesis"], days=365).json()["accepted"]
    assert given.status_code == 201
    order = {"text": "你好", "voice": voice, "format": "pcm"}
    assert bob.post("/v1/speech", json=order).status_code == 200
    house.clock.forward(days=2)
    refused = bob.post("/v1/speech", json=order)
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_required")
    assert bob.get("/v1/voices").json()["items"] == []


def test_consent_expires_and_with_it_the_grant(house, ann, bob, voices):
    voice_id, _ = voices.shared(ann, bob)
    house.clock.forward(days=366)
    answer = bob.get(f"/v1/voices/{voice_id}")
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_required")
    assert bob.get("/v1/voices").json()["items"] == []
