"""Files to waveforms: every common container, within limits, and never half a recording in silence."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt

from yinse.contracts.errors import AudioUnreadable, InvalidInput, NotFound
from yinse.engine.audio.waveform import Samples, Waveform
from yinse.engine.audio.wholeness import require_whole

_DEMUXERS = "wav,aiff,flac,mp3,aac,mov,mp4,m4a,3gp,3g2,mj2,ogg,matroska,webm"
# Only these, and no protocol at all: a playlist or a concat script must not make us open other files.
_OPEN_OPTIONS = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "none"}
_MISSING_SECONDS = MappingProxyType({"flac": 0.0, "mov,mp4,m4a,3gp,3g2,mj2": 0.25})
"""How much less than promised may come out of the formats whose promise is exact; MP4 counts padding."""
_CANCELLING = 0.05
"""A mean of two channels with less than this share of a channel's energy (-13 dB): they are out of phase."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What `decode` accepts. Everything is checked while reading, so a bomb stops at its limit."""

    bytes: int = 256 * 1024 * 1024
    seconds: float = 600.0
    channels: int = 8
    lowest_rate: int = 16_000
    highest_rate: int = 192_000


ENROL = Limits()
"""For material a voice is made of: at most ten minutes, at least 16 kHz."""

EXAMINE = replace(ENROL, lowest_rate=4_000)
"""For the recording check: also telephone files, so that the report can say what is wrong with them."""


def decode(source: Path | bytes | BinaryIO, *, limits: Limits = ENROL) -> Waveform:
    """Decode the first sound track of `source` to mono float32 at its own sample rate.

    Reads WAV, AIFF, FLAC, MP3, AAC, MP4/M4A/MOV, Ogg (Opus, Vorbis, FLAC) and WebM/Matroska.
    Channels are averaged; where they cancel (out of phase), the first is taken.

    Raises:
        NotFound: `source` is a path without a file.
        AudioUnreadable: a file that may not be read, empty (`audio_empty`), not audio (`not_audio`), without a sound track
            (`no_sound_track`), cut off (`audio_truncated`) or damaged (`audio_damaged`).
        InvalidInput: beyond a limit (`audio_too_large`, `audio_too_long`, `too_many_channels`,
            `sample_rate_too_low`, `sample_rate_too_high`).
    """
    with _opened(source, limits) as (file, size):
        if size == 0:
            raise AudioUnreadable("The file is empty.", code="audio_empty")
        require_whole(file, size)
        file.seek(0)
        return _decode_file(file, limits)


@contextmanager
def _opened(source: Path | bytes | BinaryIO, limits: Limits) -> Iterator[tuple[BinaryIO, int]]:
    """Yield a seekable file and its size, refusing more than `limits.bytes` before reading on."""
    if isinstance(source, Path):
        with _file(source) as file, _opened(file, limits) as opened:
            yield opened
    elif isinstance(source, bytes):
        held = io.BytesIO(source)
        yield held, _measured(held, limits)
    elif source.seekable():
        yield source, _measured(source, limits)
    else:
        held = io.BytesIO(source.read(limits.bytes + 1))
        yield held, _measured(held, limits)


def _file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise NotFound(f"There is no file {path}.") from error
    except OSError as error:
        raise AudioUnreadable(f"{path} cannot be read: {error.strerror}.") from error


def _measured(file: BinaryIO, limits: Limits) -> int:
    size = file.seek(0, io.SEEK_END)
    if size > limits.bytes:
        _refuse("audio_too_large", f"The file is larger than {limits.bytes / 2**20:.0f} MiB.")
    return size


def _decode_file(file: BinaryIO, limits: Limits) -> Waveform:
    import av

    try:
        # Titles may be in any encoding (GBK from a Chinese recorder); none of them is looked at.
        with av.open(file, options=_OPEN_OPTIONS, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise AudioUnreadable("The file has no sound track.", code="no_sound_track")
            stream = container.streams.audio[0]
            _check_header(stream, limits)
            mixdown = _Mixdown(stream.codec_context.sample_rate, limits)
            _read_frames(container, stream, mixdown)
            _check_length(container, stream, mixdown)
            return mixdown.waveform()
    except av.error.FFmpegError as error:
        raise AudioUnreadable("This is not a sound file we can read.", code="not_audio") from error


def _check_header(stream: Any, limits: Limits) -> None:
    context = stream.codec_context
    if context.channels > limits.channels:
        _refuse("too_many_channels", f"The file has {context.channels} channels; mix them to one or two.")
    if context.sample_rate < limits.lowest_rate:
        _refuse(
            "sample_rate_too_low",
            f"The recording has only {context.sample_rate} samples a second, as a telephone does; "
            f"record with at least {limits.lowest_rate}.",
        )
    if context.sample_rate > limits.highest_rate:
        _refuse("sample_rate_too_high", f"The file has more than {limits.highest_rate} samples a second.")
    if stream.duration is not None and float(stream.duration * stream.time_base) > limits.seconds + 1.0:
        _refuse_length(limits)


def _read_frames(container: Any, stream: Any, mixdown: "_Mixdown") -> None:
    import av

    resampler = av.AudioResampler(format="fltp")  # layout and rate stay
    try:
        for frame in container.decode(stream):
            if frame.sample_rate != mixdown.rate:
                raise AudioUnreadable("The sample rate changes within the file.", code="audio_damaged")
            for planar in resampler.resample(frame):
                mixdown.add(planar.to_ndarray())
    except av.error.FFmpegError as error:
        raise AudioUnreadable(
            f"The recording is damaged or cut off after {mixdown.seconds:.1f} s. Upload or copy it again.",
            code="audio_damaged",
        ) from error


def _check_length(container: Any, stream: Any, mixdown: "_Mixdown") -> None:
    tolerance = _MISSING_SECONDS.get(container.format.name)
    if tolerance is None or stream.duration is None:
        return
    promised = float(stream.duration * stream.time_base)
    if mixdown.seconds < promised - tolerance - 0.5 / mixdown.rate:
        raise AudioUnreadable(
            f"The recording is cut off or damaged: {mixdown.seconds:.1f} s of {promised:.1f} s are there.",
            code="audio_truncated",
        )


class _Mixdown:
    """Collects frames as mono, keeping the first channel beside the mean until it is known which to use."""

    def __init__(self, rate: int, limits: Limits) -> None:
        self.rate = rate
        self._limits = limits
        self._mean: list[Samples] = []
        self._first: list[Samples] = []
        self._count = 0

    @property
    def seconds(self) -> float:
        return self._count / self.rate

    def add(self, channels_CT: npt.NDArray[Any]) -> None:
        self._count += channels_CT.shape[1]
        if self.seconds > self._limits.seconds:
            _refuse_length(self._limits)
        self._mean.append(channels_CT.mean(axis=0, dtype=np.float32))
        if len(channels_CT) > 1:
            self._first.append(channels_CT[0].copy())

    def waveform(self) -> Waveform:
        if self._count == 0:
            raise AudioUnreadable("The file holds no sound.", code="audio_empty")
        samples = np.concatenate(self._mean)
        if self._first:
            first = np.concatenate(self._first)
            if len(first) == len(samples) and np.dot(samples, samples) < _CANCELLING * np.dot(first, first):
                samples = first
        if not np.isfinite(samples).all():
            raise AudioUnreadable("The file holds values that are no sound (NaN).", code="audio_damaged")
        return Waveform(samples, self.rate)


def _refuse_length(limits: Limits) -> NoReturn:
    _refuse("audio_too_long", f"The recording is longer than {limits.seconds / 60:g} minutes; cut it down.")


def _refuse(code: str, message: str) -> NoReturn:
    raise InvalidInput(message, code=code)
