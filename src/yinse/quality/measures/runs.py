"""Stretches of frames as spans of seconds."""

import numpy as np
import numpy.typing as npt

from yinse.contracts.quality import Span
from yinse.quality.observe.frames import FRAMES_PER_SECOND


def runs(
    active: npt.NDArray[np.bool_],
    *,
    shortest: int = 1,
    bridge: int = 0,
    per_second: float = FRAMES_PER_SECOND,
) -> tuple[Span, ...]:
    """Spans of true frames: gaps up to `bridge` frames closed, then spans under `shortest` dropped."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    if bridge and len(starts):
        apart = starts[1:] - ends[:-1] > bridge
        starts, ends = starts[np.concatenate([[True], apart])], ends[np.concatenate([apart, [True]])]
    kept = ends - starts >= shortest
    return tuple(
        Span(start / per_second, end / per_second)
        for start, end in zip(starts[kept].tolist(), ends[kept].tolist(), strict=True)
    )


def total(spans: tuple[Span, ...]) -> float:
    """Seconds in all spans together."""
    return sum(span.seconds for span in spans)
