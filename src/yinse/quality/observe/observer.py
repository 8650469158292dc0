"""All observers at once: samples in, one `Observation` out, at any moment.

Legend: T samples, F frames of 10 ms, W windows of 32 ms (speech) or half a second (hum), G windows of 40 ms,
L linear bands of 250 Hz, M mel bands, H histogram bins, N mains frequencies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.engine.audio.vad import VoiceActivity, spans_of
from yinse.engine.audio.waveform import Samples, Waveform
from yinse.quality.observe.frames import FRAMES_PER_SECOND, Array, Growing
from yinse.quality.observe.hum import HumMeter
from yinse.quality.observe.level import LevelMeter
from yinse.quality.observe.pitch import PitchMeter
from yinse.quality.observe.samples import SampleMeter
from yinse.quality.observe.spectrum import SpectrumMeter
from yinse.quality.observe.tonal import TonalMeter
from yinse.quality.observe.voices import Embedding, SpeakerRuler, Stretch, VoiceMeter, Voices

_STEP_SECONDS = 1.0


class _Meter(Protocol):
    def push(self, samples: Samples) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Observation:
    """What was heard in the first `seconds` of a recording at `rate` Hz; see each observer for its arrays.

    Every array of frames has the same F; those of slower or later observers may be shorter by a few rows.
    """

    rate: int
    seconds: float
    spans: tuple[Span, ...]
    """Speech."""
    speech: npt.NDArray[np.bool_]
    """Frames within the spans: (F,)."""
    peak: Array
    """Highest magnitude: (F,)."""
    energy: Array
    """Mean square: (F,)."""
    clipped: Array
    """Samples in clipped runs: (F,)."""
    histogram: npt.NDArray[np.int64]
    """Samples per magnitude: (H,)."""
    zero_runs: tuple[tuple[float, float], ...]
    """Digital silence, seconds."""
    loudness: Array
    """K-weighted mean square: (F,)."""
    true_peak: float
    """Highest magnitude between the samples too."""
    linear: Array
    """Mean square per linear band: (F, L)."""
    mel: Array
    """Mean square per mel band: (F, M)."""
    periodicity: Array
    """Height of the autocorrelation peak: (F,)."""
    hertz: Array
    """Its frequency: (F,)."""
    hum: Array
    """Lines of the mains and what is expected there without: (W, 2, N, harmonics)."""
    tones: Array
    """Held peaks, all peaks, mean square of each 40 ms: (G, 3)."""
    voices: Voices | None
    """Who speaks; None without a speaker encoder."""


def observe(waveform: Waveform, ruler: SpeakerRuler | None = None) -> Observation:
    """Listen to a whole recording."""
    observer = Observer(waveform.rate, None if ruler is None else ruler.different_below)
    for piece in _steps(waveform.samples, waveform.rate):
        observer.push(piece)
        for stretch in observer.stretches():
            assert ruler is not None
            observer.tell(stretch.span, ruler.embed(stretch.speech))
    observer.finish()
    return observer.observation()


def _steps(samples: Samples, rate: int) -> Iterator[Samples]:
    """Samples (T,) a second at a time."""
    step = round(_STEP_SECONDS * rate)
    for start in range(0, len(samples), step):
        yield samples[start : start + step]


class Observer:
    """Listens to a recording that comes in pieces; memory grows by about 60 kB a second, time by none.

    With `different_below`, the likeness below which its encoder hears two people, it listens to who speaks: take its
    `stretches`, which otherwise stay in memory, and `tell` their embeddings.
    """

    def __init__(self, rate: int, different_below: float | None = None) -> None:
        self.rate = rate
        self._count = 0
        self._samples, self._level = SampleMeter(rate), LevelMeter(rate)
        self._spectrum, self._pitch = SpectrumMeter(rate), PitchMeter(rate)
        self._hum, self._tonal = HumMeter(rate), TonalMeter(rate)
        self._activity, self._probabilities = VoiceActivity(rate), Growing()
        self._voices = None if different_below is None else VoiceMeter(rate, different_below)

    @property
    def seconds(self) -> float:
        """How much has been heard."""
        return self._count / self.rate

    def push(self, samples: Samples) -> None:
        """Take the next samples (T,), of any number."""
        for piece in _steps(samples, self.rate):
            self._push(piece)

    def stretches(self) -> list[Stretch]:
        """Speech to embed, of what was pushed since they were last asked for."""
        return [] if self._voices is None else self._voices.stretches()

    def tell(self, span: Span, embedding: Embedding) -> None:
        """Take the embedding (D,) of a stretch, in the order of the stretches; some may be left out."""
        assert self._voices is not None, "nobody asked for stretches"
        self._voices.tell(span, embedding)

    def finish(self) -> None:
        """Take in what filters and last windows hold. Nothing may be pushed afterwards."""
        for meter in self._meters():
            meter.finish()
        self._probabilities.extend(self._activity.finish())

    def observation(self) -> Observation:
        """What has been heard so far: views of what the observers hold, nothing is computed anew."""
        seconds = self.seconds
        spans = spans_of(self._probabilities.rows, seconds)
        count = min(len(rows) for rows in self._frame_rows())
        frames = self._samples.frames[:count]
        return Observation(
            rate=self.rate,
            seconds=seconds,
            spans=tuple(spans),
            speech=frames_within(spans, count),
            peak=frames[:, 0],
            energy=frames[:, 1],
            clipped=frames[:, 2],
            histogram=self._samples.histogram,
            zero_runs=tuple(self._samples.zero_runs),
            loudness=self._level.energy[:count],
            true_peak=self._level.true_peak,
            linear=self._spectrum.linear[:count],
            mel=self._spectrum.mel[:count],
            periodicity=self._pitch.periodicity[:count],
            hertz=self._pitch.hertz[:count],
            hum=self._hum.lines,
            tones=self._tonal.rows,
            voices=None if self._voices is None else self._voices.voices,
        )

    def _push(self, samples: Samples) -> None:
        self._count += len(samples)
        for meter in self._meters():
            meter.push(samples)
        probabilities = self._activity.push(samples)
        self._probabilities.extend(probabilities)
        if self._voices is not None:
            self._voices.push(samples, probabilities)

    def _meters(self) -> tuple[_Meter, ...]:
        return self._samples, self._level, self._spectrum, self._pitch, self._hum, self._tonal

    def _frame_rows(self) -> tuple[Array, ...]:
        level, spectrum, pitch = self._level.energy, self._spectrum.mel, self._pitch.hertz
        return self._samples.frames, level, spectrum, pitch


def frames_within(spans: Sequence[Span], count: int) -> npt.NDArray[np.bool_]:
    """Whether the middle of each of `count` frames lies within a span: (F,)."""
    inside = np.zeros(count, bool)
    for span in spans:
        first, last = (round(edge * FRAMES_PER_SECOND) for edge in (span.start, span.end))
        inside[first:last] = True
    return inside
