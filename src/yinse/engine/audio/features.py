"""What the published models hear: magnitude spectrograms, mel prompts, the Kaldi filter bank, their
resampler.

Legend: B batch, T samples, K frequency bins, M mel bands, F frames, W samples of a frame.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from yinse.engine.audio.mel import MelConfig, hann_window, mel_filterbank

MAGNITUDE_FLOOR = 1e-8
"""Added to the power before the root."""
LOG_FLOOR = 1e-5

SPECTRUM = MelConfig(rate=32000, n_fft=2048, window=2048, hop=640, bands=128, low=0.0, high=16000.0)
"""Linear spectrogram of references, 50 frames a second; its mel bands are the loss of s2."""
PROMPT_24K = MelConfig(rate=24000, n_fft=1024, window=1024, hop=256, bands=100, low=0.0, high=12000.0)
"""Mel prompt of v3."""
PROMPT_32K = MelConfig(rate=32000, n_fft=1280, window=1280, hop=320, bands=100, low=0.0, high=16000.0)
"""Mel prompt of v4."""


def spectrogram(samples_BT: Tensor, config: MelConfig = SPECTRUM) -> Tensor:
    """Linear magnitudes: (B, T) -> (B, K, T // hop), reflected at both ends. Needs T > (n_fft - hop) / 2."""
    pad = (config.n_fft - config.hop) // 2
    padded = F.pad(samples_BT[:, None], (pad, pad), mode="reflect")[:, 0]
    taper = hann_window(config.window).to(samples_BT)
    bins = torch.stft(
        padded, config.n_fft, config.hop, config.window, taper, center=False, return_complex=True
    )
    return (bins.real.square() + bins.imag.square() + MAGNITUDE_FLOOR).sqrt()


def log_bands(magnitude_BKF: Tensor, config: MelConfig) -> Tensor:
    """Natural log of Slaney mel bands: (B, K, F) -> (B, M, F)."""
    return (mel_filterbank(config).to(magnitude_BKF) @ magnitude_BKF).clamp_min(LOG_FLOOR).log()


def log_mel(samples_BT: Tensor, config: MelConfig) -> Tensor:
    """Natural log of Slaney mel bands of a signal: (B, T) -> (B, M, T // hop)."""
    return log_bands(spectrogram(samples_BT, config), config)


@dataclass(frozen=True, slots=True)
class FilterBankConfig:
    """Kaldi's filter bank with its defaults, for signals within -1..1."""

    rate: int = 16000
    frame: int = 400
    hop: int = 160
    n_fft: int = 512
    bands: int = 80
    low: float = 20.0
    emphasis: float = 0.97


FILTER_BANK = FilterBankConfig()


def filter_bank(samples_BT: Tensor, config: FilterBankConfig = FILTER_BANK) -> Tensor:
    """Log energies of Kaldi's mel bands: (B, T) -> (B, F, M), only whole frames, no dither (Povey et al.

    2011).
    """
    if samples_BT.shape[1] < config.frame:
        raise ValueError(f"a filter bank needs {config.frame} samples, got {samples_BT.shape[1]}")
    frames_BFW = samples_BT.unfold(1, config.frame, config.hop)
    frames_BFW = frames_BFW - frames_BFW.mean(2, keepdim=True)
    before = torch.cat([frames_BFW[..., :1], frames_BFW[..., :-1]], 2)
    tapered = (frames_BFW - config.emphasis * before) * _povey_window(config.frame).to(samples_BT)
    power_BFK = torch.fft.rfft(tapered, config.n_fft).abs().square()
    energies = power_BFK @ _kaldi_triangles(config).to(samples_BT).t()
    floored: Tensor = energies.clamp_min(torch.finfo(torch.float32).eps).log()
    return floored


@lru_cache(maxsize=4)
def _povey_window(size: int) -> Tensor:
    return torch.hann_window(size, periodic=False).pow(0.85)


@lru_cache(maxsize=4)
def _kaldi_triangles(config: FilterBankConfig) -> Tensor:
    """Triangles of equal height on Kaldi's mel scale: (M, K).

    In float32 and in the published order of operations: rounding otherwise moves bands by up to 2.5e-4.
    """

    def mel(hz: Tensor) -> Tensor:
        return 1127.0 * (1.0 + hz / 700.0).log()

    low, high = (1127.0 * math.log(1.0 + hz / 700.0) for hz in (config.low, config.rate / 2))
    step = (high - low) / (config.bands + 1)
    left, centre, right = (
        low + (torch.arange(config.bands) + place)[:, None] * step for place in (0.0, 1.0, 2.0)
    )
    bins = mel(config.rate / config.n_fft * torch.arange(config.n_fft // 2))
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    return F.pad(torch.minimum(rising, falling).clamp_min(0), (0, 1))  # the highest frequency is in none


def windowed_sinc(samples_BT: Tensor, source: int, target: int) -> Tensor:
    """Resample with a short Hann-windowed sinc: (B, T) -> (B, ceil(T * target / source)).

    The resampler of the published reference path: six zero crossings, 99 % of the band. The house's own
    resampler is better; this one gives published spectrograms.
    """
    if source == target:
        return samples_BT
    common = math.gcd(source, target)
    kernel, width = _sinc_kernel(source // common, target // common)
    step = source // common
    padded = F.pad(samples_BT[:, None], (width, width + step))
    resampled = F.conv1d(padded, kernel.to(samples_BT), stride=step).transpose(1, 2).flatten(1)
    return resampled[:, : math.ceil(samples_BT.shape[1] * target / source)]


@lru_cache(maxsize=16)
def _sinc_kernel(source: int, target: int, crossings: int = 6, band: float = 0.99) -> tuple[Tensor, int]:
    """One filter per output phase: (target, 1, taps), and how far they reach in input samples."""
    limit = min(source, target) * band
    width = math.ceil(crossings * source / limit)
    taps = torch.arange(-width, width + source, dtype=torch.float64) / source
    phases = torch.arange(0, -target, -1, dtype=torch.float64) / target
    time = ((phases[:, None] + taps) * limit).clamp(-crossings, crossings)
    window = (time * math.pi / crossings / 2).cos().square()
    return (torch.sinc(time) * window * (limit / source)).float()[:, None], width
