"""Who computes next, in microseconds and without a model."""

import asyncio
import heapq

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


class Listener:
    """Somebody who asks, hears everything as it is played, and asks again: in seconds that pass only in this test."""

    FIRST, LATER = (0.105, 0.11), (0.055, 0.64)
    """Seconds a step takes with both cores busy, and seconds of sound it makes, as measured of the third set of weights."""

    def __init__(self, number):
        self.number, self.firsts, self.dry = number, [], []

    def ask(self, now):
        count = 4 + (7 * self.number + len(self.firsts)) % 4
        self.steps, self.pace, self.heard_until = [self.FIRST] + [self.LATER] * count, Pace(now), None
        return self

    def sound(self, now, seconds):
        self.pace.sounded(now, seconds)
        if self.heard_until is None:
            self.firsts.append(now - self.pace.asked)
            self.dry.append(0.0)
        else:
            self.dry[-1] += max(0.0, now - self.heard_until)
        self.heard_until = max(now, self.heard_until or now) + seconds


def listened(count, rounds):
    """So many listeners at one process that computes one step at a time: how long they waited first, and in the middle."""
    listeners = [Listener(number) for number in range(count)]
    asking = [(number / count * 3.0, number) for number in range(count)]
    heapq.heapify(asking)
    now, waiting = 0.0, []
    while asking or waiting:
        if not waiting:
            now = max(now, asking[0][0])
        while asking and asking[0][0] <= now:
            one = listeners[heapq.heappop(asking)[1]].ask(now)
            heapq.heappush(waiting, (one.pace.due(now), one.number))
        one = listeners[heapq.heappop(waiting)[1]]
        taken, seconds = one.steps.pop(0)
        now += taken
        one.sound(now, seconds)
        if one.steps:
            heapq.heappush(waiting, (one.pace.due(now), one.number))
        elif len(one.firsts) < rounds:
            heapq.heappush(asking, (one.heard_until, one.number))
    firsts = sorted(first for one in listeners for first in one.firsts)
    return firsts, [dry for one in listeners for dry in one.dry]


def test_eight_listeners_a_core_hear_the_first_sound_soon_and_never_run_dry():
    firsts, dry = listened(8, rounds=40)
    assert firsts[len(firsts) // 2] < 0.25
    assert firsts[-1] < 2 * PROMPT
    assert sum(seconds > 0.05 for seconds in dry) == 0


def test_twice_as_many_as_a_core_bears_still_hear_their_first_sound():
    firsts, dry = listened(20, rounds=10)
    assert firsts[-1] < 4 * (PROMPT + LATEST)
    assert max(dry) > 1  # there is nothing to be done about that


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
