"""Distance of two sounds in what repeats itself: the ripple that a pitch, or a frame rate, draws on the spectrum.

A decoder that makes a window every 10 ms may repeat itself from window to window where the recording is noise. Short
spectra hardly show it, and ears hear a buzz at 100 Hz. The ripple of the log spectrum (its cepstrum, Bogert et al. 1963)
shows it as a peak at 10 ms. The distance is squared, so that its best guess at noise is the mean over all noises:
no ripple.

Legend: B batch, T samples, K frequency bins, F frames, N bands, Q quefrencies.
"""

import torch
from torch import Tensor

from yinse.engine.audio.mel import ACOUSTIC_MEL, magnitude
from yinse.training.losses.spectral import MAGNITUDE_FLOOR

WINDOW, HOP = 4096, 1024
"""93 ms at 44.1 kHz: several periods of whatever repeats within 22 ms."""
BAND_BINS = 256
"""2.8 kHz, looked at one by one: noise may lie above and a voice below."""
QUEFRENCIES = slice(7, 61)
"""2.5 to 22 ms in steps of 0.36 ms: shorter ones are the envelope, which other losses look at."""


def cepstral_loss(real_BT: Tensor, fake_BT: Tensor, limit_B: Tensor) -> Tensor:
    """Squared distance of the ripples below `limit_B` Hz of two batches at 44.1 kHz, summed over quefrencies."""
    real, fake = _ripples(real_BT), _ripples(fake_BT)
    edges_N = torch.arange(1, real.shape[1] + 1, device=limit_B.device) * (
        BAND_BINS * ACOUSTIC_MEL.rate / WINDOW
    )
    present_BN = edges_N[None] <= limit_B[:, None]
    squared_BNF = (real - fake).abs().square().sum(2)
    weight_BN1 = present_BN[..., None].to(squared_BNF)
    total: Tensor = (squared_BNF * weight_BN1).sum() / (weight_BN1.sum() * squared_BNF.shape[2]).clamp_min(1)
    return total


def _ripples(audio_BT: Tensor) -> Tensor:
    """Cepstra of bands: (B, T) -> complex (B, N, Q, F)."""
    log_BKF = magnitude(audio_BT, WINDOW, WINDOW, HOP).clamp_min(MAGNITUDE_FLOOR).log()
    bands_BNKF = torch.unflatten(log_BKF[:, : log_BKF.shape[1] // BAND_BINS * BAND_BINS], 1, (-1, BAND_BINS))
    taper_K1 = torch.hann_window(BAND_BINS, device=audio_BT.device)[:, None]
    level = (bands_BNKF * taper_K1).sum(2, keepdim=True) / taper_K1.sum()
    ripples: Tensor = torch.fft.rfft((bands_BNKF - level) * taper_K1, dim=2)[:, :, QUEFRENCIES]
    return ripples / taper_K1.sum()
