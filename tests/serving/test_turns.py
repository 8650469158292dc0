"""Who computes next, in microseconds and without a model."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from yinse.serving.turns import LATEST, PATIENCE, PROMPT, Pace, Turns


def spoken(begun, *seconds):
    """How far an utterance is whose pieces were all ready at one moment."""
    pace = Pace(asked=begun - 0.1)
    for one in seconds:
        pace.sounded(begun, one)
    return pace


def first(now, *paces):
    """Who goes first at a moment."""
    return min(paces, key=lambda pace: pace.due(now))


def test_a_piece_is_due_when_everything_that_was_made_has_been_heard():
    assert spoken(10.5, 0.4, 1.0).due(11.0) == 10.5 + 1.4


def test_whoever_has_sound_in_hand_lets_a_first_sound_go_before():
    new = Pace(asked=11.0)
    assert first(11.0, spoken(10.9, 0.5), new) is new


def test_whoever_is_about_to_run_dry_goes_before_a_first_sound_that_is_not_due_yet():
    """An utterance that has just begun has a tenth of a second in hand, and would stop in the middle."""
    begun = spoken(11.0, 0.11)
    assert first(11.0, Pace(asked=11.0), begun) is begun


def test_a_first_sound_comes_however_late_everybody_else_is():
    new = Pace(asked=100.0)
    late = [spoken(start, 0.2) for start in (10.0, 50.0, 99.0)]
    assert first(100.0 + PROMPT + LATEST + 0.01, new, *late) is new


def test_work_nobody_hears_lets_everybody_go_first_and_takes_a_step_in_its_time():
    job = Pace(asked=0.0, patient=True)
    assert first(1.0, job, spoken(0.0, 20.0)) is not job
    assert first(PATIENCE + 1, job, Pace(asked=PATIENCE + 1)) is job
    job.sounded(PATIENCE + 1, 0.6)  # and then waits again, instead of silencing everybody to its end
    assert first(PATIENCE + 2, job, spoken(0.0, PATIENCE + 5)) is not job


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
