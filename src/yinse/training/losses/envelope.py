"""Distance of two sounds in how loud each band of hearing becomes and fades: what carries the words.

Intelligibility follows the correlation of temporal envelopes in third octaves over about 0.4 s (Taal et al. 2011, STOI).
Frame by frame distances do not see it: they weigh an error in a steady vowel like one in the gap before a stop. The loss is
that correlation; the measure itself, at its own rate and with its own framing, stays in the benchmark.

Legend: B batch, T samples, K frequency bins, F frames, O third octaves, W windows, L frames of a window.
"""

from functools import lru_cache

import torch
from torch import Tensor

from yinse.contracts.errors import InvalidInput
from yinse.engine.audio.mel import ACOUSTIC_MEL, magnitude

N_FFT, WINDOW, HOP = 2048, 1128, 564
"""25.6 ms every 12.8 ms, as STOI frames speech."""
LENGTH, STRIDE = 30, 3
"""384 ms, looked at every 38 ms."""
LOWEST, OCTAVES = 150.0, 15
"""Centre of the lowest third octave in Hz, and how many there are: up to 4.3 kHz."""
DYNAMIC_RANGE_DB = 40.0
"""Windows that much below the loudest of their recording say nothing."""
EPSILON = 1e-6
SILENCE = 10 * OCTAVES * LENGTH * EPSILON
"""Power of a window that holds nothing."""


def envelope_loss(real_BT: Tensor, fake_BT: Tensor) -> Tensor:
    """One minus the mean correlation of the envelopes of two batches at 44.1 kHz, of at least 0.4 s: a scalar, 0 ... 2.

    Raises:
        InvalidInput: if the audio is shorter.
    """
    real_BOWL, fake_BOWL = _envelopes(real_BT), _envelopes(fake_BT)
    level_BW = real_BOWL.square().sum((1, 3))
    least_B1 = (level_BW.amax(1, keepdim=True) * 10 ** (-DYNAMIC_RANGE_DB / 10)).clamp_min(SILENCE)
    heard_BW = (level_BW > least_B1).to(real_BOWL)
    correlation_BW = (_standard(real_BOWL) * _standard(fake_BOWL)).sum(3).mean(1)
    total: Tensor = ((1 - correlation_BW) * heard_BW).sum() / heard_BW.sum().clamp_min(1)
    return total


def _envelopes(audio_BT: Tensor) -> Tensor:
    """Magnitudes of third octaves in overlapping windows: (B, T) -> (B, O, W, L)."""
    power_BKF = magnitude(audio_BT, N_FFT, WINDOW, HOP).square()
    if power_BKF.shape[2] < LENGTH:
        raise InvalidInput(
            f"`envelope_weight` compares {LENGTH * HOP / ACOUSTIC_MEL.rate:.1f} s and more; crops of"
            f" {audio_BT.shape[1] / ACOUSTIC_MEL.rate:.1f} s are too short: raise `frames`"
        )
    bands_BOF = torch.einsum("ok,bkf->bof", _third_octaves().to(power_BKF), power_BKF)
    return (bands_BOF + EPSILON).sqrt().unfold(2, LENGTH, STRIDE)


def _standard(envelopes_BOWL: Tensor) -> Tensor:
    """Without mean, and of unit length."""
    centred = envelopes_BOWL - envelopes_BOWL.mean(3, keepdim=True)
    standard: Tensor = centred / (centred.square().sum(3, keepdim=True) + EPSILON).sqrt()
    return standard


@lru_cache(maxsize=1)
def _third_octaves() -> Tensor:
    """Which bins belong to which band, 0 or 1: (O, K)."""
    with torch.inference_mode(mode=False):  # kept for training too, wherever it is asked for first
        centres_O = LOWEST * 2 ** (torch.arange(OCTAVES) / 3)
        bins_K = torch.linspace(0, ACOUSTIC_MEL.rate / 2, N_FFT // 2 + 1)
        low_O1, high_O1 = (centres_O[:, None] * 2 ** (sign / 6) for sign in (-1, 1))
        return ((bins_K[None] >= low_O1) & (bins_K[None] < high_O1)).float()
