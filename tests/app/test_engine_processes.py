"""Engine processes beside the service, over the honest fake: streams, refusals, interruptions, deaths."""

import asyncio
import os
import pickle
import signal
import sys
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from serving.conftest import Vault, request_of
from yinse.contracts.enrolment import Accepted, Adapted, AdaptRequest, EnrolmentRequest
from yinse.contracts.refusals import AtCapacity, BackendFailed, QuotaExceeded, Unsealable
from yinse.contracts.speech import AudioChunk, Finished, SealedVoice
from yinse.contracts.storage import ObjectRef
from yinse.serving.crew import Crew, CrewEnrolment, CrewSpeech, CrewTraining, EngineProcess, Recipe
from yinse.serving.fake import recording, tone
from yinse.serving.options import ServingOptions
from yinse.serving.wire import packed, unpacked
from yinse.settings import Settings

COMMAND = (sys.executable, "-m", "yinse.app.engine_process")


@pytest.fixture
def vault(tmp_path):
    """Where the processes look too: `Settings` of this home."""
    settings = Settings(home=tmp_path, serving=ServingOptions(engine="fake"))
    settings.prepare()
    return Vault(settings.vault_folder, settings.objects)


@asynccontextmanager
async def crew_of(tmp_path, speakers=1, streams=4):
    settings = Settings(home=tmp_path, serving=ServingOptions(engine="fake"))
    crew = Crew([Recipe(COMMAND, (settings, False))] * speakers, Recipe(COMMAND, (settings, True)), streams)
    try:
        yield crew
    finally:
        await crew.stop()


async def collect(speech, request):
    return [event async for event in speech.stream(request)]


def audio(events):
    return b"".join(event.pcm for event in events if isinstance(event, AudioChunk))


def test_speech_refusals_and_interruptions_cross_the_socket(vault, tmp_path):
    async def run():
        async with crew_of(tmp_path) as crew:
            speech = CrewSpeech(crew)
            assert await speech.ready()
            one, other = await vault.tone("voice_a", 300), await vault.tone("voice_b", 200)
            first, again = [await collect(speech, request_of(one)) for _ in range(2)]
            assert isinstance(first[-1], Finished)
            assert audio(first) == audio(again) != audio(await collect(speech, request_of(other)))
            with pytest.raises(Unsealable):
                await collect(speech, request_of(replace(one, epoch=9, objects=other.objects)))
            open_streams = [speech.stream(request_of(one, "字" * 500)) for _ in range(4)]
            for stream in open_streams:
                await anext(stream)
            with pytest.raises(AtCapacity) as refused:
                await anext(speech.stream(request_of(one)))
            assert refused.value.retry_after >= 1
            assert not await speech.ready()
            for stream in open_streams:
                await stream.aclose()
            assert speech.gauges()["streams"] == 0
            assert audio(await collect(speech, request_of(one))) == audio(first)
            await speech.ready()
            assert crew.speakers[0].gauges["streams"] == 0, "what nobody hears any more is no longer spoken"

    asyncio.run(run())


def test_a_slow_listener_holds_the_engine_back_and_a_forgotten_voice_falls_silent(vault, tmp_path):
    async def run():
        async with crew_of(tmp_path) as crew:
            speech, voice = CrewSpeech(crew), await vault.tone("voice_a", 300)
            async with aclosing(speech.stream(request_of(voice, "字" * 2000))) as stream:
                await anext(stream)
                await asyncio.sleep(0.3)  # long enough to speak all of it, were it not held back
                await speech.forget("voice_a")
                rest = [event async for event in stream]
            assert rest[-1].code == "voice_gone"
            assert len(rest) < 20
            return dict(speech.gauges())

    gauges = asyncio.run(run())
    assert (gauges["processes"], gauges["slots"], gauges["cache_bytes"]) == (1, 4, 0)


def test_listening_and_training_have_a_process_of_their_own(vault, tmp_path):
    async def run():
        async with crew_of(tmp_path) as crew:
            chain, refs = vault.chain("voice_a"), {}
            for kind in ("recording", "prompt", "adapter"):
                refs[kind] = ObjectRef("acct_a", "voice_a", f"obj_{kind}", kind)
            await vault.put(chain, refs["recording"], recording(300, 2.0))
            empty = SealedVoice("voice_a", 1, chain, {})
            request = EnrolmentRequest(empty, (refs["recording"],), refs["prompt"])
            found = await CrewEnrolment(crew).examine(request)
            order = AdaptRequest(empty, (refs["recording"],), refs["adapter"], 10)
            trained = [event async for event in CrewTraining(crew).adapt(order)]
            assert not crew.speakers[0].running
            return found, trained

    found, trained = asyncio.run(run())
    assert isinstance(found, Accepted)
    assert isinstance(trained[-1], Adapted)


def test_whose_voice_a_stretch_has_is_asked_of_the_process_that_listens(tmp_path):
    async def run():
        async with crew_of(tmp_path) as crew:
            found = await CrewEnrolment(crew).embed([tone(pitch, 1.5, rate=16_000) for pitch in (200, 400)])
            assert await CrewEnrolment(crew).embed([]) == []
            assert not crew.speakers[0].running
            return found

    low, high = asyncio.run(run())
    assert sum(a * b for a, b in zip(low, high, strict=True)) == pytest.approx(-1.0, abs=0.01), (
        "an octave apart"
    )


def test_a_process_that_dies_takes_its_requests_along_and_is_replaced(vault, tmp_path):
    async def run():
        async with crew_of(tmp_path) as crew:
            speech, voice = CrewSpeech(crew), await vault.tone("voice_a", 300)
            stream = speech.stream(request_of(voice, "字" * 500))
            await anext(stream)
            os.kill(crew.speakers[0]._process.pid, signal.SIGKILL)
            with pytest.raises(BackendFailed):
                async for _ in stream:
                    pass
            assert speech.gauges()["streams"] == 0
            return audio(await collect(speech, request_of(voice)))

    assert asyncio.run(run())


def test_the_terminals_signals_are_not_for_engine_processes(vault, tmp_path):
    async def run():
        async with crew_of(tmp_path) as crew:
            speech, voice = CrewSpeech(crew), await vault.tone("voice_a", 300)
            await collect(speech, request_of(voice))
            for number in (signal.SIGINT, signal.SIGTERM):
                os.kill(crew.speakers[0]._process.pid, number)
            spoken = await collect(speech, request_of(voice))
            process = crew.speakers[0]._process
        return spoken[-1], process.returncode

    last, code = asyncio.run(run())
    assert isinstance(last, Finished)
    assert code == 0


def test_the_least_busy_speaks_and_a_voice_goes_where_it_went_before():
    crew = Crew([Recipe((), None)] * 4, Recipe((), None), 16)
    home = {name: crew.speaker_of(name) for name in map(str, range(40))}
    assert len(set(home.values())) == 4
    assert all(crew.speaker_of(name) is process for name, process in home.items())
    home["0"].busy = 1
    assert crew.speaker_of("0") is not home["0"]
    assert isinstance(home["0"], EngineProcess)


def test_errors_survive_the_way_with_all_they_say():
    error = QuotaExceeded("Spent.", retry_after=77, code="finer")
    found = unpacked(pickle.loads(pickle.dumps(packed(error))))
    assert (type(found), found.message, found.code, found.retry_after) == (
        QuotaExceeded,
        "Spent.",
        "finer",
        77,
    )
    assert str(found) == "Spent."
