"""What is kept of opened voices: its limits, one opening for many, and forgetting that cannot be overtaken."""

import asyncio

import pytest

from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import KeyChain, WrappedKey
from yinse.serving.cache import VoiceCache


def voice(voice_id, epoch=1):
    return SealedVoice(voice_id, epoch, KeyChain("acct_a", WrappedKey("1", b""), None), {})


class Opener:
    def __init__(self, size=10):
        self.size, self.opened, self.go = size, 0, asyncio.Event()
        self.go.set()

    async def __call__(self):
        self.opened += 1
        await self.go.wait()
        return f"plain {self.opened}", self.size


def test_the_oldest_goes_when_the_bytes_are_too_many_and_the_newest_stays_however_large():
    async def run():
        cache = VoiceCache(25)
        for name in ("a", "b"):
            await cache.get(voice(name), Opener())
        await cache.get(voice("a"), Opener())
        await cache.get(voice("c"), Opener())
        again = Opener()
        await cache.get(voice("a"), again)
        before = (len(cache), cache.size, again.opened)
        await cache.get(voice("huge"), Opener(1000))
        return before, len(cache), cache.size

    assert asyncio.run(run()) == ((2, 20, 0), 1, 1000)


def test_requests_that_miss_together_open_once():
    async def run():
        cache, opener = VoiceCache(100), Opener()
        opener.go.clear()
        waiting = [asyncio.create_task(cache.get(voice("a"), opener)) for _ in range(5)]
        await asyncio.sleep(0)
        opener.go.set()
        return set(await asyncio.gather(*waiting)), opener.opened, cache.hits, cache.misses

    assert asyncio.run(run()) == ({"plain 1"}, 1, 4, 1)


def test_another_epoch_is_another_voice():
    async def run():
        cache, opener = VoiceCache(100), Opener()
        return [await cache.get(voice("a", epoch), opener) for epoch in (1, 2, 1)]

    assert asyncio.run(run()) == ["plain 1", "plain 2", "plain 1"]


def test_what_is_forgotten_while_it_opens_is_not_kept():
    async def run():
        cache, opener = VoiceCache(100), Opener()
        opener.go.clear()
        opening = asyncio.create_task(cache.get(voice("a"), opener))
        await asyncio.sleep(0)
        cache.forget("a")
        opener.go.set()
        await opening
        return len(cache)

    assert asyncio.run(run()) == 0


def test_what_does_not_open_is_tried_again():
    async def broken():
        raise OSError("no")

    async def run():
        cache = VoiceCache(100)
        with pytest.raises(OSError, match="no"):
            await cache.get(voice("a"), broken)
        return await cache.get(voice("a"), Opener())

    assert asyncio.run(run()) == "plain 1"
