import pytest
from benchmarks.voice.figures import Figure, mean, ratio, share


def test_wilson_interval_of_a_perfect_score_leaves_room_for_doubt():
    figure = share([True] * 50)
    assert figure.value == figure.high == 1.0
    assert figure.low == pytest.approx(0.9287, abs=1e-4)  # published for 50 of 50
    assert figure.samples == 50


def test_wilson_interval_is_symmetric_about_one_half():
    figure = share([True, False] * 20)
    assert figure.value == 0.5
    assert figure.low + figure.high == pytest.approx(1.0)


def test_a_mean_lies_within_its_interval_and_repeats():
    values = [1.0, 2.0, 3.0, 4.0, 10.0]
    figure = mean(values)
    assert figure.value == 4.0
    assert figure.low < 4.0 < figure.high
    assert figure == mean(values)


def test_a_constant_has_no_spread():
    assert mean([0.7] * 9) == Figure(pytest.approx(0.7), pytest.approx(0.7), pytest.approx(0.7), 9)


def test_more_samples_narrow_the_interval():
    few, many = mean([0.0, 1.0] * 5), mean([0.0, 1.0] * 500)
    assert many.high - many.low < 0.3 * (few.high - few.low)


def test_a_ratio_is_pooled_not_averaged():
    assert ratio([1, 9], [1, 99]).value == pytest.approx(0.1)


@pytest.mark.parametrize("figure", [share, mean])
def test_nothing_has_no_figure(figure):
    with pytest.raises(ValueError, match="nothing"):
        figure([])
