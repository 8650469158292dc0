"""A consent lets out what was made of the recordings it was compared with, and nothing else."""

from yinse.serving.fake import recording


def add(caller, voices, voice, pitch):
    """Add a recording; the job's verdict."""
    files = {"files": ("more.wav", recording(pitch, 2.0), "audio/wav")}
    job = caller.post(f"/v1/voices/{voice}/recordings", files=files).json()
    voices.work()
    return caller.get(f"/v1/jobs/{job['id']}").json()["result"]


def versions(caller, voice):
    return caller.get(f"/v1/voices/{voice}/versions").json()["items"]


def activate(caller, voice, version):
    assert caller.post(f"/v1/voices/{voice}/versions/{version['id']}/activate").is_success


def say(caller, voice):
    order = {"text": "你好。", "voice": voice, "format": "pcm"}
    answer = caller.post("/v1/speech", json=order)
    return answer.headers["yinse-generation-id"] if answer.is_success else answer.json()["code"]


def test_a_strangers_recording_does_not_slip_under_a_consent(ann, bob, voices):
    voice, _ = voices.shared(ann, bob)
    assert not add(ann, voices, voice, 330)["accepted"]
    kept = ann.get(f"/v1/voices/{voice}").json()
    assert kept["state"] == "ready"
    assert "not of the speaker who consented" in kept["reason"]
    assert len(versions(ann, voice)) == 1
    job = ann.post(f"/v1/voices/{voice}/adapt", json={}).json()
    voices.work()
    assert ann.get(f"/v1/jobs/{job['id']}").json()["error"]["code"] == "another_speaker"
    assert ann.get(f"/v1/voices/{voice}").json()["state"] == "ready"
    assert say(bob, voice).startswith("gen_")


def test_a_consent_to_ones_own_recordings_does_not_cover_a_strangers_version(house, ann, bob, voices):
    voice = voices.ready(ann, pitch=330)
    spoken = say(ann, voice)
    (stranger,) = ann.get(f"/v1/voices/{voice}/recordings").json()["items"]
    ann.delete(f"/v1/voices/{voice}/recordings/{stranger['id']}")
    assert add(ann, voices, voice, 220)["accepted"]
    assert voices.consent(ann, voice).json()["accepted"]
    ann.post(f"/v1/voices/{voice}/grants", json={"grantee_id": bob.account_id})
    own, foreign = versions(ann, voice)
    assert foreign["state"] == "active"
    assert say(bob, voice) == "consent_required"
    activate(ann, voice, own)
    assert say(bob, voice).startswith("gen_")
    activate(ann, voice, foreign)
    assert say(bob, voice) == "consent_required"
    assert ann.post(f"/v1/history/{spoken}/link", json={}).json()["code"] == "consent_required"


def test_further_recordings_of_the_speaker_are_covered(ann, bob, voices):
    voice, _ = voices.shared(ann, bob)
    assert add(ann, voices, voice, 221)["accepted"]
    activate(ann, voice, versions(ann, voice)[0])
    assert say(bob, voice).startswith("gen_")
    ann.post(f"/v1/voices/{voice}/adapt", json={})
    voices.work()
    activate(ann, voice, versions(ann, voice)[0])
    assert say(bob, voice).startswith("gen_")


def test_a_grantee_does_not_reach_versions_that_are_not_covered(ann, bob, voices):
    voice = voices.ready(ann, pitch=330)
    (stranger,) = ann.get(f"/v1/voices/{voice}/recordings").json()["items"]
    ann.delete(f"/v1/voices/{voice}/recordings/{stranger['id']}")
    add(ann, voices, voice, 220)
    own, foreign = versions(ann, voice)
    activate(ann, voice, own)
    assert voices.consent(ann, voice).json()["accepted"]
    ann.post(f"/v1/voices/{voice}/grants", json={"grantee_id": bob.account_id})
    order = {"text": "你好。", "voice": voice, "format": "pcm"}
    assert bob.post("/v1/speech", json=order).is_success
    assert (
        bob.post("/v1/speech", json=order | {"version": foreign["id"]}).json()["code"] == "consent_required"
    )


def test_links_of_a_grantee_end_with_the_grant(house, ann, bob, voices):
    voice, grant = voices.shared(ann, bob)
    spoken = say(bob, voice)
    link = bob.post(f"/v1/history/{spoken}/link", json={}).json()["url"].removeprefix("http://127.0.0.1:8700")
    assert house.client.get(link).status_code == 200
    ann.delete(f"/v1/grants/{grant}")
    assert house.client.get(link).status_code == 404
    assert bob.post(f"/v1/history/{spoken}/link", json={}).status_code == 404
    assert bob.get(f"/v1/history/{spoken}/audio").status_code == 200
