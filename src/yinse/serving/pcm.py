"""Samples as they travel: mono signed 16-bit little-endian."""

import numpy as np
import numpy.typing as npt


def pcm_of(samples: npt.NDArray[np.float32]) -> bytes:
    """Samples (T,) -1..1 as s16le; what lies beyond is clipped."""
    return bytes(np.round(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())


def samples_of(pcm: bytes) -> npt.NDArray[np.float32]:
    """Whole s16le samples as (T,) -1..1."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
