"""How close is a resynthesis to its original? Wide-band PESQ (ITU-T P.862.2) and STOI (Taal et al. 2011)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.voice.figures import Figure, mean
from benchmarks.voice.sounds import JUDGES_RATE, Samples, at_rate
from yinse.engine.audio.waveform import Waveform

Resynthesise = Callable[[Waveform], Waveform]
"""A recording to the same recording through a model; aligned in time with its original."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """PESQ (1.0 ... 4.64) and STOI (0 ... 1) of each recording."""

    pesq: Figure
    stoi: Figure


def fidelity(originals: Sequence[Waveform], resynthesise: Resynthesise) -> Fidelity:
    """Compare every recording with its resynthesis."""
    pairs = [scores(original, resynthesise(original)) for original in originals]
    return Fidelity(mean([pesq for pesq, _ in pairs]), mean([stoi for _, stoi in pairs]))


def scores(original: Waveform, copy: Waveform) -> tuple[float, float]:
    """PESQ and STOI of one pair, over the part that both have."""
    from pesq import pesq
    from pystoi import stoi

    clean, processed = at_rate(original), at_rate(copy)
    if abs(len(clean) - len(processed)) > 0.1 * JUDGES_RATE:
        raise ValueError(f"{original.seconds:.2f} s became {copy.seconds:.2f} s: not a copy")
    shared = min(len(clean), len(processed))
    clean, processed = clean[:shared], processed[:shared]
    return float(pesq(JUDGES_RATE, clean, processed, "wb")), float(stoi(clean, processed, JUDGES_RATE))


def drowned(original: Waveform, *, seed: int = 0) -> Waveform:
    """The recording under white noise of equal power: a floor."""
    noise = np.random.default_rng(seed).standard_normal(len(original.samples)).astype(np.float32)
    level = np.float32(np.sqrt(np.mean(original.samples**2)))
    drowned_samples: Samples = original.samples + level * noise
    return Waveform(drowned_samples, original.rate)
