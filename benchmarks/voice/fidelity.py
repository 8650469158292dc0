"""How close is a resynthesis to its original?

Wide-band PESQ (ITU-T P.862.2), STOI (Taal et al. 2011), and the echo that a decoder's windows leave: what repeats itself
within 22 ms in the copy and does not in the recording, as a peak of the mean power cepstrum (Bogert et al. 1963).
"""

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
    """PESQ (1.0 ... 4.64), STOI (0 ... 1) and echo in dB (0 for a copy) of each recording."""

    pesq: Figure
    stoi: Figure
    echo: Figure


def fidelity(originals: Sequence[Waveform], resynthesise: Resynthesise) -> Fidelity:
    """Compare every recording with its resynthesis."""
    pairs = [scores(original, resynthesise(original)) for original in originals]
    return Fidelity(*(mean(list(values)) for values in zip(*pairs, strict=True)))


def scores(original: Waveform, copy: Waveform) -> tuple[float, float, float]:
    """PESQ, STOI and echo of one pair, over the part that both have."""
    from pesq import pesq
    from pystoi import stoi

    clean, processed = at_rate(original), at_rate(copy)
    if abs(len(clean) - len(processed)) > 0.1 * JUDGES_RATE:
        raise ValueError(f"{original.seconds:.2f} s became {copy.seconds:.2f} s: not a copy")
    shared = min(len(clean), len(processed))
    clean, processed = clean[:shared], processed[:shared]
    return (
        float(pesq(JUDGES_RATE, clean, processed, "wb")),
        float(stoi(clean, processed, JUDGES_RATE)),
        echo(clean, processed),
    )


def echo(clean: Samples, processed: Samples) -> float:
    """How far the copy's repetition exceeds the recording's at the delay where it does most, in dB."""
    return float(10 * np.log10((_repetition(processed) / _repetition(clean)).max()))


def _repetition(samples: Samples) -> Samples:
    """Mean power cepstrum of bands of 2 kHz at delays of 2.5 to 22 ms."""
    window, hop, bins, steps_per_ms = 1600, 400, 200, 2
    frames_FN = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop] * np.hanning(window)
    log_FK = np.log(np.abs(np.fft.rfft(frames_FN)).clip(1e-4))[:, : window // 2]
    bands = log_FK.reshape(len(log_FK), -1, bins)
    ripple = np.fft.rfft((bands - bands.mean(2, keepdims=True)) * np.hanning(bins))
    delays = slice(round(2.5 * steps_per_ms), 22 * steps_per_ms + 1)
    power: Samples = np.square(np.abs(ripple[:, :, delays])).mean((0, 1))
    return power


def drowned(original: Waveform, *, seed: int = 0) -> Waveform:
    """The recording under white noise of equal power: a floor."""
    noise = np.random.default_rng(seed).standard_normal(len(original.samples)).astype(np.float32)
    level = np.float32(np.sqrt(np.mean(original.samples**2)))
    drowned_samples: Samples = original.samples + level * noise
    return Waveform(drowned_samples, original.rate)
