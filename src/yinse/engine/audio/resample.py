"""Change of sample rate by a band-limited resampler (libsoxr, high quality), whole or chunk by chunk."""

import numpy as np

from yinse.engine.audio.waveform import Samples, Waveform


def resample(waveform: Waveform, rate: int) -> Waveform:
    """Return `waveform` at `rate` Hz; the same object where nothing is to do."""
    if waveform.rate == rate:
        return waveform
    import soxr

    return Waveform(soxr.resample(waveform.samples, waveform.rate, rate, quality="HQ"), rate)


class StreamResampler:
    """Resamples a signal that arrives in pieces: the pieces joined equal `resample` of the whole."""

    def __init__(self, source_rate: int, target_rate: int) -> None:
        import soxr

        same = source_rate == target_rate
        self._stream = None if same else soxr.ResampleStream(source_rate, target_rate, 1, dtype="float32")

    def push(self, samples: Samples) -> Samples:
        """Take the next samples (T,), return what is ready (any length, none included)."""
        return self._step(samples, last=False)

    def finish(self) -> Samples:
        """Return what the filter still holds. The resampler is used up."""
        return self._step(np.zeros(0, np.float32), last=True)

    def _step(self, samples: Samples, *, last: bool) -> Samples:
        if self._stream is None:
            return samples
        ready: Samples = self._stream.resample_chunk(np.ascontiguousarray(samples, np.float32), last=last)
        return ready
