"""Rate limits and concurrency limits, each answered with when to come back."""

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from yinse.contracts.refusals import Throttled


class Throttle:
    """Counts per process. Behind several processes each grants its share."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._parsed: dict[str, RateLimitItem] = {}
        self._held: Counter[tuple[str, str]] = Counter()

    async def hit(self, rate: str, *who: str) -> None:
        """Count one use of `rate` (like `10/minute`). Raises `Throttled`."""
        item = self._parsed.setdefault(rate, parse(rate))
        if not await self._limiter.hit(item, *who):
            stats = await self._limiter.get_window_stats(item, *who)
            wait = math.ceil(stats.reset_time - time.time())
            raise Throttled(f"Too many requests: {rate} are allowed.", retry_after=wait)

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
