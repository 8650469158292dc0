"""The published cutters where their rules are easily got wrong."""

import pytest

from yinse.engine.text.published.cutters import CUTTERS, split_long


def cut(name: str, text: str) -> list[str]:
    return CUTTERS[name](text).split("\n")


@pytest.mark.parametrize(
    ("clauses", "sizes"), [(1, [1]), (4, [4]), (5, [5]), (8, [8]), (9, [4, 5]), (12, [4, 8]), (13, [4, 4, 5])]
)
def test_the_last_group_of_four_clauses_takes_the_rest(clauses: int, sizes: list[int]) -> None:
    assert [len(piece) // 2 for piece in cut("cut1", "句。" * clauses)] == sizes


def test_up_to_four_clauses_stay_as_they_are() -> None:
    assert cut("cut1", "一，二——三") == ["一，二——三"]


def test_clauses_gather_beyond_fifty_characters_and_a_short_rest_joins() -> None:
    assert [len(piece) for piece in cut("cut2", "一二三四五六七八九。" * 13)] == [60, 70]
    assert cut("cut2", "没有标点") == ["没有标点"]


def test_stops_are_lost_at_stops_and_kept_at_marks() -> None:
    assert cut("cut3", "甲。乙！丙。") == ["甲", "乙！丙"]
    assert cut("cut4", "It is 3.14 big. Yes.") == ["It is 3.14 big", " Yes"]
    assert cut("cut5", "3.14，好.") == ["3.14，", "好."]


def test_what_is_only_marks_is_dropped() -> None:
    assert cut("cut5", "好。！？") == ["好。"]
    assert CUTTERS["cut3"]("。...。") == ""


def test_nothing_is_cut_without_a_cutter() -> None:
    assert CUTTERS["cut0"]("一。\n二。\n") == "一。\n二。\n"


def test_long_pieces_are_cut_at_marks_alone() -> None:
    assert split_long("一二三，四五六。" + "七" * 12, 8) == ["一二三，四五六。", "七" * 12]
