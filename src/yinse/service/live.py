"""What is happening in this process right now: open streams by voice, and whether we are shutting down."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager

_HEARD = 10_000


class Live:
    """Open streams, so that deleting or revoking a voice stops them, and shutting down waits for them."""

    def __init__(self) -> None:
        self._streams: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._idle = asyncio.Event()
        self._idle.set()
        self._heard: OrderedDict[tuple[str, int], None] = OrderedDict()
        self.closing = asyncio.Event()
        """Set once the process is asked to end: no new speech, no further jobs."""

    @contextmanager
    def stream(self, voice_id: str) -> Iterator[asyncio.Event]:
        """Register a stream; the event is set when it must stop at once."""
        stop = asyncio.Event()
        self._streams[voice_id].add(stop)
        self._idle.clear()
        try:
            yield stop
        finally:
            self._streams[voice_id].discard(stop)
            if not self._streams[voice_id]:
                del self._streams[voice_id]
            if not self._streams:
                self._idle.set()

    def stop(self, voice_id: str) -> None:
        """Stop everything that speaks in a voice."""
        for event in self._streams.get(voice_id, ()):
            event.set()

    def heat(self, voice_id: str, epoch: int) -> bool:
        """Tell whether this process spoke in this voice before, and remember that it does now."""
        key = (voice_id, epoch)
        hot = key in self._heard
        self._heard[key] = None
        self._heard.move_to_end(key)
        if len(self._heard) > _HEARD:
            self._heard.popitem(last=False)
        return hot

    @property
    def draining(self) -> bool:
        """Whether new streams are refused."""
        return self.closing.is_set()

    @property
    def voices(self) -> frozenset[str]:
        """The voices being spoken in."""
        return frozenset(self._streams)

    @property
    def count(self) -> int:
        """Number of open streams."""
        return sum(len(events) for events in self._streams.values())

    async def drain(self, seconds: float) -> bool:
        """Refuse new streams and wait for the open ones; tell whether all ended in time."""
        self.closing.set()
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True


async def while_it_lives(
    live: Live, voice_id: str, require: Callable[[], Awaitable[object]], content: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """What is read of a voice; whenever its streams are told to stop, `require` raises if this may not go on."""
    with live.stream(voice_id) as stop:
        async with aclosing(content):
            async for piece in content:
                if stop.is_set():
                    stop.clear()
                    await require()
                yield piece
