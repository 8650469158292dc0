"""What is measured: cold and hot first audio under concurrent listeners, and memory over time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from benchmarks.load.house import House
from benchmarks.load.listener import Heard, Voice, listen
from benchmarks.voice import sentences

TEXTS = tuple(sentences.written("en")[:20] + sentences.written("zh")[:20])
TIMEOUT = httpx.Timeout(300.0)


@dataclass(frozen=True, slots=True)
class Phase:
    """What so many listeners had at a time, each in a voice of their own."""

    streams: int
    heat: str
    heard: tuple[Heard, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Soak:
    """Memory of the service in MB at moments (s) of a long run, and what its listeners had."""

    streams: int
    memory: tuple[tuple[float, float], ...]
    heard: tuple[Heard, ...]


@asynccontextmanager
async def connected(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A client with room for many streams."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=house.url, timeout=TIMEOUT, limits=limits) as client:
        yield client


async def cold(house: House, voices: Sequence[Voice], streams: int) -> Phase:
    """The first utterance of every voice since the service started, `streams` asked for at the same moment."""
    started, heard = time.perf_counter(), list[Heard]()
    async with connected(house) as client:
        for start in range(0, len(voices), streams):
            asked = (
                listen(client, voice, TEXTS[0], 1, wait=False) for voice in voices[start : start + streams]
            )
            heard += await asyncio.gather(*asked)
    return Phase(streams, "cold", tuple(heard), time.perf_counter() - started)


async def hot(house: House, voices: Sequence[Voice], streams: int, each: int) -> Phase:
    """`streams` listeners who ask, listen to the end and ask again, `each` times, none at another's moment."""
    started = time.perf_counter()
    async with connected(house) as client:
        tasks = [_listener(client, voices[n], n, n / streams * 3.0, range(each)) for n in range(streams)]
        heard = [one for part in await asyncio.gather(*tasks) for one in part]
    return Phase(streams, "hot", tuple(heard), time.perf_counter() - started)


async def _listener(
    client: httpx.AsyncClient, voice: Voice, number: int, delay: float, rounds: Sequence[int]
) -> list[Heard]:
    await asyncio.sleep(delay)
    return [await listen(client, voice, text_of(number, turn), turn) for turn in rounds]


def text_of(number: int, turn: int) -> str:
    """What a listener asks for at a turn; sentences follow one another in other orders for each."""
    return TEXTS[(number * 7 + turn) % len(TEXTS)]


async def soak(
    house: House, voices: Sequence[Voice], streams: int, seconds: float, tell: Callable[[str], None]
) -> Soak:
    """Listen for so long, voices in turn, and watch the memory."""
    until, memory = time.perf_counter() + seconds, list[tuple[float, float]]()
    started = time.perf_counter()

    async def one(number: int, client: httpx.AsyncClient) -> list[Heard]:
        heard, turn = list[Heard](), 0
        while time.perf_counter() < until:
            voice = voices[(number + turn * streams) % len(voices)]
            heard.append(await listen(client, voice, text_of(number, turn), turn))
            turn += 1
        return heard

    async def watch() -> None:
        while True:
            memory.append((time.perf_counter() - started, house.memory_mb()))
            if len(memory) % 12 == 1:
                tell(f"  {memory[-1][0]:.0f} s: {memory[-1][1]:.0f} MB")
            await asyncio.sleep(5.0)

    async with connected(house) as client:
        watching = asyncio.create_task(watch())
        heard = await asyncio.gather(*(one(number, client) for number in range(streams)))
        watching.cancel()
    memory.append((time.perf_counter() - started, house.memory_mb()))
    return Soak(streams, tuple(memory), tuple(one for part in heard for one in part))
