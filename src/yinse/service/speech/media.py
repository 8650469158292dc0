"""Speech to wav, flac, mp3, opus, aac, pcm and telephone codecs, byte by byte as it is spoken.

One encoder lives for one response. Encoding goes through PyAV's planes as bytes, so that this package needs
neither numpy nor torch (docs/adr/0104).
"""

import struct
from dataclasses import dataclass
from typing import Protocol

import av
from av.audio.stream import AudioStream

from yinse.contracts.errors import InvalidInput
from yinse.provenance.label import Label

_STREAMING_SIZE = 0xFFFFFFFF
_MUXER_OPTIONS = {
    "mp3": {"write_xing": "0"},
    "adts": {"write_id3v2": "1"},
    "ogg": {"page_duration": "20000"},
}


@dataclass(frozen=True, slots=True)
class Format:
    """How audio leaves: container and codec, rate in Hz (None keeps the engine's), bits per second."""

    name: str
    media_type: str
    extension: str
    container: str | None
    codec: str
    rate: int | None = None
    bit_rate: int | None = None


FORMATS = {
    "wav": Format("wav", "audio/wav", "wav", None, "wav"),
    "pcm": Format("pcm", "audio/pcm", "pcm", None, "pcm"),
    "flac": Format("flac", "audio/flac", "flac", "flac", "flac"),
    "mp3": Format("mp3", "audio/mpeg", "mp3", "mp3", "libmp3lame", 44100, 128_000),
    "opus": Format("opus", "audio/ogg", "opus", "ogg", "libopus", 48000, 64_000),
    "aac": Format("aac", "audio/aac", "aac", "adts", "aac", 44100, 128_000),
    "ulaw": Format("ulaw", "audio/basic", "ulaw", "mulaw", "pcm_mulaw", 8000),
    "alaw": Format("alaw", "audio/x-alaw-basic", "alaw", "alaw", "pcm_alaw", 8000),
}
_RATES = {
    "libmp3lame": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
    "libopus": (8000, 12000, 16000, 24000, 48000),
    "aac": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000),
}
_BIT_RATES = {"libmp3lame": (8000, 320_000), "libopus": (6000, 256_000), "aac": (8000, 320_000)}
"""Least and most that an encoder takes for one channel."""


def format_of(name: str, rate: int | None = None, bit_rate: int | None = None) -> Format:
    """A format by name, perhaps at another rate (Hz) or bit rate. Raises `InvalidInput`."""
    if name not in FORMATS:
        raise InvalidInput(f"There is no format {name!r}; choose one of {', '.join(FORMATS)}.")
    known = FORMATS[name]
    if rate is not None and rate not in _RATES.get(known.codec, range(8000, 192_001)):
        raise InvalidInput(f"{name} does not carry {rate} Hz.")
    if bit_rate is not None:
        least, most = _BIT_RATES.get(known.codec, (0, 0))
        if not least <= bit_rate <= most:
            raise InvalidInput(f"{name} does not come in {bit_rate} bits a second.")
    return Format(
        known.name,
        known.media_type,
        known.extension,
        known.container,
        known.codec,
        rate or known.rate,
        bit_rate or known.bit_rate,
    )


class Encoder(Protocol):
    """Feed mono s16le samples with `encode`, end with `finish`; the joined answers are a playable file."""

    def encode(self, pcm: bytes) -> bytes:
        """Return what is ready of the encoded stream; possibly nothing yet."""

    def finish(self) -> bytes:
        """Return the rest."""


def encoder_for(wanted: Format, rate: int, label: Label | None = None) -> Encoder:
    """An encoder of samples at `rate` Hz; `label` goes into the first bytes where the format has room for it."""
    if wanted.container is not None:
        return _Container(wanted, rate, label)
    target = wanted.rate or rate
    return _Raw(rate, target, _wav_header(target, label) if wanted.codec == "wav" else b"")


def _wav_header(rate: int, label: Label | None) -> bytes:
    """RIFF header of a stream whose length is not known yet: players read until it ends."""
    fmt = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    return b"".join(
        (
            b"RIFF",
            struct.pack("<I", _STREAMING_SIZE),
            b"WAVEfmt ",
            struct.pack("<I", len(fmt)),
            fmt,
            label.riff() if label else b"",
            b"data",
            struct.pack("<I", _STREAMING_SIZE),
        )
    )


def _frame(pcm: bytes, rate: int, position: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.planes[0].update(pcm)
    frame.sample_rate = rate
    frame.pts = position
    return frame


class _Raw:
    """Samples as they are, or resampled, after an optional header."""

    def __init__(self, rate: int, target: int, header: bytes) -> None:
        self._header, self._rate, self._position = header, rate, 0
        same = rate == target
        self._resampler = None if same else av.AudioResampler(format="s16", layout="mono", rate=target)

    def encode(self, pcm: bytes) -> bytes:
        header, self._header = self._header, b""
        if self._resampler is None or not pcm:
            return header + pcm
        frames = self._resampler.resample(_frame(pcm, self._rate, self._position))
        self._position += len(pcm) // 2
        return header + _samples(frames)

    def finish(self) -> bytes:
        header, self._header = self._header, b""
        if self._resampler is None or not self._position:
            return header
        return header + _samples(self._resampler.resample(None))


def _samples(frames: list[av.AudioFrame]) -> bytes:
    return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)


class _Pipe:
    """What the muxer writes into; it cannot seek, as a client cannot."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._written)
        self._written.clear()
        return data


class _Container:
    """One muxer and one codec for the whole stream."""

    def __init__(self, wanted: Format, rate: int, label: Label | None) -> None:
        self._pipe, self._rate, self._position = _Pipe(), rate, 0
        options = _MUXER_OPTIONS.get(wanted.container or "", {})
        self._output = av.open(self._pipe, "w", format=wanted.container, options=options)
        tags = label.tags() if label else {}
        self._output.metadata.update(tags)
        stream = self._output.add_stream(wanted.codec, rate=wanted.rate or rate)
        assert isinstance(stream, AudioStream)
        stream.layout = "mono"
        if wanted.container == "ogg":  # Vorbis comments belong to the stream there
            stream.metadata.update(tags)
        if wanted.bit_rate is not None:
            stream.bit_rate = wanted.bit_rate
        self._stream = stream

    def encode(self, pcm: bytes) -> bytes:
        if pcm:
            frame = _frame(pcm, self._rate, self._position)
            self._position += frame.samples
            self._output.mux(self._stream.encode(frame))
        return self._pipe.take()

    def finish(self) -> bytes:
        self._output.mux(self._stream.encode(None))
        self._output.close()
        return self._pipe.take()
