"""Spectral distances that ignore the band a recording does not have.

Legend: B batch, T samples, K frequency bins, M mel bands, F frames.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from yinse.engine.audio.mel import ACOUSTIC_MEL, MelConfig, band_edges, magnitude, to_log_mel

MEL_RESOLUTION = (ACOUSTIC_MEL.n_fft, ACOUSTIC_MEL.window, ACOUSTIC_MEL.hop)
FINE_RESOLUTIONS = ((1024, 882, 220), (512, 441, 110))
"""FFT, window and hop lengths in samples at 44.1 kHz; one of them is looked at in every step."""
MAGNITUDE_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class SpectralLoss:
    """Log-mel distance and multi-resolution STFT distance (Yamamoto et al. 2020), each a scalar."""

    mel: Tensor
    stft: Tensor


def _masked_mean(value_BKF: Tensor, mask_BK: Tensor) -> Tensor:
    weight = mask_BK[:, :, None].to(value_BKF)
    total: Tensor = (value_BKF * weight).sum() / (weight.sum() * value_BKF.shape[2]).clamp_min(1)
    return total


def present_bins(n_fft: int, rate: int, limit_B: Tensor) -> Tensor:
    """Which FFT bins lie below each recording's bandwidth in Hz: (B, K)."""
    bins_K = torch.linspace(0, rate / 2, n_fft // 2 + 1, device=limit_B.device)
    return bins_K[None] <= limit_B[:, None]


def present_bands(config: MelConfig, limit_B: Tensor) -> Tensor:
    """Which mel bands lie wholly below each recording's bandwidth in Hz: (B, M)."""
    upper_M = torch.from_numpy(band_edges(config)[2:]).to(limit_B)
    return upper_M[None] <= limit_B[:, None]


def _stft_distance(real_BKF: Tensor, fake_BKF: Tensor, mask_BK: Tensor) -> Tensor:
    """Spectral convergence plus log-magnitude distance."""
    weight = mask_BK[:, :, None].to(real_BKF)
    difference = ((real_BKF - fake_BKF) * weight).flatten(1).norm(dim=1)
    convergence = difference / (real_BKF * weight).flatten(1).norm(dim=1).clamp_min(1.0)
    distance = (real_BKF.clamp_min(MAGNITUDE_FLOOR).log() - fake_BKF.clamp_min(MAGNITUDE_FLOOR).log()).abs()
    both: Tensor = convergence.mean() + _masked_mean(distance, mask_BK)
    return both


def spectral_loss(real_BT: Tensor, fake_BT: Tensor, limit_B: Tensor, step: int) -> SpectralLoss:
    """Distances of two batches at 44.1 kHz below `limit_B` Hz; the fine resolution alternates with `step`."""
    distances = []
    for sizes in (MEL_RESOLUTION, FINE_RESOLUTIONS[step % len(FINE_RESOLUTIONS)]):
        real, fake = magnitude(real_BT, *sizes), magnitude(fake_BT, *sizes)
        distances.append(_stft_distance(real, fake, present_bins(sizes[0], ACOUSTIC_MEL.rate, limit_B)))
        if sizes == MEL_RESOLUTION:
            mel = _mel_distance(real, fake, limit_B)
    return SpectralLoss(mel, torch.stack(distances).mean())


def _mel_distance(real_BKF: Tensor, fake_BKF: Tensor, limit_B: Tensor) -> Tensor:
    real, fake = (to_log_mel(x, ACOUSTIC_MEL) for x in (real_BKF, fake_BKF))
    return _masked_mean((real - fake).abs(), present_bands(ACOUSTIC_MEL, limit_B))
