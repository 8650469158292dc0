import pytest

from yinse.engine.models.vocoder.hifigan import windows
from yinse.engine.models.vocoder.hifigan.windows import Reach

STEPS = (2, 4, 8)


@pytest.mark.parametrize("context", [0, 1, 5])
@pytest.mark.parametrize("given", [1, 2, 3, 7, 12, 18, 19, 50])
def test_every_output_is_made_once_and_sees_its_context(given: int, context: int) -> None:
    for first in range(0, 3 * given, 4):
        for last in range(first + 1, 3 * given + 1):
            made = first
            for window in windows.over(first, last, given, Reach(3, context), STEPS):
                zero = window.start * 3
                assert zero + window.kept.start == made
                made = zero + window.kept.stop
                assert window.start <= max(0, (zero + window.kept.start) // 3 - context)
                assert window.end >= min(given, -(-made // 3) + context)
                assert window.end - window.start <= window.size
                assert window.size - 2 * context in STEPS
            assert made == last


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (1, [4]),
        (4, [4]),
        (5, [6]),
        (7, [10]),
        (8, [10]),
        (10, [10]),
        (11, [10, 4]),
        (12, [10, 4]),
        (18, [10, 10]),
        (20, [10, 10, 4]),
    ],
)
def test_few_frames_are_run_twice(frames: int, expected: list[int]) -> None:
    assert windows.sizes(frames, 2, STEPS) == expected


def test_long_sequences_need_no_deep_calls() -> None:
    assert sum(windows.sizes(1_000_000, 2, STEPS)) == pytest.approx(1_000_000 * 10 / 8, rel=1e-4)
