"""Speech: how much, in what pieces, how fast, how lively.

Legend: F frames of 10 ms.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.quality.measures.decibels import decibels
from yinse.quality.observe.observer import Observation

VOICED = 0.6
"""Height of the autocorrelation peak from which a frame counts as voiced."""

_LONGEST_PAUSE_IN_RUN = 2.0
_VOWEL_BANDS = slice(4, 15)  # mel bands from about 350 to 3000 Hz
_SMOOTH_FRAMES = 7
_DIP_DB = 1.5
_NUCLEUS_RANGE_DB = 22.0
_LEAST_SPEECH = 2.0
_LEAST_VOICED = 100


def net_speech_s(observation: Observation) -> float:
    """Seconds of speech without the pauses between its spans."""
    return sum(span.seconds for span in observation.spans)


def speech_ratio(observation: Observation) -> float | None:
    """Share of the recording that is speech, 0..1; None for an empty one."""
    return net_speech_s(observation) / observation.seconds if observation.seconds else None


def longest_run_s(observation: Observation) -> float:
    """Longest stretch in seconds without a pause of more than two seconds, its pauses counted."""
    longest, start = 0.0, None
    for span, after in pairwise([*observation.spans, None]):
        start = span.start if start is None and span else start
        if span and start is not None:
            longest = max(longest, span.end - start)
        if span and after and after.start - span.end > _LONGEST_PAUSE_IN_RUN:
            start = None
    return longest


def longest_pause(observation: Observation) -> Span | None:
    """Longest gap between spans of speech, those at the recording's ends not counted; None where there is no gap."""
    gaps = (Span(before.end, after.start) for before, after in pairwise(observation.spans))
    return max(gaps, key=lambda gap: gap.seconds, default=None)


def speaking_rate(observation: Observation) -> float | None:
    """Syllables per second of speech; None under two seconds of speech.

    Counts syllable nuclei: peaks of intensity between 350 Hz and 3 kHz that are voiced and parted by dips
    (N. de Jong and T. Wempe, "Praat script to detect syllable nuclei and measure speech rate automatically",
    Behavior Research Methods 41, 2009).
    """
    seconds = net_speech_s(observation)
    if seconds < _LEAST_SPEECH:
        return None
    return len(syllable_nuclei(observation)) / seconds


def syllable_nuclei(observation: Observation) -> npt.NDArray[np.int64]:
    """Frames in which a syllable has its peak: (N,)."""
    from scipy.signal import find_peaks

    level = decibels(observation.mel[:, _VOWEL_BANDS].sum(axis=1))
    kernel = np.hanning(_SMOOTH_FRAMES + 2)[1:-1]
    smooth = np.convolve(level, kernel / kernel.sum(), mode="same")
    if not observation.speech.any():
        return np.zeros(0, np.int64)
    lowest = np.percentile(smooth[observation.speech], 95) - _NUCLEUS_RANGE_DB
    peaks, _ = find_peaks(smooth, height=lowest, prominence=_DIP_DB)
    nuclei: npt.NDArray[np.int64] = peaks[
        observation.speech[peaks] & (observation.periodicity[peaks] > VOICED)
    ]
    return nuclei


def pitch_spread_semitones(observation: Observation) -> float | None:
    """Spread of the fundamental in semitones (standard deviation by percentiles); None under a second voiced.

    Half the distance between the 16th and the 84th percentile: octave errors of the tracker do not reach it.
    """
    voiced = observation.speech & (observation.periodicity > VOICED)
    if voiced.sum() < _LEAST_VOICED:
        return None
    low, high = np.percentile(12.0 * np.log2(observation.hertz[voiced]), [16, 84])
    return float(high - low) / 2
