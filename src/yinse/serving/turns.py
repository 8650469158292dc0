"""Who computes next. Policy alone: numbers go in, turns come out, and no tensor is ever seen.

Every utterance is computed in steps, each a piece of sound. Steps of many utterances share few cores, so they are
given out by the earliest deadline (Liu and Layland 1973): the moment a listener will have heard all that was made.
"""

import asyncio
import heapq
from dataclasses import dataclass
from itertools import count

PROMPT = 0.3
"""Seconds within which a first sound is due. Sooner, it would go before listeners whose next piece is due this moment: their
speech would stop in the middle, which is noticed more than a first sound that comes a tenth of a second later."""
LATEST = 0.5
"""Seconds that lateness counts for. Whoever ran dry long ago is not more urgent than that, so that first sounds come however
much more is asked than can be spoken."""
PATIENCE = 30.0
"""Seconds that each step of work nobody is listening to lets everybody else go first."""


@dataclass(slots=True)
class Pace:
    """How far one utterance is: when it was asked for, when its first and its last sound was ready, seconds made."""

    asked: float
    patient: bool = False
    begun: float | None = None
    latest: float | None = None
    made: float = 0.0

    def sounded(self, now: float, seconds: float) -> None:
        """Note that more sound is ready."""
        self.begun = now if self.begun is None else self.begun
        self.latest = now
        self.made += seconds

    def due(self, now: float) -> float:
        """When the next piece should be ready, on the clock of all these moments."""
        if self.patient:
            return (self.asked if self.latest is None else self.latest) + PATIENCE
        if self.begun is None:
            return self.asked + PROMPT
        return max(self.begun + self.made, now - LATEST)


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
