"""Text that arrives in tokens, cut where a speaker would breathe; pure.

The first piece leaves early, so that the first audio does; later pieces wait for the end of a sentence,
which sounds better. Text without any mark to cut at is cut all the same, at a space if it has one: nobody waits for
ever, and no more than two pieces are ever held. Nothing is lost or doubled: the joined pieces are the joined tokens, but
for directions, which no cut divides and which hold on in the next piece.
"""

import re
from collections.abc import Sequence

from yinse.service.speech.directions import LONGEST_WORD, Piece, has_words, may_cut, solid, stand_alone

_SENTENCE = re.compile(r"[。！？!?…\n]+[」』”’)）\]]*|\.(?=\s)")
_CLAUSE = re.compile(r"[，、；：,;:—]")
_SPACE = re.compile(r"(?<=.) ", re.DOTALL)
_DEFAULT = (24, 60, 120, 200)
_SOON = 50
"""Characters that are worth speaking at a comma when the writer is in a hurry."""
_LONGEST = 1000
"""Characters of the longest piece."""


class TextBuffer:
    """`schedule` is how many characters may wait for the first, second, ... piece before a comma will do."""

    def __init__(self, schedule: Sequence[int] = _DEFAULT) -> None:
        self._schedule = tuple(schedule) or _DEFAULT
        self._pieces = 0
        self._text = ""
        self._opened: tuple[str, ...] = ()

    def feed(self, text: str, *, soon: bool = False) -> list[str]:
        """Take more text; return the pieces that may be spoken now. `soon`: a comma will do once they are not very short."""
        self._text += text
        pieces = []
        while (end := self._end(_SOON if soon else _LONGEST)) is not None:
            pieces.append(self._cut(end))
            self._pieces += 1
        return self._spoken(pieces)

    def flush(self) -> list[str]:
        """Return what waits, whole or not."""
        return self._spoken([self._cut(len(self._text))])

    def clear(self) -> None:
        """Forget what waits (barge-in)."""
        self._text, self._opened = "", ()

    def _cut(self, end: int) -> Piece:
        text, self._text = self._text[:end], self._text[end:]
        piece, self._opened = stand_alone(text, self._opened)
        return piece

    def _end(self, most: int) -> int | None:
        window = self._text[:_LONGEST]
        limit = min(most, self._schedule[min(self._pieces, len(self._schedule) - 1)])
        if has_words(window) and (end := self._breath(window, limit)) is not None:
            return end
        return _LONGEST if len(self._text) >= _LONGEST else None

    def _breath(self, window: str, limit: int) -> int | None:
        """The end of the first sentence, else the last clause or space of what is long enough, else any place."""
        spans = solid(window)

        def possible(end: int) -> bool:
            return may_cut(end, spans) and has_words(window[:end])

        sentences = (found.end() for found in _SENTENCE.finditer(window))
        if (first := next(filter(possible, sentences), None)) is not None or len(window) < limit:
            return first
        for breath in (_CLAUSE, _SPACE):
            ends = [found.end() for found in breath.finditer(window)]
            if (last := next(filter(possible, reversed(ends)), None)) is not None:
                return last
            if len(window) < 2 * limit:
                return None
        return next(filter(possible, range(min(2 * limit, len(window) - LONGEST_WORD), 0, -1)), None)

    def _spoken(self, pieces: list[Piece]) -> list[str]:
        """Pieces without a word are carried over to nobody: a lone newline is not spoken."""
        return [piece.whole for piece in pieces if has_words(piece.text)]
