"""The live coach: what is measured here and now, and who speaks, which others know and tell when they can."""

import asyncio
import json

import numpy as np
import pytest

from yinse.contracts.errors import InvalidInput
from yinse.contracts.refusals import BackendFailed
from yinse.engine.audio.decode import decode
from yinse.engine.audio.resample import resample
from yinse.serving import coach as coaching
from yinse.serving.coach import LocalCoach
from yinse.serving.pcm import pcm_of, samples_of

RATE = 24000
BLOCK = round(0.1 * RATE) * 2


class Ear:
    """Knows two people: the loud one and the quiet one. Answers when it is `free`, fails while it is `broken`."""

    def __init__(self):
        self.free, self.broken = asyncio.Event(), False
        self.free.set()
        self.asked, self.left, self.answered = [], False, 0

    async def embed(self, stretches):
        self.asked.append(len(stretches))
        try:
            await self.free.wait()
        except asyncio.CancelledError:
            self.left = True
            raise
        if self.broken:
            raise BackendFailed("The engine ended.")
        self.answered += len(stretches)
        return [np.eye(2)[int(np.abs(samples_of(one)).max() > 0.35)].tolist() for one in stretches]


def opened(ear, rate=RATE):
    return LocalCoach(lambda language: (language,), ear.embed).open(rate, "zh")


async def fed(session, pcm, block=BLOCK):
    """Feed all of it, give everybody else a turn after each block, and return the report after each half second."""
    reports = []
    for number, start in enumerate(range(0, len(pcm), block), 1):
        await session.feed(pcm[start : start + block])
        await asyncio.sleep(0)
        if number % 5 == 0:
            reports.append(await session.report())
    return reports


def other_speaker(report):
    return next(check for check in report["checks"] if check["id"] == "other_speaker")


@pytest.fixture(scope="module")
def person(reading):
    """Eighteen seconds of one person."""
    return resample(decode(reading), RATE).samples[: 18 * RATE]


@pytest.fixture(scope="module")
def people(person):
    """The same, the last six seconds of it by somebody quieter."""
    return pcm_of(np.concatenate([person[: 12 * RATE], 0.3 * person[12 * RATE :]]))


def noise(seconds, level=0.01):
    drawn = np.random.default_rng(1).standard_normal(round(seconds * RATE)) * level
    return (np.clip(drawn, -1, 1) * 32767).astype("<i2").tobytes()


def test_it_hears_and_advises_in_three_languages():
    async def run():
        session = opened(Ear())
        await fed(session, noise(1.0))
        return await session.finish()

    report = asyncio.run(run())
    assert json.loads(json.dumps(report)) == report
    assert report["seconds"] == pytest.approx(1.0, abs=0.1)
    assert not report["can_clone"]
    advice = [check["advice"] for check in report["checks"] if check["advice"]]
    assert advice
    assert all(set(one) == {"zh", "en", "ja"} for one in advice)


def test_it_gives_the_sentences_it_was_given_and_knows_its_languages():
    coach = LocalCoach(lambda language: (language,), Ear().embed)
    assert coach.sentences("ja") == ("ja",)
    with pytest.raises(InvalidInput):
        coach.open(RATE, "fr")


def test_a_second_person_is_told_while_the_recording_goes_on(people):
    async def run():
        session = opened(Ear())
        return [*await fed(session, people), await session.finish()]

    reports = asyncio.run(run())
    noticed = [number for number, report in enumerate(reports) if (other_speaker(report)["value"] or 0) > 0]
    assert 12.0 < noticed[0] / 2 < 17.0, "seconds into the take, in which the second begins after twelve"
    assert noticed == list(range(noticed[0], len(reports))), "and it stays so"
    check = other_speaker(reports[-1])
    assert check["status"] == "fail"
    assert check["spans"][0]["start"] == pytest.approx(12.0, abs=1.5)
    assert set(check["advice"]) == {"zh", "en", "ja"}
    assert not reports[-1]["can_clone"]


def test_one_person_is_one_person(person):
    async def run():
        session = opened(Ear())
        await fed(session, pcm_of(person))
        return await session.finish()

    assert other_speaker(asyncio.run(run()))["value"] == 0.0


def test_no_report_waits_for_who_speaks(people):
    async def run():
        ear = Ear()
        session = opened(ear)
        ear.free.clear()
        async with asyncio.timeout(60):
            before = await fed(session, people)
        ear.free.set()
        after = await session.finish()
        return before, after

    before, after = asyncio.run(run())
    assert all(other_speaker(report)["value"] is None for report in before)
    assert next(check for check in before[-1]["checks"] if check["id"] == "snr")["value"] is not None
    assert other_speaker(after)["status"] == "fail", "the last report waits for a moment"


def test_the_last_report_does_not_wait_for_ever(people, monkeypatch):
    monkeypatch.setattr(coaching, "_PATIENCE", 0.05)

    async def run():
        ear = Ear()
        session = opened(ear)
        ear.free.clear()
        await fed(session, people)
        async with asyncio.timeout(60):
            report = await session.finish()
        await session.close()
        return report, ear.left

    report, left = asyncio.run(run())
    assert other_speaker(report)["value"] is None
    assert left, "who leaves asks no more"


def test_models_load_before_anybody_has_spoken():
    async def run():
        ear = Ear()
        session = opened(ear)
        await fed(session, noise(0.3))
        return ear.asked

    assert asyncio.run(run()) == [0]


def test_an_engine_that_dies_is_asked_again_and_nothing_is_lost(people, caplog):
    async def run(breaks):
        ear = Ear()
        session = opened(ear)
        ear.broken = breaks
        half = len(people) // 2
        first = await fed(session, people[:half])
        ear.broken = False
        await fed(session, people[half:])
        return first, await session.finish(), ear.answered

    *_, all_of_them = asyncio.run(run(breaks=False))
    first, last, answered = asyncio.run(run(breaks=True))
    assert all(other_speaker(report)["value"] is None for report in first)
    assert other_speaker(last)["status"] == "fail"
    assert answered == all_of_them
    assert [record.message for record in caplog.records].count("a coach cannot ask who speaks") == 1


def test_a_slow_engine_is_not_left_with_more_than_it_can_hold(people, monkeypatch):
    monkeypatch.setattr(coaching, "_MOST_WAITING", 3)

    async def run():
        ear = Ear()
        session = opened(ear)
        ear.free.clear()
        await fed(session, people)
        ear.free.set()
        await session.finish()
        return ear.asked

    assert asyncio.run(run()) == [0, 3]


def test_messages_may_end_in_the_middle_of_a_sample(people):
    async def run(block):
        session = opened(Ear())
        await fed(session, people[: 4 * 2 * RATE], block)
        return await session.report()

    whole, torn = asyncio.run(run(BLOCK)), asyncio.run(run(BLOCK + 1))
    levels = [next(c["value"] for c in one["checks"] if c["id"] == "level") for one in (whole, torn)]
    assert levels[0] == pytest.approx(levels[1], abs=0.1)
    assert torn["seconds"] == whole["seconds"]
