"""Sounds to test with: a tone, files of every kind, real speech."""

import io
import tarfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from yinse.engine.audio.decode import decode
from yinse.engine.audio.waveform import Waveform


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def tone() -> Callable[..., Waveform]:
    """A sine: `tone(hertz, seconds, rate, amplitude)`."""

    def make(
        hertz: float = 440.0, seconds: float = 1.0, rate: int = 48_000, amplitude: float = 0.5
    ) -> Waveform:
        time = np.arange(round(seconds * rate)) / rate
        return Waveform((amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32), rate)

    return make


@pytest.fixture
def mux() -> Callable[..., bytes]:
    """Any container PyAV can write: `mux(waveform, "webm", "libopus", {...options})`."""

    def make(waveform: Waveform, container: str, codec: str, options: dict[str, str]) -> bytes:
        sink = io.BytesIO()
        with av.open(sink, "w", format=container, container_options=options) as file:
            stream: Any = file.add_stream(codec, rate=waveform.rate, layout="mono")
            stream.codec_context.open()
            context = stream.codec_context
            resampler = av.AudioResampler(context.format, "mono", waveform.rate, context.frame_size or 0)
            frame = av.AudioFrame.from_ndarray(waveform.samples[None], format="fltp", layout="mono")
            frame.sample_rate = waveform.rate
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                file.mux(stream.encode(part))
        return sink.getvalue()

    return make


@pytest.fixture(scope="session")
def speech(speech_data: Path) -> Callable[[str, int], list[Waveform]]:
    """Real recordings: `speech(shard, count)` decodes the first `count` of a shard."""

    def read(shard: str, count: int) -> list[Waveform]:
        with tarfile.open(speech_data / f"{shard}.tar") as tar:
            return [decode(content) for content in islice(_contents(tar), count)]

    return read


def _contents(tar: tarfile.TarFile) -> Iterator[bytes]:
    for member in tar:
        file = tar.extractfile(member) if member.isfile() else None
        if file is not None:
            yield file.read()
