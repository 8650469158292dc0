"""Rate limits and concurrency limits, each answered with when to come back."""

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from limits import RateLimitItem, parse

from yinse.contracts.refusals import Throttled

_SWEEP_SECONDS = 60.0
"""How often those who have not come for a whole window are forgotten."""


class Throttle:
    """Counts per process, in windows that move with every hit. Behind several processes each grants its share."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._swept = clock, clock()
        self._parsed: dict[str, RateLimitItem] = {}
        self._hits: dict[tuple[str, ...], deque[float]] = {}
        self._held: Counter[tuple[str, str]] = Counter()

    async def hit(self, rate: str, *who: str) -> None:
        """Count one use of `rate` (like `10/minute`). Raises `Throttled`."""
        item, now = self._item(rate), self._clock()
        hits, seconds = self._hits.setdefault((rate, *who), deque()), item.get_expiry()
        while hits and hits[0] <= now - seconds:
            hits.popleft()
        if len(hits) >= item.amount:
            wait = math.ceil(hits[0] + seconds - now)
            raise Throttled(f"Too many requests: {rate} are allowed.", retry_after=wait)
        hits.append(now)
        if now - self._swept >= _SWEEP_SECONDS:
            self._sweep(now)

    def _item(self, rate: str) -> RateLimitItem:
        if rate not in self._parsed:
            self._parsed[rate] = parse(rate)
        return self._parsed[rate]

    def _sweep(self, now: float) -> None:
        self._swept = now
        for key, hits in list(self._hits.items()):
            if not hits or hits[-1] <= now - self._parsed[key[0]].get_expiry():
                del self._hits[key]

    @contextmanager
    def hold(self, what: str, account_id: str, most: int) -> Iterator[None]:
        """Hold one of `most` of an account's `what` (streams, open connections) for a while. Raises `Throttled`."""
        key = (what, account_id)
        if self._held[key] >= most:
            raise Throttled(f"{most} {what} of yours are open already; wait for one to end.", retry_after=1)
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]
