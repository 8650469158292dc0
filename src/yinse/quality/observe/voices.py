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
    """A speaker encoder and the cosine below which two of its embeddings are two people.

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


class VoiceMeter:
    """Collects the embedding of each 1.5 s of speech, every 0.75 s; pauses are skipped, not embedded."""

    def __init__(self, rate: int, ruler: SpeakerRuler) -> None:
        self._ruler = ruler
        self._resampler = StreamResampler(rate, RATE)
        self._pending = np.zeros(0, np.float32)
        self._position = 0
        self._speech: list[tuple[int, Samples]] = []
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
                self._embed()

    @property
    def voices(self) -> Voices:
        """All embeddings so far."""
        stacked = np.stack(self._embeddings) if self._embeddings else np.zeros((0, 1), np.float32)
        return Voices(stacked, tuple(self._spans), self._ruler.different_below)

    def _embed(self) -> None:
        stretch = np.concatenate([window for _, window in self._speech])
        vector = self._ruler.embed(Waveform(stretch, RATE)).astype(np.float32)
        self._embeddings.append(vector / np.linalg.norm(vector))
        first, last = self._speech[0][0], self._speech[-1][0] + 1
        self._spans.append(Span(first * WINDOW_SECONDS, last * WINDOW_SECONDS))
        self._speech = self._speech[_HOP_WINDOWS:]
