"""Small operations on waveforms that several rulers share."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import soxr

from yinse.engine.audio.waveform import Waveform

Samples = npt.NDArray[np.float32]

JUDGES_RATE = 16000
"""Sample rate of every independent judge, in Hz."""


def at_rate(waveform: Waveform, rate: int = JUDGES_RATE) -> Samples:
    """Samples (T,) resampled to `rate`."""
    if waveform.rate == rate:
        return waveform.samples
    return np.ascontiguousarray(soxr.resample(waveform.samples, waveform.rate, rate, "HQ"))


def join(waveforms: Sequence[Waveform]) -> Waveform:
    """One waveform after another, at the judges' rate."""
    return Waveform(np.concatenate([at_rate(waveform) for waveform in waveforms]), JUDGES_RATE)


def pieces_of(waveforms: Sequence[Waveform], seconds: float) -> list[Waveform]:
    """Join whole utterances into pieces of at least `seconds`; a shorter rest is left out."""
    pieces: list[Waveform] = []
    pending: list[Waveform] = []
    for waveform in waveforms:
        pending.append(waveform)
        if sum(part.seconds for part in pending) >= seconds:
            pieces.append(join(pending))
            pending = []
    return pieces
