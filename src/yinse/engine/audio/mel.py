"""Log-mel spectrograms as every model of the base voice hears them.

Legend: B batch, T samples, F frames, M mel bands, K frequency bins.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

FLOOR = 1e-5
"""Smallest mel magnitude; its logarithm, about -11.5, is what silence looks like."""


@dataclass(frozen=True, slots=True)
class MelConfig:
    """A log-mel analysis: `rate` Hz, window and hop in samples, `bands` triangles from `low` to `high` Hz."""

    rate: int
    n_fft: int
    window: int
    hop: int
    bands: int
    low: float
    high: float

    @property
    def frames_per_second(self) -> float:
        """Frames per second of audio."""
        return self.rate / self.hop


CONTENT_MEL = MelConfig(rate=16000, n_fft=512, window=400, hop=160, bands=80, low=20.0, high=7600.0)
"""What the content, speaker and alignment models hear: 100 frames a second, telephone to wide band."""

ACOUSTIC_MEL = MelConfig(rate=44100, n_fft=2048, window=1764, hop=441, bands=100, low=0.0, high=22050.0)
"""What the acoustic model and the decoder share: 100 frames a second over the full band."""


def _hz_to_mel(hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = hz / (200.0 / 3)
    logarithmic = 15.0 + np.log(np.maximum(hz, 1e-9) / 1000.0) / (np.log(6.4) / 27.0)
    return np.where(hz < 1000.0, linear, logarithmic)


def _mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = mel * (200.0 / 3)
    logarithmic = 1000.0 * np.exp((mel - 15.0) * (np.log(6.4) / 27.0))
    return np.where(mel < 15.0, linear, logarithmic)


def band_edges(config: MelConfig) -> npt.NDArray[np.float64]:
    """Edges of the triangles in Hz, shape (bands + 2,), equally spaced on Slaney's mel scale."""
    low, high = _hz_to_mel(np.array([config.low, config.high]))
    return _mel_to_hz(np.linspace(low, high, config.bands + 2))


@lru_cache(maxsize=8)
def mel_filterbank(config: MelConfig) -> Tensor:
    """Slaney mel triangles of unit area: (bands, n_fft // 2 + 1)."""
    edges = band_edges(config)
    bins = np.linspace(0, config.rate / 2, config.n_fft // 2 + 1)
    rising = (bins[None] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins[None]) / np.diff(edges)[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    triangles *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    with torch.inference_mode(mode=False):  # kept for training too, wherever it is asked for first
        return torch.from_numpy(triangles.astype(np.float32))


@lru_cache(maxsize=16)
def hann_window(length: int) -> Tensor:
    """Periodic Hann window of `length` samples."""
    with torch.inference_mode(mode=False):  # kept for training too, wherever it is asked for first
        return torch.hann_window(length)


def magnitude(samples_BT: Tensor, n_fft: int, window: int, hop: int) -> Tensor:
    """Linear magnitude spectrogram: (B, T) -> (B, K, T // hop), frames centred on their hop."""
    pad = n_fft - hop
    padded = F.pad(samples_BT[:, None], (pad // 2, pad - pad // 2), mode="reflect")[:, 0]
    taper = hann_window(window).to(samples_BT)
    spectrum = torch.stft(padded, n_fft, hop, window, taper, center=False, return_complex=True)
    return spectrum.abs()


def log_mel(samples_BT: Tensor, config: MelConfig) -> Tensor:
    """Natural log of the mel magnitudes: (B, T) -> (B, M, T // hop). Needs T > n_fft - hop."""
    return to_log_mel(magnitude(samples_BT, config.n_fft, config.window, config.hop), config)


def to_log_mel(linear_BKF: Tensor, config: MelConfig) -> Tensor:
    """Magnitudes to log-mel, in single precision even under mixed precision: (B, K, F) -> (B, M, F)."""
    with torch.autocast(linear_BKF.device.type, enabled=False):
        return (mel_filterbank(config).to(linear_BKF) @ linear_BKF).clamp_min(FLOOR).log()
