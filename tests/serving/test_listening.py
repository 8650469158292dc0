"""Enrolment over the real judge of recordings; no models are needed to refuse."""

import asyncio
import io
import json
import wave
from dataclasses import replace

import numpy as np
import pytest

from yinse.contracts.enrolment import EnrolmentRequest, Rejected
from yinse.contracts.errors import AudioUnreadable, InvalidInput, RecordingRejected
from yinse.contracts.quality import Grade
from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import ObjectRef
from yinse.engine.audio.waveform import Waveform
from yinse.provenance.label import Label
from yinse.quality.examine import examine as judge_recording
from yinse.serving.listening import LocalEnrolment, _report
from yinse.serving.options import ServingOptions
from yinse.serving.replica import Models, Replica

RATE = 24000


def noise(seconds, level=0.01):
    drawn = np.random.default_rng(1).standard_normal(round(seconds * RATE)) * level
    return (np.clip(drawn, -1, 1) * 32767).astype("<i2").tobytes()


def wav(pcm):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
    return buffer.getvalue()


def examine(vault, *files):
    class Unloadable(Models):
        def base(self, options):
            raise AssertionError("a recording without speech needs no models")

    async def run():
        chain = vault.chain("voice_a")
        refs = [ObjectRef("acct_a", "voice_a", f"obj_{at}", "recording") for at in range(len(files))]
        for ref, data in zip(refs, files, strict=True):
            await vault.put(chain, ref, data)
        replica = Replica(ServingOptions(), vault.blobs, vault.keyring, Unloadable())
        voice = SealedVoice("voice_a", 1, chain, {})
        prompt = ObjectRef("acct_a", "voice_a", "obj_prompt", "prompt")
        return await LocalEnrolment(replica).examine(EnrolmentRequest(voice, tuple(refs), prompt))

    return asyncio.run(run())


def test_a_recording_without_speech_is_rejected_with_its_report(vault):
    found = examine(vault, wav(noise(3.0)))
    assert isinstance(found, Rejected)
    assert found.reason
    assert found.report["grade"] == "bad"
    assert len(found.report["recordings"]) == 1
    assert json.loads(json.dumps(found.report)) == found.report


def test_one_recording_that_can_be_cloned_is_enough_however_well_another_scores():
    silent = judge_recording(Waveform(np.zeros(RATE, np.float32), RATE))
    refused = replace(silent, score=60.0)
    usable = replace(silent, score=50.0, can_clone=True, grade=Grade.POOR)
    for reports in ((refused, usable), (usable, refused)):
        found = _report(reports)
        assert (found["can_clone"], found["grade"]) == (True, "poor")
        assert [one["score"] for one in found["recordings"]] == [one.score for one in reports]
    assert _report((silent, refused))["score"] == 60.0


def test_what_is_not_audio_is_unreadable(vault):
    with pytest.raises(AudioUnreadable) as refused:
        examine(vault, wav(noise(1.0)), b"RIFF0000WAVEjunk", wav(noise(1.0)))
    assert refused.value.recording == "obj_1"


def test_a_recording_that_says_it_was_generated_is_refused(vault):
    label = Label("somebody", "gen_1").riff()
    plain = wav(noise(1.0))
    with pytest.raises(RecordingRejected) as refused:
        examine(vault, plain, plain[:36] + label + plain[36:])
    assert (refused.value.code, refused.value.recording) == ("generated_recording", "obj_1")


def test_a_bomb_of_audio_is_refused_at_its_limit(vault):
    """Eleven minutes of silence in some kilobytes."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="flac") as file:
        stream = file.add_stream("flac", rate=16000, layout="mono")
        for _ in range(66):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 160_000), np.int16), format="s16", layout="mono")
            frame.sample_rate = 16000
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert len(buffer.getvalue()) < 200_000
    with pytest.raises(InvalidInput) as refused:
        examine(vault, buffer.getvalue())
    assert refused.value.code == "audio_too_long"
