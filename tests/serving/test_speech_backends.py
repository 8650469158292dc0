"""One contract, two backends: the honest fake, and the local one over a stand-in for the engine's models."""

import asyncio
import math
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.contracts.refusals import AtCapacity, Unsealable
from yinse.contracts.speech import AudioChunk, Failed, Finished, LexiconRule, Timings
from yinse.engine.synthesis.result import AudioPiece, PhonemeTime, SegmentDone, SegmentReport
from yinse.serving.fake import FakeSpeech
from yinse.serving.local import LocalSpeech
from yinse.serving.options import ServingOptions
from yinse.serving.replica import Models, Replica
from yinse.serving.turns import Pace


@dataclass
class ToneModels:
    """Speaks tones as the engine speaks words: the prompt is a pitch, an adapter adds a tenth."""

    models: object = field(default_factory=lambda: SimpleNamespace(revision="tones"))
    frontend: object = None
    factor: float = 1.0
    rate: int = 24000

    def stream(self, text, prompt, options, *, checked=False):
        if not text.strip():
            raise InvalidInput("nothing to say")
        for index, character in enumerate(text):
            if character == "💥":
                raise InvalidInput("broke in the middle")
            phase = (options.seed + index) % 7
            times = np.arange(1440) / self.rate
            wave = 0.4 * np.sin(2 * math.pi * prompt.pitch * self.factor * times + phase)
            # The first half is told as it sounds, the rest when the segment is done.
            time = PhonemeTime("zh/a1", index * 0.06, (index + 1) * 0.06, (index, index + 1))
            yield AudioPiece(wave.astype(np.float32), (time,) if index < len(text) // 2 else ())
        yield SegmentDone(self.segment(text, options.seed))

    def segment(self, text, seed):
        times = [PhonemeTime("zh/a1", i * 0.06, (i + 1) * 0.06, (i, i + 1)) for i in range(len(text))]
        return SegmentReport(text, (0, len(text)), 0, len(text) * 0.06, seed, 1, 0.9, 0.1, tuple(times))


@dataclass
class TonePrompt:
    pitch: float
    revision: str = "tones"

    @classmethod
    def from_bytes(cls, data):
        import json

        return cls(json.loads(data)["pitch"])


loads = []


class ToneLoader(Models):
    def base(self, options):
        loads.append(None)
        return ToneModels()

    def adapted(self, base, adapter):
        loads.append(adapter)
        return ToneModels(factor=base.factor * 1.1), 1000

    def prompt(self, plain):
        return TonePrompt.from_bytes(plain)


@pytest.fixture(params=["fake", "local"])
def backend(request, vault):
    loads.clear()
    if request.param == "fake":
        return FakeSpeech(vault.blobs, vault.keyring, slots=4)
    options = ServingOptions(streams=4, threads=2)
    return LocalSpeech(Replica(options, vault.blobs, vault.keyring, ToneLoader()))


async def collect(backend, request):
    return [event async for event in backend.stream(request)]


def audio(events):
    return b"".join(event.pcm for event in events if isinstance(event, AudioChunk))


def test_chunks_timings_then_finished(backend, vault, make_request):
    async def run():
        return await collect(backend, make_request(await vault.tone("voice_a", 300)))

    events = asyncio.run(run())
    chunks = [event for event in events if isinstance(event, AudioChunk)]
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(event, Finished | Failed) for event in events) == 1
    assert events[-1].seed == 7
    assert events[-1].seconds == pytest.approx(sum(chunk.seconds for chunk in chunks))
    marks = [p for event in events if isinstance(event, Timings) for p in event.phonemes]
    assert [(p.text_start, p.text_end) for p in marks] == [(i, i + 1) for i in range(5)]


def test_the_seed_decides(backend, vault, make_request):
    async def run():
        voice = await vault.tone("voice_a", 300)
        return [audio(await collect(backend, make_request(voice, seed=seed))) for seed in (1, 1, 2)]

    first, again, other = asyncio.run(run())
    assert first == again != other


def test_sixteen_voices_interleaved_are_bit_identical_to_each_alone(backend, vault, make_request):
    async def run():
        voices = [await vault.tone(f"voice_{n}", 200 + 20 * n) for n in range(16)]
        alone = [audio(await collect(backend, make_request(voice))) for voice in voices]

        async def once(voice):
            while True:
                try:
                    return audio(await collect(backend, make_request(voice)))
                except AtCapacity:
                    await asyncio.sleep(0.02)

        order = [number * 7 % 16 for number in range(200)]
        mixed = await asyncio.gather(*(once(voices[number]) for number in order))
        return alone, order, mixed

    alone, order, mixed = asyncio.run(run())
    assert len(set(alone)) == 16
    assert all(heard == alone[number] for number, heard in zip(order, mixed, strict=True))


def test_when_full_it_says_so_and_recovers(backend, vault, make_request):
    async def run():
        voice = await vault.tone("voice_a", 300)
        open_streams = [backend.stream(make_request(voice, "字" * 50)) for _ in range(4)]
        waiting = [asyncio.create_task(anext(stream)) for stream in open_streams]
        await asyncio.sleep(0.05)
        assert not await backend.ready()
        with pytest.raises(AtCapacity) as refused:
            await anext(backend.stream(make_request(voice)))
        for task, stream in zip(waiting, open_streams, strict=True):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await stream.aclose()
        await collect(backend, make_request(voice))
        assert backend.gauges()["streams"] == 0
        return refused.value.retry_after

    assert asyncio.run(run()) >= 1


def test_closing_early_frees_the_slot(backend, vault, make_request):
    async def run():
        voice = await vault.tone("voice_a", 300)
        async with aclosing(backend.stream(make_request(voice, "字" * 500))) as stream:
            await anext(stream)
        return backend.gauges()["streams"]

    assert asyncio.run(run()) == 0


def test_forgetting_stops_speech_and_drops_plaintext(backend, vault, make_request):
    async def run():
        voice = await vault.tone("voice_a", 300)
        stream = backend.stream(make_request(voice, "字" * 500))
        await anext(stream)
        assert backend.gauges()["cache_bytes"] > 0
        await backend.forget("voice_a")
        assert backend.gauges()["cache_bytes"] == 0
        return [event async for event in stream]

    events = asyncio.run(run())
    assert isinstance(events[-1], Failed)
    assert events[-1].code == "voice_gone"
    assert len(events) < 100


def test_a_new_epoch_is_another_voice(backend, vault, make_request):
    async def run():
        old = await vault.tone("voice_a", 300)
        first = audio(await collect(backend, make_request(old)))
        new = await vault.voice("voice_a", b'{"pitch": 200}', epoch=2)
        return first, audio(await collect(backend, make_request(new)))

    first, second = asyncio.run(run())
    assert first != second


def test_a_voice_with_anothers_keys_does_not_open(backend, vault, make_request):
    async def run():
        mine, theirs = await vault.tone("voice_a", 300), await vault.tone("voice_b", 200)
        stolen = replace(mine, objects=theirs.objects)
        await collect(backend, make_request(stolen))

    with pytest.raises(Unsealable):
        asyncio.run(run())


def test_a_voice_without_material_is_missing(backend, vault, make_request):
    async def run():
        voice = replace(await vault.tone("voice_a", 300), objects={})
        await collect(backend, make_request(voice))

    with pytest.raises(NotFound):
        asyncio.run(run())


@pytest.mark.parametrize("backend", ["local"], indirect=True)
class TestLocal:
    def test_a_text_that_cannot_be_spoken_raises_before_and_fails_after_the_first_event(
        self, backend, vault, make_request
    ):
        async def run():
            voice = await vault.tone("voice_a", 300)
            with pytest.raises(InvalidInput):
                await collect(backend, make_request(voice, " "))
            return await collect(backend, make_request(voice, "好💥"))

        events = asyncio.run(run())
        assert events[-1] == Failed("invalid_input", "broke in the middle")

    def test_an_adapter_is_loaded_once_from_memory_and_for_its_voice_alone(
        self, backend, vault, make_request
    ):
        async def run():
            plain = await vault.tone("voice_a", 300)
            adapted = await vault.voice("voice_b", b'{"pitch": 300}', adapter=b"weights")
            heard = [audio(await collect(backend, make_request(v))) for v in (plain, adapted, adapted, plain)]
            held = backend.gauges()["adapted_bytes"]
            await backend.forget("voice_b")
            return heard, held, backend.gauges()["adapted_bytes"]

        (one, two, three, four), held, left = asyncio.run(run())
        assert one == four != two == three
        assert held > left == 0
        assert loads == [None, b"weights"]

    def test_speech_is_as_good_as_its_worst_segment(self, backend, vault, make_request, monkeypatch):
        def stream(self, text, prompt, options, **_):
            for score in (0.9, 0.4, 0.8):
                yield AudioPiece(np.zeros(10, np.float32))
                yield SegmentDone(replace(self.segment(text, options.seed), score=score))

        async def run():
            return await collect(backend, make_request(await vault.tone("voice_a", 300)))

        monkeypatch.setattr(ToneModels, "stream", stream)
        assert asyncio.run(run())[-1].score == 0.4

    def test_thorough_requests_are_checked(self, backend, vault, make_request):
        checks = []

        async def run():
            voice = await vault.tone("voice_a", 300)
            original = ToneModels.stream

            def watch(self, text, prompt, options, *, checked):
                checks.append(checked)
                return original(self, text, prompt, options)

            ToneModels.stream = watch
            try:
                for thorough in (False, True):
                    await collect(backend, make_request(voice, thorough=thorough))
            finally:
                ToneModels.stream = original

        asyncio.run(run())
        assert checks == [False, True]

    def test_a_step_that_nobody_waits_for_any_more_keeps_its_turn_until_it_ends(self, backend, vault):
        import threading

        replica, go = backend._replica, threading.Event()

        async def run():
            pace = Pace(0.0)
            left = [asyncio.create_task(replica.step(pace, go.wait)) for _ in range(2)]
            await asyncio.sleep(0.01)
            for task in left:
                task.cancel()
            next_one = asyncio.create_task(replica.step(pace, lambda: "mine"))
            await asyncio.sleep(0.01)
            waiting = replica.turns.waiting
            go.set()
            return waiting, await next_one

        assert asyncio.run(run()) == (1, "mine")

    def test_aliases_keep_the_places_of_the_text(self, backend, vault, make_request):
        seen = []

        async def run():
            voice = await vault.tone("voice_a", 300)
            rules = (LexiconRule("Yinse", alias="音色"),)
            original = ToneModels.stream

            def watch(self, text, prompt, options, **kwargs):
                seen.append(text)
                return original(self, text, prompt, options, **kwargs)

            ToneModels.stream = watch
            try:
                return await collect(backend, make_request(voice, "用Yinse说", lexicon=rules))
            finally:
                ToneModels.stream = original

        events = asyncio.run(run())
        assert seen == ['用<sub alias="音色">Yinse</sub>说']
        spans = [(p.text_start, p.text_end) for e in events if isinstance(e, Timings) for p in e.phonemes]
        assert spans[0] == (0, 1)
        assert spans[-1] == (6, 7)
        assert all(0 <= start <= end <= 7 for start, end in spans)

    def test_asking_whether_it_is_ready_loads_the_models(self, backend, vault):
        async def run():
            first = await backend.ready()
            while not await backend.ready():
                await asyncio.sleep(0.005)
            return first

        assert not asyncio.run(run())
