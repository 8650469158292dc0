"""Real voices by name, and observations in which speech is where the test says it is."""

import json
import tarfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from yinse.contracts.quality import Span
from yinse.engine.audio.decode import decode
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Waveform
from yinse.quality.observe.observer import Observation, frames_within, observe
from yinse.quality.observe.voices import SpeakerRuler

RATE = 48_000


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture
def heard() -> Callable[[np.ndarray, Sequence[tuple[float, float]]], Observation]:
    """Observe samples at 48 kHz (or `rate`) with speech declared to be within the given spans."""

    def make(samples: np.ndarray, spans: Sequence[tuple[float, float]], rate: int = RATE) -> Observation:
        seen = observe(Waveform(samples.astype(np.float32), rate))
        speech = tuple(Span(*span) for span in spans)
        return replace(seen, spans=speech, speech=frames_within(speech, len(seen.speech)))

    return make


@pytest.fixture(scope="session")
def voice(speech_data: Path) -> Callable[[str, str, float], Waveform]:
    """`voice(shard, speaker, seconds)`: utterances of one speaker joined, at 48 kHz, cut to length."""
    rows = [json.loads(line) for line in (speech_data / "manifest.jsonl").read_text("utf-8").splitlines()]
    made: dict[tuple[str, str, float], Waveform] = {}

    def make(shard: str, speaker: str, seconds: float) -> Waveform:
        key = (shard, speaker, seconds)
        if key not in made:
            files = [r["file"] for r in rows if r["shard"] == f"{shard}.tar" and r["speaker"] == speaker]
            made[key] = _joined(speech_data / f"{shard}.tar", files, seconds)
        return made[key]

    return make


@pytest.fixture(scope="session")
def noise_file(speech_data: Path) -> Callable[[str], Waveform]:
    """A file of the noise shard at 48 kHz, by its name without the folder."""

    def read(name: str) -> Waveform:
        with tarfile.open(speech_data / "noise.tar") as tar:
            return resample(decode(_content(tar, f"noise/{name}")), RATE)

    return read


def _joined(path: Path, files: Sequence[str], seconds: float) -> Waveform:
    parts: list[np.ndarray] = []
    with tarfile.open(path) as tar:
        for file in files:
            parts.append(resample(decode(_content(tar, file)), RATE).samples)
            if sum(map(len, parts)) >= seconds * RATE:
                break
    return Waveform(np.concatenate(parts)[: round(seconds * RATE)], RATE)


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


@pytest.fixture(scope="session")
def resemblyzer() -> SpeakerRuler:
    """The GE2E encoder that lies inside the `resemblyzer` package; skips where that is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch = pytest.importorskip("torch")
        package = pytest.importorskip("resemblyzer", reason="no independent speaker encoder here")
        encoder = package.VoiceEncoder("cpu", verbose=False)

    def embed(stretch: Waveform) -> np.ndarray:
        loud = package.normalize_volume(stretch.samples, -30, increase_only=True)
        mel = package.wav_to_mel_spectrogram(loud)
        with torch.no_grad():
            return np.asarray(encoder(torch.from_numpy(mel[None])).numpy()[0])

    return SpeakerRuler(embed, different_below=0.87)
