"""Fundamental frequency by normalised autocorrelation (Boersma 1993, without the path search).

Good enough to teach intonation: frames are judged alone, then smoothed by a median over five.

Legend: T samples, F frames, N samples of a window, L lags.
"""

import torch
from torch import Tensor

LOWEST_HZ, HIGHEST_HZ = 60.0, 500.0
WINDOW_SECONDS = 0.045
VOICED_PEAK = 0.5
QUIET = 0.02
"""Frames whose amplitude is below this share of the loudest are unvoiced."""


def pitch(samples_T: Tensor, rate: int, hop: int) -> Tensor:
    """Pitch of float samples in Hz, 0 where unvoiced: (T,) -> (T // hop,), frames centred on their hop."""
    factor = max(1, rate // 11000)
    slow = _decimate(samples_T, factor)
    window = round(WINDOW_SECONDS * rate / factor)
    frames = len(samples_T) // hop
    centres = (torch.arange(frames) * hop + hop // 2) // factor
    padded = torch.nn.functional.pad(slow, (window // 2, window))
    windows_FN = padded[centres[:, None] + torch.arange(window)]
    correlation_FL = _autocorrelation(windows_FN)
    first, last = int(rate / factor / HIGHEST_HZ), int(rate / factor / LOWEST_HZ)
    peak, lag = _best_lag(correlation_FL[:, : last + 2], first, last)
    loud = windows_FN.square().mean(1).sqrt()
    inside = (lag > first) & (lag < last)
    voiced = (peak > VOICED_PEAK) & inside & (loud > QUIET * loud.max())
    return _median(torch.where(voiced, rate / factor / lag, 0.0))


def _decimate(samples_T: Tensor, factor: int) -> Tensor:
    """Low-pass with a Hann kernel and keep every `factor`-th sample."""
    if factor == 1:
        return samples_T
    kernel = torch.hann_window(4 * factor + 1, periodic=False)
    kernel = kernel / kernel.sum()
    padded = samples_T[None, None]
    return torch.nn.functional.conv1d(padded, kernel[None, None], stride=factor, padding=2 * factor)[0, 0]


def _autocorrelation(windows_FN: Tensor) -> Tensor:
    """Autocorrelation of tapered windows divided by that of the taper, 1 at lag zero: (F, N) -> (F, N)."""
    count = windows_FN.shape[1]
    taper = torch.hann_window(count)
    size = 1 << (2 * count - 1).bit_length()

    def correlate(x: Tensor) -> Tensor:
        power: Tensor = torch.fft.rfft(x, size).abs().square()
        whole: Tensor = torch.fft.irfft(power, size)
        return whole[..., :count]

    centred = (windows_FN - windows_FN.mean(1, keepdim=True)) * taper
    raw, own = correlate(centred), correlate(taper)
    return raw / raw[:, :1].clamp_min(1e-8) / (own / own[0]).clamp_min(1e-3)


def _best_lag(correlation_FL: Tensor, first: int, last: int) -> tuple[Tensor, Tensor]:
    """Highest local peak with a slight preference for short lags, refined by a parabola: two (F,)."""
    centre = correlation_FL[:, first : last + 1]
    left, right = correlation_FL[:, first - 1 : last], correlation_FL[:, first + 1 : last + 2]
    is_peak = (centre >= left) & (centre >= right)
    lags = torch.arange(first, last + 1, dtype=torch.float32)
    favoured = torch.where(is_peak, centre - 0.02 * torch.log2(lags / first), -1.0)
    best = favoured.argmax(1, keepdim=True)
    peak, before, after = (x.gather(1, best)[:, 0] for x in (centre, left, right))
    shift = 0.5 * (before - after) / (before - 2 * peak + after).clamp_max(-1e-6)
    return peak, best[:, 0] + first + shift.clamp(-0.5, 0.5)


def _median(values_F: Tensor) -> Tensor:
    padded = torch.nn.functional.pad(values_F[None, None], (2, 2), mode="replicate")[0, 0]
    return padded.unfold(0, 5, 1).median(1).values
