"""Steady noise out of a recording, and only where it helps.

Estimator: Ephraim and Malah, "Speech enhancement using a minimum mean-square error log-spectral amplitude
estimator", IEEE Trans. ASSP 33(2), 1985, with their decision-directed a-priori SNR (1984). The noise spectrum
is the mean over the recording's own pauses. Legend: K frequency bins, F frames.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.engine.audio.waveform import Waveform

Reason = Literal["helped", "clean_enough", "too_noisy", "no_pause", "voice_changed", "band_lost"]

_WINDOW_SECONDS = 0.032
_SMOOTHING = 0.98
_LOWEST_GAIN = 10.0 ** (-15 / 20)
_LOWEST_PRIOR = 10.0 ** (-25 / 10)
_PAUSE_MARGIN = 0.05
_LEAST_PAUSE = 0.3


@dataclass(frozen=True, slots=True)
class DenoisePolicy:
    """When to denoise: SNR within these dB, likeness to the raw take at least this, bandwidth kept (Hz)."""

    lowest_snr: float = 10.0
    highest_snr: float = 25.0
    least_similarity: float = 0.97
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
    similarity: Callable[[Waveform, Waveform], float],
    bandwidth: Callable[[Waveform], float],
    policy: DenoisePolicy = DenoisePolicy(),
) -> Denoised:
    """Denoise where the SNR is middling and keep the result only if voice and band survive.

    `spans` are the speech of `waveform`; `similarity` compares the voices of two recordings (cosine),
    `bandwidth` gives Hz. Clean recordings are made worse by any denoiser, hopeless ones are not rescued.
    """
    if snr_db > policy.highest_snr:
        return Denoised(waveform, False, "clean_enough")
    if snr_db < policy.lowest_snr:
        return Denoised(waveform, False, "too_noisy")
    if sum(pause.seconds for pause in _pauses(spans, waveform.seconds)) < _LEAST_PAUSE:
        return Denoised(waveform, False, "no_pause")
    cleaned = denoise(waveform, spans)
    if similarity(waveform, cleaned) < policy.least_similarity:
        return Denoised(waveform, False, "voice_changed")
    if bandwidth(cleaned) < bandwidth(waveform) - policy.bandwidth_loss:
        return Denoised(waveform, False, "band_lost")
    return Denoised(cleaned, True, "helped")


def denoise(waveform: Waveform, spans: Sequence[Span]) -> Waveform:
    """Suppress the noise heard in the pauses between `spans` by at most 15 dB; same length and rate.

    Raises `ValueError` where the pauses are shorter than 0.3 s in all: there is nothing to learn from.
    """
    from scipy.signal import istft, stft

    window = round(_WINDOW_SECONDS * waveform.rate) // 4 * 4
    layout = {"fs": waveform.rate, "window": "hann", "nperseg": window, "noverlap": window * 3 // 4}
    _, times, spectrum_KF = stft(waveform.samples, **layout)
    quiet = _within(times, _pauses(spans, waveform.seconds))
    if quiet.sum() * window / 4 < _LEAST_PAUSE * waveform.rate:
        raise ValueError("too little pause to learn the noise from")
    noise_K = np.mean(np.abs(spectrum_KF[:, quiet]) ** 2, axis=1) + 1e-20
    _, cleaned = istft(spectrum_KF * _log_mmse_gain(np.abs(spectrum_KF) ** 2, noise_K), **layout)
    return Waveform(cleaned[: len(waveform.samples)].astype(np.float32), waveform.rate)


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


def _log_mmse_gain(
    power_KF: npt.NDArray[np.float64], noise_K: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Gain of each bin by the log-spectral MMSE rule: (K, F)."""
    from scipy.special import exp1

    posterior_KF = np.minimum(power_KF / noise_K[:, None], 1e4)
    gains = np.empty_like(posterior_KF)
    clean_K = np.ones(len(noise_K))
    for frame, posterior in enumerate(posterior_KF.T):
        prior = _SMOOTHING * clean_K + (1.0 - _SMOOTHING) * np.maximum(posterior - 1.0, 0.0)
        share = np.maximum(prior, _LOWEST_PRIOR) / (1.0 + np.maximum(prior, _LOWEST_PRIOR))
        gain = share * np.exp(0.5 * exp1(np.maximum(share * posterior, 1e-8)))
        gains[:, frame] = np.clip(gain, _LOWEST_GAIN, 1.0)
        clean_K = gains[:, frame] ** 2 * posterior
    return gains
