"""The local backends over the real engine, tiny and random: enrol, speak, adapt, isolate, forget."""

import asyncio
import io
import threading
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from yinse.contracts.enrolment import Accepted, EnrolmentRequest, Rejected
from yinse.contracts.errors import CorruptFile
from yinse.contracts.refusals import AtCapacity, Outdated
from yinse.contracts.speech import AudioChunk, Finished, LexiconRule, SealedVoice, Timings
from yinse.contracts.storage import ObjectRef
from yinse.engine.audio.decode import decode
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Waveform
from yinse.quality.observe import encoder
from yinse.quality.observe.voices import SpeakerRuler
from yinse.serving.enrolment import prepare_all
from yinse.serving.listening import LocalEnrolment
from yinse.serving.local import LocalSpeech
from yinse.serving.options import ServingOptions
from yinse.serving.pcm import pcm_of
from yinse.serving.replica import Replica

TEXT = "你好，world。"


@pytest.fixture
def replica(vault, tiny_weights):
    options = ServingOptions(weights=tiny_weights, streams=8, threads=4)
    return Replica(options, vault.blobs, vault.keyring)


async def spoken(replica, request):
    chunks = [event async for event in LocalSpeech(replica).stream(request)]
    assert isinstance(chunks[-1], Finished)
    return b"".join(event.pcm for event in chunks if isinstance(event, AudioChunk))


async def persistently(replica, request):
    while True:
        try:
            return await spoken(replica, request)
        except AtCapacity:
            await asyncio.sleep(0.01)


@pytest.fixture
def sixteen(vault, make_prompt, tiny_weights):
    """Sealed voices that differ in everything a prompt holds."""
    from yinse.engine.checkpoints.bundle import read_manifest

    revision = read_manifest(tiny_weights).revision

    async def make():
        prompts = [replace(make_prompt(seed), revision=revision) for seed in range(16)]
        return [await vault.voice(f"voice_{n}", prompt.to_bytes()) for n, prompt in enumerate(prompts)]

    return make


def test_two_hundred_interleaved_requests_equal_each_alone(replica, sixteen, make_request):
    async def run():
        voices = await sixteen()
        requests = [make_request(voice, "你好。", seed=number) for number, voice in enumerate(voices)]
        alone = [await spoken(replica, request) for request in requests]
        order = [number * 7 % 16 for number in range(200)]
        mixed = await asyncio.gather(*(persistently(replica, requests[number]) for number in order))
        return alone, order, mixed

    alone, order, mixed = asyncio.run(run())
    assert len(set(alone)) == 16
    assert all(heard == alone[number] for number, heard in zip(order, mixed, strict=True))


async def enrolled(replica, vault, *recordings):
    """What comes of recordings, and the voice that they became."""
    chain, refs = vault.chain("voice_a"), []
    for number, recording in enumerate(recordings):
        refs.append(ObjectRef("acct_a", "voice_a", f"obj_{number}", "recording"))
        await vault.put(chain, refs[-1], recording)
    prompt = ObjectRef("acct_a", "voice_a", "obj_prompt", "prompt")
    empty = SealedVoice("voice_a", 1, chain, {})
    found = await LocalEnrolment(replica).examine(EnrolmentRequest(empty, tuple(refs), prompt))
    return found, replace(empty, objects={"prompt": prompt})


def parts_of(reading, *parts):
    """Stretches of a recording, each with its gain, as one file."""
    samples, rate = soundfile.read(io.BytesIO(reading))
    joined = np.concatenate([gain * samples[round(a * rate) : round(b * rate)] for a, b, gain in parts])
    file = io.BytesIO()
    soundfile.write(file, joined, rate, format="WAV")
    return file.getvalue()


def test_a_second_person_is_refused(replica, vault, reading, monkeypatch):
    """Here two people are told apart by how loud they are."""

    def embed(stretch):
        return np.eye(2, dtype=np.float32)[int(np.abs(stretch.samples).max() > 0.2)]

    monkeypatch.setattr(encoder, "encoder_ruler", lambda models: SpeakerRuler(embed, 0.5))
    both = parts_of(reading, (0, 9, 1.0), (9, 18, 0.3))
    found, _ = asyncio.run(enrolled(replica, vault, both))
    assert isinstance(found, Rejected)
    assert "A second person is heard" in found.reason


def test_whose_voice_a_stretch_has_is_told_while_something_long_is_listened_to(replica, reading):
    speech = resample(decode(reading), 16_000).samples
    stretches = [pcm_of(speech[start : start + 24_000]) for start in (0, 32_000)]
    ready = threading.Event()

    async def run():
        listening = LocalEnrolment(replica)
        assert await listening.embed([]) == []
        long = asyncio.create_task(replica.listen(ready.wait, 60))
        found = await listening.embed(stretches)
        ready.set()
        assert await long, "the embeddings came first"
        return found, encoder.encoder_ruler((await replica.base()).models)

    found, ruler = asyncio.run(run())
    for embedding, start in zip(found, (0, 32_000), strict=True):
        wanted = ruler.embed(Waveform(speech[start : start + 24_000], 16_000))
        assert np.dot(embedding, wanted) == pytest.approx(1.0, abs=1e-3)


def test_short_takes_count_together(replica, vault, reading):
    takes = [parts_of(reading, (start, start + 6, 1.0)) for start in (0, 6, 12)]
    found, _ = asyncio.run(enrolled(replica, vault, *takes))
    assert isinstance(found, Accepted)
    assert found.report["net_speech_s"] > 12
    slices, _ = prepare_all(asyncio.run(replica.base()).models, [decode(take) for take in takes])
    assert sum(one.waveform.seconds for one in slices) > 12
    alone, _ = asyncio.run(enrolled(replica, vault, takes[0]))
    assert isinstance(alone, Rejected)


def test_a_recording_becomes_a_voice_that_speaks(replica, vault, reading, make_request):
    async def run():
        found, voice = await enrolled(replica, vault, reading)
        events = [event async for event in LocalSpeech(replica).stream(make_request(voice, TEXT))]
        return found, events

    found, events = asyncio.run(run())
    assert isinstance(found, Accepted)
    assert found.report["can_clone"]
    samples = np.frombuffer(b"".join(e.pcm for e in events if isinstance(e, AudioChunk)), "<i2")
    assert np.any(samples)
    marks = [p for event in events if isinstance(event, Timings) for p in event.phonemes]
    assert {"zh", "en"} <= {p.symbol.split("/")[0] for p in marks}
    assert all(0 <= p.text_start <= p.text_end <= len(TEXT) for p in marks)
    assert max(p.end for p in marks) <= events[-1].seconds + 0.05


def test_the_readings_of_a_request_are_its_own(replica, sixteen, make_request):
    async def run():
        voice = (await sixteen())[0]
        rule = LexiconRule("你好", phonemes=("zai4", "jian4"))
        rules = ((), (rule,), (replace(rule, phonemes=("xie4", "xie5")),), ())
        return [await spoken(replica, make_request(voice, "你好。", lexicon=one)) for one in rules]

    plain, farewell, thanks, again = asyncio.run(run())
    assert plain == again
    assert len({plain, farewell, thanks}) == 3


def adapter_for(replica, tmp_path, shift):
    """Updates that move every output of the decoder by a little."""
    from yinse.engine.checkpoints.adapter import save_adapter
    from yinse.engine.checkpoints.base import load_base

    models = load_base(replica.options.weights)
    name, value = next(iter(models.decoder.named_parameters()))
    save_adapter(tmp_path / "adapter", {f"decoder.{name}": value + shift}, models.revision)
    return (tmp_path / "adapter").read_bytes()


def test_an_adapter_changes_its_own_voice_and_no_other(replica, sixteen, vault, make_request, tmp_path):
    weights = adapter_for(replica, tmp_path, 0.5)

    async def run():
        plain, other = (await sixteen())[:2]
        ref = ObjectRef("acct_a", plain.voice_id, "obj_adapter", "adapter")
        await vault.put(plain.keys, ref, weights)
        adapted = replace(plain, epoch=2, objects={**plain.objects, "adapter": ref})
        first = [await spoken(replica, make_request(voice)) for voice in (plain, other)]
        changed = await spoken(replica, make_request(adapted))
        again = [await spoken(replica, make_request(voice)) for voice in (plain, other)]
        return first, changed, again

    first, changed, again = asyncio.run(run())
    assert first == again
    assert changed not in first


def test_models_that_cannot_be_loaded_are_no_secret_of_the_health_check(vault, tmp_path, caplog):
    async def run():
        speech = LocalSpeech(Replica(ServingOptions(weights=tmp_path), vault.blobs, vault.keyring))
        assert not await speech.ready()
        await speech._warming
        return await speech.ready()

    assert not asyncio.run(run())
    (told,) = [record for record in caplog.records if record.name == "yinse.serving.local"]
    assert told.fields["code"] == "not_found"
    assert str(tmp_path) in told.fields["why"]


def test_an_adapter_of_other_weights_is_refused(replica, sixteen, vault, make_request, tmp_path):
    async def run():
        plain = (await sixteen())[0]
        ref = ObjectRef("acct_a", plain.voice_id, "obj_adapter", "adapter")
        await vault.put(plain.keys, ref, b"\x08\0\0\0\0\0\0\0{}      ")
        await spoken(replica, make_request(replace(plain, objects={**plain.objects, "adapter": ref})))

    with pytest.raises(CorruptFile):
        asyncio.run(run())


def test_a_voice_of_other_weights_is_outdated(replica, vault, make_prompt, make_request):
    async def run():
        older = await vault.voice("voice_a", replace(make_prompt(1), revision="older").to_bytes())
        await spoken(replica, make_request(older))

    with pytest.raises(Outdated):
        asyncio.run(run())


def test_opened_voices_stay_within_their_limit_and_come_back_when_asked(
    vault, tiny_weights, sixteen, make_request
):
    async def run():
        voices = await sixteen()
        size = len(
            await Replica(ServingOptions(), vault.blobs, vault.keyring).material.read(voices[0], "prompt")
        )
        options = ServingOptions(weights=tiny_weights, cache_bytes=int(2.5 * size))
        replica = Replica(options, vault.blobs, vault.keyring)
        first = await spoken(replica, make_request(voices[0], "好"))
        for voice in voices[1:4]:
            await spoken(replica, make_request(voice, "好"))
        held = replica.gauges()
        return size, held, first, await spoken(replica, make_request(voices[0], "好")), replica.gauges()

    size, held, first, again, after = asyncio.run(run())
    assert held["voices_open"] == 2
    assert held["cache_bytes"] <= 2.5 * size
    assert first == again
    assert after["cache_misses"] == 5


def test_thorough_speech_of_the_engine_is_whole_and_repeatable(replica, sixteen, make_request):
    async def run():
        voice = (await sixteen())[0]
        return [await spoken(replica, make_request(voice, TEXT, thorough=True)) for _ in range(2)]

    first, again = asyncio.run(run())
    assert first == again
    assert first
