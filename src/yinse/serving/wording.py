"""How far what was heard is from what was asked, over all and within one part; pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordingErrors:
    """Share of wrong symbols, 0..1: of the whole sentence, and of the part that was drawn at random."""

    whole: float
    part: float


def errors_of(heard: Sequence[str], wanted: Sequence[str], part: Sequence[str]) -> WordingErrors:
    """Align what was heard with the sentence (Levenshtein 1966); the part is found in the sentence's end.

    Tones count half: `zh/a1` heard as `zh/a2` is half an error, for a recogniser hears tones less surely.
    """
    costs = _costs(heard, wanted)
    whole = costs[-1][-1] / max(len(heard), len(wanted), 1)
    if not part:
        return WordingErrors(min(whole, 1.0), 0.0)
    start = _last(wanted, part)
    if start is None:
        return WordingErrors(min(whole, 1.0), 1.0)
    wrong = _wrong(heard, wanted, costs, start, start + len(part))
    return WordingErrors(min(whole, 1.0), min(wrong / len(part), 1.0))


def _difference(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return 0.5 if one.rstrip("012345") == other.rstrip("012345") else 1.0


def _costs(heard: Sequence[str], wanted: Sequence[str]) -> list[list[float]]:
    """Cost of turning the first j wanted symbols into the first i heard ones."""
    rows = [[float(j) for j in range(len(wanted) + 1)]]
    for i, symbol in enumerate(heard, 1):
        above, row = rows[-1], [float(i)]
        for j, other in enumerate(wanted, 1):
            changed = above[j - 1] + _difference(symbol, other)
            row.append(min(above[j] + 1, row[j - 1] + 1, changed))
        rows.append(row)
    return rows


def _wrong(
    heard: Sequence[str], wanted: Sequence[str], costs: list[list[float]], start: int, end: int
) -> float:
    """Errors that fall on wanted symbols start..end, walking the cheapest alignment back."""
    i, j, wrong = len(heard), len(wanted), 0.0
    while i or j:
        inside = start < j <= end
        here = costs[i][j]
        if i and j and here == costs[i - 1][j - 1] + (cost := _difference(heard[i - 1], wanted[j - 1])):
            wrong += cost * inside
            i, j = i - 1, j - 1
        elif j and here == costs[i][j - 1] + 1:
            wrong += inside
            j -= 1
        else:
            wrong += start < j < end
            i -= 1
    return wrong


def _last(wanted: Sequence[str], part: Sequence[str]) -> int | None:
    for start in range(len(wanted) - len(part), -1, -1):
        if list(wanted[start : start + len(part)]) == list(part):
            return start
    return None
