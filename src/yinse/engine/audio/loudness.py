"""Loudness (ITU-R BS.1770-4, EBU R 128) and true peak: measure, bring to a target, limit."""

import numpy as np

from yinse.contracts.errors import InvalidInput
from yinse.engine.audio.waveform import Samples, Waveform

TARGET_LUFS = -20.0
"""Loudness of everything we speak and of every enrolled slice."""

CEILING_DBTP = -1.0
"""True peak that nothing we write exceeds (EBU R 128: -1 dBTP for production)."""

_BLOCK_SECONDS = 0.4
_OVERSAMPLING = 4
_LOOKAHEAD_SECONDS = 0.005


def loudness(waveform: Waveform) -> float:
    """Integrated gated loudness in LUFS; -inf for silence. Under 400 ms the whole is one block."""
    if not waveform.samples.any():
        return -np.inf
    import pyloudnorm

    block = min(_BLOCK_SECONDS, waveform.seconds)
    meter = pyloudnorm.Meter(waveform.rate, block_size=block)
    return float(meter.integrated_loudness(waveform.samples.astype(np.float64)))


def true_peak(waveform: Waveform) -> float:
    """Highest level between the samples in dBTP, by fourfold oversampling (BS.1770-4, annex 2)."""
    highest = float(_peak_envelope(waveform).max(initial=0.0))
    return 20.0 * np.log10(highest) if highest > 0.0 else -np.inf


def to_loudness(
    waveform: Waveform, *, target_lufs: float = TARGET_LUFS, ceiling_dbtp: float = CEILING_DBTP
) -> Waveform:
    """Bring the loudness to `target_lufs`, then limit peaks to `ceiling_dbtp`.

    Raises `InvalidInput` (code `audio_silent`) for silence: no gain makes it loud.
    """
    now = loudness(waveform)
    if not np.isfinite(now):
        raise InvalidInput("The recording is silent.", code="audio_silent")
    gain = np.float32(10.0 ** ((target_lufs - now) / 20.0))
    return peak_limit(Waveform(waveform.samples * gain, waveform.rate), ceiling_dbtp=ceiling_dbtp)


def peak_limit(waveform: Waveform, *, ceiling_dbtp: float = CEILING_DBTP) -> Waveform:
    """Keep the true peak at or under `ceiling_dbtp` with a look-ahead gain; what lies below stays as it is.

    The gain each sample needs is held for 5 ms to both sides and smoothed, so the limiter bends the envelope
    and never the wave.
    """
    ceiling = 10.0 ** (ceiling_dbtp / 20.0)
    peaks = _peak_envelope(waveform)
    if peaks.max(initial=0.0) <= ceiling:
        return waveform
    limited = Waveform(waveform.samples * _smooth_gain(peaks, ceiling, waveform.rate), waveform.rate)
    excess = 10.0 ** (true_peak(limited) / 20.0) / ceiling
    return limited if excess <= 1.0 else Waveform(limited.samples / np.float32(excess), waveform.rate)


def _oversampled(waveform: Waveform) -> Samples:
    import soxr

    rate = waveform.rate * _OVERSAMPLING
    raised: Samples = soxr.resample(waveform.samples, waveform.rate, rate, quality="HQ")
    return raised


def _peak_envelope(waveform: Waveform) -> Samples:
    """Largest magnitude around each sample, between samples included: (T,)."""
    length = len(waveform.samples)
    between = np.zeros(length * _OVERSAMPLING, np.float32)
    raised = np.abs(_oversampled(waveform))[: len(between)]
    between[: len(raised)] = raised
    highest: Samples = between.reshape(length, _OVERSAMPLING).max(axis=1)
    return np.maximum(np.abs(waveform.samples), highest)


def _smooth_gain(peaks: Samples, ceiling: float, rate: int) -> Samples:
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    reach = max(1, round(_LOOKAHEAD_SECONDS * rate))
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling))
    held = minimum_filter1d(needed, 4 * reach + 1, mode="nearest")
    smooth: Samples = uniform_filter1d(uniform_filter1d(held, 2 * reach + 1, mode="nearest"), 2 * reach + 1)
    return smooth.astype(np.float32)
