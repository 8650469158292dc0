"""Long sentences in parts: no utterance has more phonemes than it may, and cuts fall where a speaker would breathe.

Breaks do not count.
"""

from collections.abc import Iterator, Sequence

from yinse.engine.text.phoneme import Unit

_MARK_WORTH = 0.5
"""How far from the ideal place (as a share of the limit) a mark still beats any other place."""


def split_units(units: Sequence[Unit], limit: int) -> Iterator[Sequence[Unit]]:
    """Cut units into the fewest parts of about equal length, after marks where possible. Linear in practice."""
    sizes = [sum(not phoneme.is_break for phoneme in unit.phonemes) for unit in units]
    start, remaining = 0, sum(sizes)
    while remaining > limit:
        parts = -(-remaining // limit)
        end = _cut(units, sizes, start, limit, remaining / parts)
        yield units[start:end]
        remaining -= sum(sizes[start:end])
        start = end
    if start < len(units):
        yield units[start:]


def _cut(units: Sequence[Unit], sizes: Sequence[int], start: int, limit: int, ideal: float) -> int:
    """Index to cut before: the best place within the limit, one unit at least."""
    best, best_cost, length = start + 1, float("inf"), 0
    for index in range(start, len(units)):
        length += sizes[index]
        if length > limit:
            break
        if index + 1 < len(units) and not units[index + 1].language:
            continue
        is_mark = units[index].language is None
        cost = abs(length - ideal) + (0 if is_mark else _MARK_WORTH * limit)
        if cost < best_cost:
            best, best_cost = index + 1, cost
    return best
