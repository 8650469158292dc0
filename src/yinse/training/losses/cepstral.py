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


STEADY = 10.0
"""Weight of what is wrong everywhere alike, of which one batch says much more than of any single frame."""


def cepstral_loss(real_BT: Tensor, fake_BT: Tensor, limit_B: Tensor) -> Tensor:
    """Squared distance of the ripples below `limit_B` Hz of two batches at 44.1 kHz, summed over quefrencies.

    Frame by frame, and once more of the mean over all frames, which is what an echo of the windows looks like.
    """
    difference_BNQF = _ripples(fake_BT) - _ripples(real_BT)
    bands = difference_BNQF.shape[1]
    edges_N = torch.arange(1, bands + 1, device=limit_B.device) * (BAND_BINS * ACOUSTIC_MEL.rate / WINDOW)
    present_BN = (edges_N[None] <= limit_B[:, None]).to(fake_BT)
    each_BN = difference_BNQF.abs().square().sum(2).mean(2)
    present_N = present_BN.sum(0).clamp_min(1)
    steady_NQ = (difference_BNQF.mean(3) * present_BN[..., None]).sum(0) / present_N[:, None]
    steady_N = steady_NQ.abs().square().sum(1)
    total: Tensor = (each_BN * present_BN).sum() / present_BN.sum().clamp_min(1)
    return total + STEADY * steady_N.sum() / present_BN.any(0).sum().clamp_min(1)


def _ripples(audio_BT: Tensor) -> Tensor:
    """Cepstra of bands: (B, T) -> complex (B, N, Q, F)."""
    log_BKF = magnitude(audio_BT, WINDOW, WINDOW, HOP).clamp_min(MAGNITUDE_FLOOR).log()
    bands_BNKF = torch.unflatten(log_BKF[:, : log_BKF.shape[1] // BAND_BINS * BAND_BINS], 1, (-1, BAND_BINS))
    taper_K1 = torch.hann_window(BAND_BINS, device=audio_BT.device)[:, None]
    level = (bands_BNKF * taper_K1).sum(2, keepdim=True) / taper_K1.sum()
    ripples: Tensor = torch.fft.rfft((bands_BNKF - level) * taper_K1, dim=2)[:, :, QUEFRENCIES]
    return ripples / taper_K1.sum()
