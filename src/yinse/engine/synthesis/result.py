"""What speaking returns: pieces of audio as they are ready, and a report when all is said."""

from dataclasses import dataclass

from yinse.engine.audio.waveform import Samples, Waveform


@dataclass(frozen=True, slots=True)
class PhonemeTime:
    """When a phoneme is spoken, in seconds from the start of the audio, and the characters it came from."""

    symbol: str
    start: float
    end: float
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """One segment: its place in the text and in the audio, how it scored, and how many tries that took."""

    text: str
    span: tuple[int, int]
    start: float
    end: float
    seed: int
    tries: int
    score: float
    phoneme_error: float
    phonemes: tuple[PhonemeTime, ...]


@dataclass(frozen=True, slots=True)
class AudioPiece:
    """Samples (T,) at the synthesiser's rate, in order, and phonemes as soon as their length is known.

    A phoneme is told at the latest with the samples it ends in, and once; its segment's last ones may come only
    with `SegmentDone`, which has them all.
    """

    samples: Samples
    phonemes: tuple[PhonemeTime, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentDone:
    """A segment has been spoken to its end."""

    report: SegmentReport


StreamEvent = AudioPiece | SegmentDone


@dataclass(frozen=True, slots=True)
class SpeechReport:
    """Figures of a whole request: latency of the first audio in milliseconds, durations in seconds."""

    first_audio_ms: float
    audio_s: float
    compute_s: float
    seed: int
    segments: tuple[SegmentReport, ...]

    @property
    def rtf(self) -> float:
        """Real-time factor: seconds of computation per second of audio."""
        return self.compute_s / self.audio_s if self.audio_s else 0.0


@dataclass(frozen=True, slots=True)
class Speech:
    """A finished request."""

    audio: Waveform
    report: SpeechReport
