"""A long text in parts that can be spoken, kept and repeated one by one; pure."""

import re
from itertools import chain, pairwise

from yinse.service.speech.directions import Piece, has_words, may_cut, solid, stand_alone

PART_CHARACTERS = 400
_BOUNDARY = re.compile(r"(?<=[。！？!?\n])|(?<=\.)(?=\s)")


def split(text: str, most: int = PART_CHARACTERS) -> list[Piece]:
    """Cut at sentence ends into parts of about `most` characters; joined, their texts are the text."""
    spans = solid(text)
    ends = [found.start() for found in _BOUNDARY.finditer(text) if may_cut(found.start(), spans)]
    parts: list[str] = []
    for start, end in pairwise([0, *ends, len(text)]):
        for piece in _pieces(text, start, end, most, spans):
            if parts and (len(parts[-1]) + len(piece) <= most or not has_words(piece)):
                parts[-1] += piece
            else:
                parts.append(piece)
    return _alone(parts)


def beginning(text: str, most: int) -> str:
    """Whole sentences from the start of a text, `most` characters at most where it has so short ones; it stands alone."""
    if len(text) <= most:
        return text
    first = split(text, most)[0]
    return first.whole if len(first.text) <= most else ""


def _pieces(text: str, start: int, end: int, most: int, spans: list[tuple[int, int]]) -> list[str]:
    """A sentence in pieces of `most` characters; longer ones only where nothing shorter may be cut."""
    pieces = []
    while start < end:
        cuts = chain(range(min(start + most, end), start, -1), range(start + most + 1, end))
        at = next((cut for cut in cuts if may_cut(cut, spans)), end)
        pieces.append(text[start:at])
        start = at
    return pieces


def _alone(parts: list[str]) -> list[Piece]:
    pieces: list[Piece] = []
    opened: tuple[str, ...] = ()
    for part in parts:
        piece, opened = stand_alone(part, opened)
        pieces.append(piece)
    return pieces
