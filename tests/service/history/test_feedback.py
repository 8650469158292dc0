"""From ratings to numbers, to advice, to another reference that is compared before it replaces anything."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from yinse.service.history import tally
from yinse.service.history.feedback import Standing, by_version, suggestions, weeks
from yinse.service.history.reselection import reading_language
from yinse.service.history.retention import forget_old
from yinse.service.history.tables import GenerationRow
from yinse.service.history.tally import counted
from yinse.service.voices.tables import VoiceRow
from yinse.serving.fake import pitch_of, recording

GOOD = Standing(
    "ver_1",
    "good",
    None,
    (),
    ("读一。", "读二。"),
    candidate=False,
    reselecting=False,
    reselected=False,
    adapted=False,
)


def rated(*stars, version="ver_1", week=47, thumb=None):
    at = datetime.fromisocalendar(2026, week, 1).replace(tzinfo=UTC)
    return [
        GenerationRow(version_id=version, rating=star, thumb=thumb, score=0.5, created_at=at)
        for star in stars
    ]


def actions(rows, voice):
    return [suggestion.action for suggestion in suggestions(rows, voice)]


def test_advice_goes_from_what_is_quick_to_what_is_long():
    bad = rated(1, 2, 2, 3, 2)
    assert actions(bad[:4], GOOD) == ["collect"]
    assert actions(bad, replace(GOOD, candidate=True)) == ["compare"]
    assert actions(bad, replace(GOOD, reselecting=True)) == ["wait"]
    assert actions(bad, GOOD) == ["reselect"]
    assert actions(bad, replace(GOOD, reselected=True)) == ["adapt"]
    assert actions(bad, replace(GOOD, reselected=True, adapted=True)) == ["rerecord"]
    assert actions(rated(3, 3, 3, 3, 3), replace(GOOD, reselected=True, adapted=True)) == []
    assert actions(rated(4, 5, 4, 4, 5), GOOD) == []


def test_ratings_of_a_version_that_no_longer_speaks_do_not_count():
    rows = rated(1, 1, 1, 1, 1, version="ver_0") + rated(5, 5, 5, 5, 5)
    assert actions(rows, GOOD) == []
    assert actions(rows, replace(GOOD, version_id="ver_0")) == ["reselect"]


def test_thumbs_are_ratings_too():
    assert actions(rated(None, None, None, None, None, thumb=-1), GOOD) == ["reselect"]


def test_what_to_record_anew_is_named_with_its_reason():
    advice = {"zh": "安静些。", "en": "Quieter.", "ja": "静かに。"}
    noisy = {"score": 20, "checks": [{"id": "snr", "status": "fail", "advice": advice}]}
    fine = {"score": 90, "checks": [{"id": "snr", "status": "pass", "advice": None}]}
    voice = replace(
        GOOD, grade="poor", report={"recordings": [fine, noisy]}, recordings=("obj_fine", "obj_noisy")
    )
    (found,) = suggestions(rated(1, 2, 2, 3, 2), voice)
    assert (found.action, found.recordings, found.sentences) == (
        "rerecord",
        ["obj_noisy"],
        ["读一。", "读二。"],
    )
    assert [(one.check, one.advice) for one in found.because] == [("snr", advice)]
    changed = replace(voice, recordings=("obj_fine",))
    assert suggestions(rated(1, 2, 2, 3, 2), changed)[0].recordings == []


def test_numbers_are_kept_apart_by_week_and_by_version():
    rows = rated(1, 3, week=46, version="ver_0") + rated(5, None, week=47)
    assert [(week.week, week.mean_rating, week.rated) for week in weeks(counted(rows))] == [
        ("2026-W46", 2.0, 2),
        ("2026-W47", 5.0, 1),
    ]
    assert [(v.version_id, v.utterances, v.mean_rating) for v in by_version(counted(rows))] == [
        ("ver_0", 2, 2.0),
        ("ver_1", 2, 5.0),
    ]


def say(caller, voice, **order):
    order = {"text": "字" * 40, "voice": voice, "format": "pcm"} | order
    return caller.post("/v1/speech", json=order)


def rate(caller, voice, stars):
    generation = say(caller, voice).headers["yinse-generation-id"]
    return caller.put(f"/v1/history/{generation}/rating", json={"rating": stars})


def versions(caller, voice):
    return caller.get(f"/v1/voices/{voice}/versions").json()["items"]


def test_bad_ratings_lead_to_a_candidate_that_is_compared_chosen_and_undone(ann, voices):
    voice = voices.ready(ann)
    for stars in (2, 5, 1, 2, 1, 1):
        rate(ann, voice, stars)
    assert voices.work() == 1
    candidate, active = versions(ann, voice)
    assert (candidate["origin"], candidate["state"], active["state"]) == ("reference", "candidate", "active")
    assert candidate["likeness_after"] > candidate["likeness_before"]
    feedback = f"/v1/voices/{voice}/feedback"
    assert ann.get(feedback).json()["suggestions"][0]["action"] == "compare"

    before = pitch_of(say(ann, voice).content)
    assert pitch_of(say(ann, voice, version=candidate["id"]).content) == pytest.approx(before * 1.1, rel=0.02)
    assert pitch_of(say(ann, voice).content) == before
    ann.post(f"/v1/voices/{voice}/versions/{candidate['id']}/activate")
    assert pitch_of(say(ann, voice).content) > before
    assert ann.get(feedback).json()["suggestions"][0]["action"] == "collect"
    ann.post(f"/v1/voices/{voice}/versions/{active['id']}/activate")
    assert pitch_of(say(ann, voice).content) == before
    rate(ann, voice, 1)
    assert voices.work() == 0, "it was tried for this version"


def test_what_others_rate_is_counted_and_never_read(ann, bob, voices, monkeypatch):
    from yinse.serving.fake import FakeEnrolment

    spoken, original = [], FakeEnrolment.reselect

    async def watch(self, request):
        spoken.extend(request.texts)
        return await original(self, request)

    monkeypatch.setattr(FakeEnrolment, "reselect", watch)
    voice, _ = voices.shared(ann, bob)
    for _ in range(4):
        rate(bob, voice, 1)
    assert voices.work() == 0
    assert ann.get(f"/v1/voices/{voice}/feedback").json()["weeks"][0]["rated"] == 4
    job = ann.post(f"/v1/voices/{voice}/reselect").json()
    voices.work()
    assert ann.get(f"/v1/jobs/{job['id']}").json()["result"]["improved"]
    assert "字" * 40 not in spoken
    assert len(spoken) == 3, "the sentences of the coach"
    assert bob.post(f"/v1/voices/{voice}/reselect").status_code == 404


def test_only_a_ready_voice_is_tried_again(ann, voices):
    voice = voices.create(ann)
    assert ann.post(f"/v1/voices/{voice}/reselect").json()["code"] == "voice_pending"
    voices.work()
    ann.post(f"/v1/voices/{voice}/reselect")
    ann.delete(f"/v1/voices/{voice}")
    voices.work()
    assert ann.get("/v1/voices").json()["items"] == []


def test_recordings_of_a_voice_stay_what_they_are(ann, voices):
    voice = voices.ready(ann)
    ann.post(f"/v1/voices/{voice}/reselect")
    voices.work()
    (item,) = ann.get(f"/v1/voices/{voice}/recordings").json()["items"]
    audio = ann.get(f"/v1/voices/{voice}/recordings/{item['id']}/audio").content
    assert audio == recording(220.0, 2.0)


def test_a_candidate_that_is_no_better_is_dismissed_and_advice_goes_on(ann, bob, voices):
    voice = voices.ready(ann)
    for stars in (1, 1, 1, 2, 2):
        rate(ann, voice, stars)
    assert suggested(ann, voice) == ["wait"]
    voices.work()
    candidate, active = versions(ann, voice)
    path = f"/v1/voices/{voice}/versions"
    assert bob.post(f"{path}/{candidate['id']}/dismiss").status_code == 404
    assert ann.post(f"{path}/{active['id']}/dismiss").status_code == 409
    assert ann.post(f"{path}/{candidate['id']}/dismiss").json()["state"] == "retired"
    assert suggested(ann, voice) == ["adapt"]
    assert ann.post(f"{path}/{candidate['id']}/activate").json()["state"] == "active"


def test_asking_twice_is_asking_once(ann, voices):
    voice = voices.ready(ann)
    path = f"/v1/voices/{voice}/reselect"
    assert ann.post(path).json()["id"] == ann.post(path).json()["id"]
    assert voices.work() == 1


def test_further_recordings_make_a_candidate_too(ann, voices):
    voice = voices.ready(ann, pitch=220)
    before = pitch_of(say(ann, voice).content)
    files = {"files": ("more.wav", recording(330, 2.0), "audio/wav")}
    assert ann.post(f"/v1/voices/{voice}/recordings", files=files).status_code == 202
    voices.work()
    candidate, active = versions(ann, voice)
    assert (candidate["state"], candidate["origin"], active["state"]) == ("candidate", "enrolment", "active")
    assert pitch_of(say(ann, voice).content) == before
    assert pitch_of(say(ann, voice, version=candidate["id"]).content) > before
    assert suggested(ann, voice) == ["compare"]


def test_sentences_are_in_the_language_that_is_read():
    def row(language):
        return GenerationRow(controls={"language": language})

    voice = VoiceRow(language="auto")
    assert reading_language(voice, ()) == "zh"
    assert reading_language(voice, [row("auto"), row("ja"), row("en"), row("ja")]) == "ja"
    assert reading_language(VoiceRow(language="en"), [row("ja")]) == "en"


def suggested(caller, voice):
    return [one["action"] for one in caller.get(f"/v1/voices/{voice}/feedback").json()["suggestions"]]


def test_numbers_outlive_the_utterances_they_count(house, ann, voices, clock):
    voice, path = voices.ready(ann), "/v1/voices/{}/feedback"
    for stars in (1, 4):
        rate(ann, voice, stars)
    before = ann.get(path.format(voice)).json()
    clock.forward(days=house.ports.options.history_days + 1)
    for _ in range(2):
        assert not house.run(forget_old, house.ports)
    assert ann.get("/v1/history").json()["items"] == []
    after = ann.get(path.format(voice)).json()
    assert (after["weeks"], after["versions"]) == (before["weeks"], before["versions"])
    rate(ann, voice, 4)
    clock.forward(days=house.ports.options.history_days + 1)
    house.run(forget_old, house.ports)
    first, second = ann.get(path.format(voice)).json()["weeks"]
    assert (first["mean_rating"], first["rated"], second["mean_rating"], second["rated"]) == (2.5, 2, 4.0, 1)
    voices.work()
    assert not [file for file in (house.home / "objects").rglob("obj_gen_*")]
    ann.delete(f"/v1/voices/{voice}")
    assert house.run(kept, house, voice) == {}


async def kept(house, voice):
    async with house.ports.database.transaction(write=False) as session:
        return await tally.kept(session, voice)
