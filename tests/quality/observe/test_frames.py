import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinse.quality.observe.frames import Framer, Growing


@settings(max_examples=40)
@given(
    rate=st.sampled_from([8_000, 11_025, 22_050, 44_100, 48_000]),
    cuts=st.lists(st.integers(0, 4000), max_size=6),
    left=st.integers(0, 300),
)
def test_frames_do_not_depend_on_the_chunks(rate: int, cuts: list[int], left: int) -> None:
    samples = np.arange(1, 4001, dtype=np.float32)
    framer = Framer(rate, rate // 50, left=left)
    parts = [framer.push(part) for part in np.split(samples, sorted(cuts))]
    windows = np.concatenate([*parts, framer.finish()])
    starts = np.arange(len(windows)) * rate // 100
    assert len(windows) == -(-4000 * 100 // rate)
    assert np.array_equal(windows[:, left], samples[starts])
    assert (windows[0, :left] == 0).all()


def test_the_last_windows_are_filled_with_silence() -> None:
    framer = Framer(1000, 30)
    framer.push(np.ones(25, np.float32))
    assert framer.finish().sum(axis=1).tolist() == [25.0, 15.0, 5.0]


def test_growing_keeps_every_row_in_order() -> None:
    growing = Growing(2)
    for start in range(0, 6000, 600):
        growing.extend(np.arange(start, start + 600)[:, None] + np.array([0.0, 0.5]))
    assert growing.rows.shape == (6000, 2)
    assert np.array_equal(growing.rows[:, 0], np.arange(6000))
    assert growing.rows[17, 1] == pytest.approx(17.5)
