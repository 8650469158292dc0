"""Text that arrives in tokens, cut where a speaker would breathe; pure.

The first piece leaves early, so that the first audio does; later pieces wait for the end of a sentence,
which sounds better. Text without any mark to cut at is cut all the same, at a space if it has one: nobody waits for
ever, and no more than two pieces are ever held. Nothing is lost or doubled: the joined pieces are the joined tokens.
"""

import re
from collections.abc import Sequence

_SENTENCE = re.compile(r"[。！？!?…\n]+[」』”’)）\]]*|\.(?=\s)")
_CLAUSE = re.compile(r"[，、；：,;:—]")
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

    def feed(self, text: str, *, soon: bool = False) -> list[str]:
        """Take more text; return the pieces that may be spoken now. `soon`: a comma will do once they are not very short."""
        self._text += text
        pieces = []
        while (end := self._end(_SOON if soon else _LONGEST)) is not None:
            pieces.append(self._text[:end])
            self._text = self._text[end:]
            self._pieces += 1
        return self._spoken(pieces)

    def flush(self) -> list[str]:
        """Return what waits, whole or not."""
        text, self._text = self._text, ""
        return self._spoken([text])

    def clear(self) -> None:
        """Forget what waits (barge-in)."""
        self._text = ""

    def _end(self, most: int) -> int | None:
        if sentence := _SENTENCE.search(self._text, 0, _LONGEST):
            return sentence.end()
        limit = min(most, self._schedule[min(self._pieces, len(self._schedule) - 1)])
        if len(self._text) < limit:
            return None
        clauses = list(_CLAUSE.finditer(self._text, 0, _LONGEST))
        if clauses:
            return clauses[-1].end()
        if len(self._text) < 2 * limit:
            return None
        space = self._text.rfind(" ", 1, _LONGEST)
        return space + 1 if space > 0 else min(2 * limit, _LONGEST)

    def _spoken(self, pieces: list[str]) -> list[str]:
        """Pieces without a word are carried over to nobody: a lone newline is not spoken."""
        return [piece for piece in pieces if any(character.isalnum() for character in piece)]
