"""Waveforms to files: WAV, FLAC, MP3, Opus and AAC, whole or while the audio is still being made."""

import io
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Literal, cast

import numpy as np

from yinse.engine.audio.files import write_atomic
from yinse.engine.audio.resample import StreamResampler
from yinse.engine.audio.waveform import Samples, Waveform

if TYPE_CHECKING:
    import av

Format = Literal["wav", "flac", "mp3", "opus", "aac", "m4a"]


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How PyAV names a format: container, codec, rates the codec knows (any if empty), bit rate if lossy.

    `prompt` makes the muxer of a live stream hand out what it has instead of filling a page of a second.
    """

    container: str
    codec: str
    rates: tuple[int, ...] = ()
    bits_per_second: int | None = None
    prompt: tuple[tuple[str, str], ...] = ()


_LOSSY_RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_RECIPES = MappingProxyType(
    {
        "wav": _Recipe("wav", "pcm_s16le"),
        "flac": _Recipe("flac", "flac"),
        "mp3": _Recipe("mp3", "libmp3lame", _LOSSY_RATES, 128_000),
        "opus": _Recipe("ogg", "libopus", (16_000, 24_000, 48_000), 64_000, (("page_duration", "40000"),)),
        "aac": _Recipe("adts", "aac", _LOSSY_RATES, 128_000),
        "m4a": _Recipe("ipod", "aac", _LOSSY_RATES, 128_000),
    }
)

FORMATS: tuple[Format, ...] = ("wav", "flac", "mp3", "opus", "aac", "m4a")


def encode(waveform: Waveform, container: Format) -> bytes:
    """Return `waveform` as a complete file of the given format; lossy codecs may raise the sample rate."""
    sink = io.BytesIO()
    encoder = _Encoder(container, waveform.rate, sink)
    encoder.push(waveform.samples)
    encoder.finish()
    return sink.getvalue()


def write_audio(path: Path, waveform: Waveform, container: Format = "wav") -> None:
    """Write `waveform` to `path`, whole or not at all; raises `StorageFull`."""
    write_atomic(path, encode(waveform, container))


def write_wav(path: Path, waveform: Waveform) -> None:
    """Write 16-bit PCM WAV to `path`, whole or not at all; raises `StorageFull`."""
    write_audio(path, waveform, "wav")


class StreamEncoder:
    """Encodes audio that is still being made: `push` samples, get bytes; `finish` ends the file.

    Headers carry no length, as for a live stream; `m4a` needs an index at its end and is refused.
    """

    def __init__(self, container: Format, rate: int) -> None:
        if container == "m4a":
            raise ValueError("m4a cannot be streamed; use aac")
        self._pipe = _Pipe()
        self._encoder = _Encoder(container, rate, self._pipe, prompt=True)

    def push(self, samples: Samples) -> bytes:
        """Take samples (T,), return the bytes that are ready (perhaps none)."""
        self._encoder.push(samples)
        return self._pipe.take()

    def finish(self) -> bytes:
        """Return the rest of the file. The encoder is used up."""
        self._encoder.finish()
        return self._pipe.take()


class FileEncoder:
    """Encodes audio that is still being made into an open file, whose header tells its length once it is finished."""

    def __init__(self, container: Format, rate: int, file: IO[bytes]) -> None:
        self._encoder = _Encoder(container, rate, file)

    def push(self, samples: Samples) -> None:
        """Take samples (T,) and write what is ready."""
        self._encoder.push(samples)

    def finish(self) -> None:
        """Write the rest and complete the header. The encoder is used up, the file stays open."""
        self._encoder.finish()


class _Pipe:
    """A sink that cannot seek, so that the muxer writes a header for streams."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data, self._parts = b"".join(self._parts), []
        return data


class _Encoder:
    def __init__(self, container: Format, rate: int, sink: Any, *, prompt: bool = False) -> None:
        import av

        recipe = _RECIPES[container]
        self._rate = _codec_rate(rate, recipe.rates)
        self._resampler = StreamResampler(rate, self._rate)
        self._file = av.open(
            sink, "w", format=recipe.container, options=dict(recipe.prompt) if prompt else {}
        )
        self._stream = cast("av.AudioStream", self._file.add_stream(recipe.codec, self._rate, layout="mono"))
        context = self._stream.codec_context
        if recipe.bits_per_second is not None:
            context.bit_rate = recipe.bits_per_second
        context.open()
        self._converter = av.AudioResampler(
            format=context.format, layout="mono", rate=self._rate, frame_size=context.frame_size or 0
        )
        self._position = 0

    def push(self, samples: Samples) -> None:
        self._encode(self._resampler.push(samples))

    def finish(self) -> None:
        self._encode(self._resampler.finish())
        self._mux(self._converter.resample(None))
        self._file.mux(self._stream.encode(None))
        self._file.close()

    def _encode(self, samples: Samples) -> None:
        import av

        if len(samples) == 0:
            return
        planar = np.ascontiguousarray(samples[None], dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._position, Fraction(1, self._rate)
        self._position += len(samples)
        self._mux(self._converter.resample(frame))

    def _mux(self, frames: list[Any]) -> None:
        for frame in frames:
            self._file.mux(self._stream.encode(frame))


def _codec_rate(rate: int, known: tuple[int, ...]) -> int:
    """Nearest sample rate of the codec that loses nothing, else its highest."""
    if not known or rate in known:
        return rate
    return min((r for r in known if r > rate), default=known[-1])
