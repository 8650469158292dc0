import pytest

from yinse.engine.text.spanned import Spanned, SpannedBuilder, join, runs


def spanned(text: str, start: int = 0) -> Spanned:
    return Spanned(text, tuple((start + index, start + index + 1) for index in range(len(text))))


def test_text_and_spans_must_be_parallel() -> None:
    with pytest.raises(ValueError, match="2 characters but 1 spans"):
        Spanned("ab", ((0, 1),))


def test_slice_keeps_the_spans_of_its_characters() -> None:
    part = spanned("hello", start=10).slice(1, 3)

    assert part == Spanned("el", ((11, 12), (12, 13)))


def test_cover_is_the_smallest_range_over_all_spans() -> None:
    source = Spanned("abc", ((5, 9), (2, 3), (7, 8)))

    assert source.cover(0, 3) == (2, 9)


def test_builder_copies_characters_and_says_words_for_a_span() -> None:
    builder = SpannedBuilder()
    builder.copy(spanned("在5"), 0, 1)
    builder.say("五", (1, 2))
    builder.copy(spanned("x"), 0, 0)

    assert builder.last == "五"
    assert builder.build() == Spanned("在五", ((0, 1), (1, 2)))


def test_join_concatenates() -> None:
    assert join([spanned("ab"), spanned("c", start=2)]) == spanned("abc")


def test_runs_are_maximal_and_cover_everything() -> None:
    assert list(runs("aabccc")) == [(0, 2), (2, 3), (3, 6)]
    assert list(runs("")) == []
