"""The one value every layer passes around: mono samples and their rate."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Waveform:
    """Mono audio: float32 `samples` of shape (T,), nominally within -1..1, at `rate` Hz."""

    samples: Samples
    rate: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise ValueError(f"want float32 (T,), got {self.samples.dtype} {self.samples.shape}")
        if self.rate <= 0:
            raise ValueError(f"sample rate must be positive, got {self.rate}")

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return len(self.samples) / self.rate

    def slice_seconds(self, start: float, end: float) -> "Waveform":
        """Return the part between two times in seconds, clipped to what exists."""
        first, last = max(0, round(start * self.rate)), max(0, round(end * self.rate))
        return Waveform(self.samples[first:last], self.rate)
