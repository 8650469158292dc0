"""What runs beside the requests, without waiting for it: each turn is taken by hand."""

from datetime import timedelta

import pytest

from service.conftest import (  # noqa: F401 - fixtures
    ann,
    app,
    clock,
    house,
    limits,
    options,
    ports,
    voices,
)
from yinse.app.background import Evictions, keep_house
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow
from yinse.service.voices.tables import EvictionRow


@pytest.fixture
def forgotten(house, monkeypatch):  # noqa: F811
    told = []

    async def forget(voice_id):
        told.append(voice_id)

    monkeypatch.setattr(house.ports.speech, "forget", forget)
    return told


def evicted(house, *numbers):  # noqa: F811
    async def run():
        async with house.ports.database.transaction() as session:
            rows = [EvictionRow(number=n, voice_id=f"voice_{n}", at=house.clock.now) for n in numbers]
            session.add_all(rows)

    house.run(run)


def test_a_process_hears_of_what_comes_after_it_began_and_of_each_once(house, forgotten):  # noqa: F811
    evicted(house, 1, 2)
    evictions = Evictions(house.ports)
    house.run(evictions.skip)
    house.run(evictions.hear)
    assert forgotten == []
    evicted(house, 3)
    for _ in range(2):
        house.run(evictions.hear)
    assert forgotten == ["voice_3"]


def test_an_eviction_whose_transaction_was_slower_than_a_later_one_is_heard_too(house, forgotten):  # noqa: F811
    evicted(house, 10)
    evictions = Evictions(house.ports)
    house.run(evictions.skip)
    for number in (12, 11, 9):
        evicted(house, number)
        house.run(evictions.hear)
    assert forgotten == ["voice_12", "voice_11", "voice_9"]


def test_many_at_once_are_all_heard_and_numbers_may_begin_anew(house, forgotten):  # noqa: F811
    evictions = Evictions(house.ports)
    evicted(house, *range(1, 301))
    house.run(evictions.hear)
    assert len(forgotten) == 300
    house.clock.forward(days=2)
    house.run(keep_house, house.ports)
    for number in (1, 300):
        house.run(evictions.hear)
        evicted(house, number)
        house.run(evictions.hear)
    assert forgotten[300:] == ["voice_1", "voice_300"]


def test_jobs_that_ended_long_ago_are_forgotten_and_open_ones_are_not(house, ann):  # noqa: F811
    async def add():
        async with house.ports.database.transaction() as session:
            jobs = [
                queue.enqueue(session, house.clock.now, kind, ann.account_id, {})
                for kind in ("purge", "purge", "reselect")
            ]
            for job in jobs[1:]:
                queue.succeed(job, {}, house.clock.now)
        return [job.id for job in jobs]

    async def left():
        async with house.ports.database.transaction(write=False) as session:
            return [(await session.get(JobRow, job)) is not None for job in added]

    added = house.run(add)
    house.clock.now += timedelta(days=29)
    house.run(keep_house, house.ports)
    assert house.run(left) == [True, True, True]
    house.clock.now += timedelta(days=2)
    house.run(keep_house, house.ports)
    assert house.run(left) == [True, False, True]
