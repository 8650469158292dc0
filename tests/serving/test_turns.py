"""Who computes next, in microseconds and without a model."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from yinse.serving.turns import HEAD_START, PATIENCE, Pace, Turns


def test_silence_comes_before_sound_and_work_nobody_hears_comes_last():
    begun = Pace(asked=10.0)
    begun.sounded(10.5, 0.4)
    begun.sounded(11.0, 1.0)
    new, job = Pace(asked=11.0), Pace(asked=9.0, patient=True)
    assert begun.due == 10.5 + 1.4
    assert sorted([begun, new, job], key=lambda pace: pace.due) == [new, begun, job]
    late = Pace(asked=begun.due + HEAD_START - 0.1)
    assert late.due < begun.due


def test_whoever_waits_too_long_goes_before_those_who_begin():
    starved = Pace(asked=0.0)
    starved.sounded(0.5, 0.4)
    assert starved.due < Pace(asked=0.9 + HEAD_START + 0.1).due
    assert Pace(0.0, patient=True).due < Pace(asked=PATIENCE + HEAD_START + 0.1).due


def test_work_nobody_hears_takes_a_step_in_its_time_and_then_waits_again():
    """Else it would silence everybody to its end once it had waited long enough."""
    job, listener = Pace(asked=0.0, patient=True), Pace(asked=PATIENCE)
    listener.sounded(PATIENCE, 1.0)
    assert job.due < listener.due
    job.sounded(PATIENCE + 1, 0.6)
    listener.sounded(PATIENCE + 1, 1.0)
    assert listener.due < job.due


def order_of(dues, at_once=1):
    """In which order steps with these deadlines run that all wait for the first to end."""

    async def run():
        turns, ran = Turns(at_once), []
        for _ in range(at_once):
            await turns.take(0.0)

        async def step(number, due):
            await turns.take(due)
            ran.append(number)
            turns.give()

        steps = [asyncio.create_task(step(number, due)) for number, due in enumerate(dues)]
        await asyncio.sleep(0)
        for _ in range(at_once):
            turns.give()
        await asyncio.gather(*steps)
        return ran, turns.waiting

    return asyncio.run(run())


@given(st.lists(st.floats(0, 100), max_size=20))
def test_the_earliest_deadline_goes_first_and_equal_ones_as_they_came(dues):
    ran, waiting = order_of(dues)
    assert ran == sorted(range(len(dues)), key=lambda number: (dues[number], number))
    assert waiting == 0


@given(st.integers(1, 4), st.lists(st.booleans(), max_size=12))
def test_no_turn_is_lost_or_doubled_whoever_gives_up(at_once, gives_up):
    async def run():
        turns, running, most = Turns(at_once), 0, 0
        for _ in range(at_once):
            await turns.take(0.0)

        async def step():
            nonlocal running, most
            await turns.take(0.0)
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            turns.give()

        steps = [asyncio.create_task(step()) for _ in gives_up]
        await asyncio.sleep(0)
        for _ in range(at_once):
            turns.give()
        for task, gone in zip(steps, gives_up, strict=True):  # some in the very moment that their turn came
            if gone:
                task.cancel()
        await asyncio.gather(*steps, return_exceptions=True)
        for _ in range(at_once):
            await asyncio.wait_for(turns.take(0.0), 1)
        return most

    assert asyncio.run(run()) <= at_once
