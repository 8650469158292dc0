"""From phoneme timings to characters and mouth shapes; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yinse.contracts.speech import PhonemeTiming


@dataclass(frozen=True, slots=True)
class Alignment:
    """Every character of a text and its seconds; characters nobody hears have no length."""

    characters: tuple[str, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]


def characters_of(text: str, phonemes: Iterable[PhonemeTiming]) -> Alignment:
    """Give each character the time from its first to its last phoneme."""
    starts: list[float | None] = [None] * len(text)
    ends: list[float | None] = [None] * len(text)
    for phoneme in phonemes:
        for index in range(max(0, phoneme.text_start), min(len(text), phoneme.text_end)):
            start, end = starts[index], ends[index]
            starts[index] = phoneme.start if start is None else min(start, phoneme.start)
            ends[index] = phoneme.end if end is None else max(end, phoneme.end)
    return _filled(text, starts, ends)


def _filled(text: str, starts: Sequence[float | None], ends: Sequence[float | None]) -> Alignment:
    at = 0.0
    filled: list[tuple[float, float]] = []
    for start, end in zip(starts, ends, strict=True):
        first = at if start is None else max(at, start)
        last = first if end is None else max(first, end)
        filled.append((first, last))
        at = last
    return Alignment(tuple(text), tuple(start for start, _ in filled), tuple(end for _, end in filled))


def spoken_until(phonemes: Iterable[PhonemeTiming], seconds: float) -> int:
    """Number of characters that the first `seconds` of audio have reached."""
    return max((phoneme.text_end for phoneme in phonemes if phoneme.start < seconds), default=0)
