"""A number with what makes it honest: how many samples it stands on, and how far it could be off."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
CONFIDENCE_Z = 1.959964
"""Two-sided 95 % quantile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, its 95 % interval and the number of samples behind it."""

    value: float
    low: float
    high: float
    samples: int

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError("a figure needs at least one sample")


def share(hits: Sequence[bool]) -> Figure:
    """Share of hits with Wilson's score interval (Wilson 1927), which stays honest at 0 % and 100 %."""
    n = len(hits)
    if not n:
        raise ValueError("a share of nothing is not defined")
    p, z2 = sum(hits) / n, CONFIDENCE_Z**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = CONFIDENCE_Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Figure(p, min(p, max(0.0, centre - half)), max(p, min(1.0, centre + half)), n)


def mean(values: Sequence[float], *, seed: int = 0) -> Figure:
    """Mean with a percentile bootstrap interval (Efron 1979)."""
    return ratio(values, [1.0] * len(values), seed=seed)


def ratio(numerators: Sequence[float], denominators: Sequence[float], *, seed: int = 0) -> Figure:
    """Ratio of sums (a pooled rate such as errors per phoneme), bootstrapped over the samples."""
    if not numerators:
        raise ValueError("a mean of nothing is not defined")
    tops, bottoms = np.asarray(numerators, float), np.asarray(denominators, float)
    picks = np.random.default_rng(seed).integers(0, len(tops), (RESAMPLES, len(tops)))
    low, high = np.percentile(tops[picks].sum(1) / bottoms[picks].sum(1), [2.5, 97.5])
    return Figure(float(tops.sum() / bottoms.sum()), float(low), float(high), len(tops))
