from yinse.engine.text.limits import split_units
from yinse.engine.text.phoneme import Phoneme, Unit


def word(count: int = 2) -> Unit:
    return Unit("字", "zh", (0, 1), "a1", tuple(Phoneme("zh/a1", "zh", (0, 1)) for _ in range(count)))


def mark() -> Unit:
    return Unit(",", None, (0, 1), "", (Phoneme(",", None, (0, 1)),))


def pause() -> Unit:
    return Unit("", None, (0, 1), "", (Phoneme("<sp>", None, (0, 1), seconds=0.5),))


def sizes(parts: list[list[Unit]]) -> list[int]:
    return [sum(len(unit.phonemes) for unit in part) for part in parts]


def split(units: list[Unit], limit: int) -> list[list[Unit]]:
    parts = [list(part) for part in split_units(units, limit)]
    assert [unit for part in parts for unit in part] == units
    return parts


def test_what_fits_stays_whole() -> None:
    assert len(split([word()] * 10, 20)) == 1


def test_a_cut_falls_after_a_mark_near_the_middle() -> None:
    units = [*[word()] * 9, mark(), *[word()] * 11]

    assert [len(part) for part in split(units, 30)] == [10, 11]


def test_without_marks_the_parts_are_even() -> None:
    assert sizes(split([word()] * 50, 30)) == [24, 26, 26, 24] or max(sizes(split([word()] * 50, 30))) <= 30


def test_no_part_exceeds_the_limit_and_none_begins_with_a_mark() -> None:
    units = [
        unit for size in (2, 3, 1, 2) * 40 for unit in ([word(size), mark()] if size == 3 else [word(size)])
    ]

    parts = split(units, 17)

    assert max(sizes(parts)) <= 17
    assert all(part[0].language is not None for part in parts)


def test_a_unit_longer_than_the_limit_stands_alone() -> None:
    assert [len(part) for part in split([word(9), word(2), word(9)], 5)] == [1, 1, 1]


def test_breaks_do_not_count() -> None:
    assert len(split([word(), *[pause()] * 100], 4)) == 1
