"""Who speaks: an embedding of every second and a half of speech, by whatever encoder is plugged in.

Legend: T samples, W windows of 32 ms, V embedded stretches, D dimensions.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.engine.audio.resample import StreamResampler
from yinse.engine.audio.vad import RATE, WINDOW, WINDOW_SECONDS, Probabilities
from yinse.engine.audio.waveform import Samples, Waveform

Embedding = npt.NDArray[np.float32]

_SPEECH = 0.5
_STRETCH_WINDOWS = 47
_HOP_WINDOWS = 23


@dataclass(frozen=True, slots=True)
class SpeakerRuler:
    """A speaker encoder and the likeness below which it hears two people, as `measures.speakers` computes it.

    `embed` takes 1.5 s of speech at 16 kHz and returns (D,), of any length but zero.
    """

    embed: Callable[[Waveform], Embedding]
    different_below: float


@dataclass(frozen=True, slots=True)
class Voices:
    """Unit embeddings (V, D) of stretches of speech, where each stretch lies, and what tells people apart."""

    embeddings: Embedding
    spans: tuple[Span, ...]
    different_below: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """1.5 s of speech at 16 kHz, without its pauses, and where in the recording it lies."""

    speech: Waveform
    span: Span


class VoiceMeter:
    """Cuts off 1.5 s of speech, every 0.75 s, without the pauses, and collects the embeddings of these stretches.

    Whoever has the encoder takes the `stretches` and tells their embeddings: at once, or when they arrive.
    """

    def __init__(self, rate: int, different_below: float) -> None:
        self._different_below = different_below
        self._resampler = StreamResampler(rate, RATE)
        self._pending = np.zeros(0, np.float32)
        self._position = 0
        self._speech: list[tuple[int, Samples]] = []
        self._stretches: list[Stretch] = []
        self._embeddings: list[Embedding] = []
        self._spans: list[Span] = []

    def push(self, samples: Samples, probabilities: Probabilities) -> None:
        """Take samples (T,) and the speech probabilities (W,) of the windows they complete."""
        self._pending = np.concatenate([self._pending, self._resampler.push(samples)])
        windows = self._pending[: len(probabilities) * WINDOW].reshape(-1, WINDOW)
        self._pending = self._pending[windows.size :].copy()
        for window, probability in zip(windows, probabilities, strict=True):
            if probability >= _SPEECH:
                self._speech.append((self._position, window))
            self._position += 1
            if len(self._speech) == _STRETCH_WINDOWS:
                self._cut()

    def stretches(self) -> list[Stretch]:
        """Those that were completed since they were last asked for; nothing else keeps their samples."""
        taken, self._stretches = self._stretches, []
        return taken

    def tell(self, span: Span, embedding: Embedding) -> None:
        """Take the embedding (D,) of a stretch, in the order of the stretches; some may be left out."""
        self._embeddings.append(np.asarray(embedding / np.linalg.norm(embedding), np.float32))
        self._spans.append(span)

    @property
    def voices(self) -> Voices:
        """All embeddings so far."""
        stacked = np.stack(self._embeddings) if self._embeddings else np.zeros((0, 1), np.float32)
        return Voices(stacked, tuple(self._spans), self._different_below)

    def _cut(self) -> None:
        first, last = self._speech[0][0], self._speech[-1][0] + 1
        span = Span(first * WINDOW_SECONDS, last * WINDOW_SECONDS)
        speech = Waveform(np.concatenate([window for _, window in self._speech]), RATE)
        self._stretches.append(Stretch(speech, span))
        self._speech = self._speech[_HOP_WINDOWS:]
