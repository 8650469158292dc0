"""Who computes next. Policy alone: numbers go in, turns come out, and no tensor is ever seen.

Every utterance is computed in steps, each a piece of sound. Steps of many utterances share few cores, so they are
given out by the earliest deadline (Liu and Layland 1973): the moment a listener will have heard all that was made.
"""

import asyncio
import heapq
from dataclasses import dataclass
from itertools import count

HEAD_START = 2.0
"""Seconds by which the first sound of an utterance goes before the next sound of another: silence is noticed most.
It is bounded, so that however many begin, none that speaks is silenced for good."""
PATIENCE = 30.0
"""Seconds that each step of work nobody is listening to lets everybody else go first."""


@dataclass(slots=True)
class Pace:
    """How far one utterance is: when it was asked for, its first and its last sound were ready (one clock), seconds made."""

    asked: float
    patient: bool = False
    begun: float | None = None
    latest: float | None = None
    made: float = 0.0

    def sounded(self, now: float, seconds: float) -> None:
        """Note that more sound is ready."""
        self.begun, self.latest = now if self.begun is None else self.begun, now
        self.made += seconds

    @property
    def due(self) -> float:
        """When the next piece should be ready."""
        if self.patient:
            return (self.asked if self.latest is None else self.latest) + PATIENCE
        if self.begun is None:
            return self.asked - HEAD_START
        return self.begun + self.made


class Turns:
    """Lets `at_once` steps compute together; of those that wait, the one that is due first goes first."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @property
    def waiting(self) -> int:
        """Steps that wait for a turn."""
        return sum(not place.done() for _, _, place in self._waiting)

    async def take(self, due: float) -> None:
        """Wait for a turn; it must be given back with `give`."""
        if self._free:
            self._free -= 1
            return
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (due, next(self._numbers), place))
        try:
            await place
        except asyncio.CancelledError:
            if (
                place.done() and not place.cancelled()
            ):  # the turn came in the very moment nobody wanted it any more
                self.give()
            raise

    def give(self) -> None:
        """Give a turn back, to whoever is due first."""
        while self._waiting:
            place = heapq.heappop(self._waiting)[2]
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
