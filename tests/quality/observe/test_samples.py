import numpy as np
import pytest

from yinse.quality.observe.samples import SampleMeter, ZeroRuns

RATE = 8_000


def _metered(samples: np.ndarray, chunk: int) -> SampleMeter:
    meter = SampleMeter(RATE)
    for start in range(0, len(samples), chunk):
        meter.push(samples[start : start + chunk])
    meter.finish()
    return meter


@pytest.mark.parametrize("chunk", [1, 7, 80, 800])
def test_runs_at_the_ceiling_are_counted_across_frames_and_chunks(chunk: int) -> None:
    samples = np.zeros(800, np.float32)
    samples[10:12] = 1.0  # two: natural
    samples[78:83] = -1.0  # five, over the edge between the first frame and the second
    samples[200:203] = 0.99
    clipped = _metered(samples, chunk).frames[:, 2]
    assert clipped[:3].tolist() == [2.0, 3.0, 3.0]
    assert clipped.sum() == 8


def test_frames_hold_peak_and_power() -> None:
    samples = np.full(160, 0.5, np.float32)
    samples[100] = -0.8
    frames = _metered(samples, 160).frames
    assert frames[:, 0].tolist() == pytest.approx([0.5, 0.8])
    assert frames[:, 1].tolist() == pytest.approx([0.25, (79 * 0.25 + 0.64) / 80], rel=1e-5)


def test_the_histogram_counts_by_level() -> None:
    samples = np.concatenate([np.full(30, 0.5), np.full(20, -0.25), np.zeros(50)]).astype(np.float32)
    histogram = _metered(samples, 100).histogram
    assert histogram.sum() == 50
    assert np.flatnonzero(histogram).tolist() == [int((20 * np.log10(v) + 40) / 0.05) for v in (0.25, 0.5)]
    assert histogram.max() == 30


@pytest.mark.parametrize("chunk", [1, 13, 1000])
def test_digital_silence_is_found_across_chunks(chunk: int) -> None:
    samples = np.full(1000, 0.3, np.float32)
    samples[100:110] = 0.0  # 1.25 ms: too short
    samples[300:380] = 0.0
    samples[990:] = 0.0  # not over yet
    runs = ZeroRuns(RATE)
    for start in range(0, 1000, chunk):
        runs.push(samples[start : start + chunk])
    assert runs.runs == [(300 / RATE, 380 / RATE)]
