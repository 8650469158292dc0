"""Steady noise out of a recording, and only where it helps.

Estimator: Ephraim and Malah, "Speech enhancement using a minimum mean-square error log-spectral amplitude
estimator", IEEE Trans. ASSP 33(2), 1985, with their decision-directed a-priori SNR (1984). The noise spectrum
is the mean over the recording's own pauses. Legend: K frequency bins, F frames.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.engine.audio.waveform import Waveform

Reason = Literal["helped", "clean_enough", "too_noisy", "no_pause", "band_lost"]

_WINDOW_SECONDS = 0.032
_SMOOTHING = 0.98
_LOWEST_GAIN = 10.0 ** (-15 / 20)
_LOWEST_PRIOR = 10.0 ** (-25 / 10)
_PAUSE_MARGIN = 0.05
_LEAST_PAUSE = 0.3
_BLOCK = 512
"""Windows that are worked on together."""


@dataclass(frozen=True, slots=True)
class DenoisePolicy:
    """When to denoise: SNR within these dB; and how much lower the voice may reach for it, in Hz.

    `benchmarks/results/noise.md` holds what it does to voices. Whether our speaker encoder knows the voice again says nothing: it
    hears the noise as a part of it.
    """

    lowest_snr: float = 10.0
    highest_snr: float = 28.0
    bandwidth_loss: float = 500.0


@dataclass(frozen=True, slots=True)
class Denoised:
    """The waveform to go on with, whether it is the cleaned one, and why."""

    waveform: Waveform
    applied: bool
    reason: Reason


def denoise_if_helpful(
    waveform: Waveform,
    spans: Sequence[Span],
    snr_db: float,
    *,
    voice_band: Callable[[Waveform], float],
    policy: DenoisePolicy = DenoisePolicy(),
) -> Denoised:
    """Denoise where the SNR is middling and keep the result only if the voice reaches as high as before.

    `spans` are the speech of `waveform`; `voice_band` tells how high a voice reaches, in Hz. Clean recordings are made worse by any
    denoiser, hopeless ones are not rescued.
    """
    if snr_db > policy.highest_snr:
        return Denoised(waveform, False, "clean_enough")
    if snr_db < policy.lowest_snr:
        return Denoised(waveform, False, "too_noisy")
    if sum(pause.seconds for pause in _pauses(spans, waveform.seconds)) < _LEAST_PAUSE:
        return Denoised(waveform, False, "no_pause")
    cleaned = denoise(waveform, spans)
    if voice_band(cleaned) < voice_band(waveform) - policy.bandwidth_loss:
        return Denoised(waveform, False, "band_lost")
    return Denoised(cleaned, True, "helped")


def denoise(waveform: Waveform, spans: Sequence[Span]) -> Waveform:
    """Suppress the noise heard in the pauses between `spans` by at most 15 dB; same length and rate.

    Works through the recording in blocks: beside the samples it takes some 50 MB, however long they are.
    Raises `ValueError` where the pauses are shorter than 0.3 s in all: there is nothing to learn from.
    """
    frames = _Frames(waveform)
    quiet_F = _within(frames.times, _pauses(spans, waveform.seconds))
    if quiet_F.sum() * frames.hop < _LEAST_PAUSE * waveform.rate:
        raise ValueError("too little pause to learn the noise from")
    noise_K = frames.mean_power(quiet_F) + 1e-20
    gains = _LogMmse(noise_K)
    for first, spectrum_FK in frames.blocks():
        frames.add(first, spectrum_FK * gains.next(np.abs(spectrum_FK) ** 2))
    return Waveform(frames.joined(), waveform.rate)


class _Frames:
    """A recording in overlapping windows of which four hold every sample, and what is put together of them again."""

    def __init__(self, waveform: Waveform) -> None:
        from scipy.signal.windows import hann

        self.hop = round(_WINDOW_SECONDS * waveform.rate) // 4
        window, length = 4 * self.hop, len(waveform.samples)
        count = -(-length // self.hop) + 3
        padded = np.zeros((count + 3) * self.hop, np.float32)
        self._inner = slice(3 * self.hop, 3 * self.hop + length)
        padded[self._inner] = waveform.samples
        self._windows_FT = np.lib.stride_tricks.sliding_window_view(padded, window)[:: self.hop]
        self._taper_T = hann(window, sym=False)
        self._sum = np.zeros_like(padded)
        self.times = (np.arange(count) - 1) * self.hop / waveform.rate
        """Of the middle of each window, in seconds: (F,)."""

    def mean_power(self, chosen_F: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """Mean power of each bin over some of the windows: (K,)."""
        total_K: npt.NDArray[np.float64] = np.zeros(len(self._taper_T) // 2 + 1)
        for first in range(0, len(self._windows_FT), _BLOCK):
            chosen_FT = self._windows_FT[first : first + _BLOCK][chosen_F[first : first + _BLOCK]]
            total_K += (np.abs(np.fft.rfft(chosen_FT * self._taper_T)) ** 2).sum(0)
        return total_K / np.count_nonzero(chosen_F)

    def blocks(self) -> Iterator[tuple[int, npt.NDArray[np.complex128]]]:
        """Spectra of the windows, some at a time, with the number of the first: (F, K)."""
        for first in range(0, len(self._windows_FT), _BLOCK):
            yield first, np.fft.rfft(self._windows_FT[first : first + _BLOCK] * self._taper_T)

    def add(self, first: int, spectrum_FK: npt.NDArray[np.complex128]) -> None:
        """Overlap and add windows, from number `first` on."""
        windows_FT = np.fft.irfft(spectrum_FK) * self._taper_T
        for quarter in range(4):
            part = windows_FT[:, quarter * self.hop : (quarter + 1) * self.hop].ravel()
            start = (first + quarter) * self.hop
            self._sum[start : start + len(part)] += part

    def joined(self) -> npt.NDArray[np.float32]:
        """What was added, as loud as it was: (T,)."""
        weight = np.square(self._taper_T).sum() / self.hop  # the same for every sample (Hann, a quarter)
        return self._sum[self._inner] / np.float32(weight)


def _pauses(spans: Sequence[Span], seconds: float) -> list[Span]:
    """What lies between the spans, a margin away from them."""
    starts = [0.0, *(span.end + _PAUSE_MARGIN for span in spans)]
    ends = [*(span.start - _PAUSE_MARGIN for span in spans), seconds]
    return [Span(start, end) for start, end in zip(starts, ends, strict=True) if end > start]


def _within(times: npt.NDArray[np.float64], spans: Sequence[Span]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(times), bool)
    for span in spans:
        inside |= (times >= span.start) & (times <= span.end)
    return inside


class _LogMmse:
    """Gain of each bin by the log-spectral MMSE rule, frame after frame."""

    def __init__(self, noise_K: npt.NDArray[np.float64]) -> None:
        self._noise_K, self._clean_K = noise_K, np.ones(len(noise_K))

    def next(self, power_FK: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Gains of the next frames: (F, K)."""
        from scipy.special import exp1

        posterior_FK = np.minimum(power_FK / self._noise_K, 1e4)
        gains_FK = np.empty_like(posterior_FK)
        for posterior, gain in zip(posterior_FK, gains_FK, strict=True):
            prior = _SMOOTHING * self._clean_K + (1.0 - _SMOOTHING) * np.maximum(posterior - 1.0, 0.0)
            share = np.maximum(prior, _LOWEST_PRIOR) / (1.0 + np.maximum(prior, _LOWEST_PRIOR))
            wanted = share * np.exp(0.5 * exp1(np.maximum(share * posterior, 1e-8)))
            gain[:] = np.clip(wanted, _LOWEST_GAIN, 1.0)
            self._clean_K = gain**2 * posterior
        return gains_FK
