"""Text that arrives in tokens, cut where a speaker would breathe; pure.

The first piece leaves early, so that the first audio does; later pieces wait for the end of a sentence,
which sounds better. Nothing is lost or doubled: the joined pieces are the joined tokens.
"""

import re
from collections.abc import Sequence

_SENTENCE = re.compile(r"[。！？!?…\n]+[」』”’)）\]]*|\.(?=\s)")
_CLAUSE = re.compile(r"[，、；：,;:—]")
_DEFAULT = (24, 60, 120, 200)


class TextBuffer:
    """`schedule` is how many characters may wait for the first, second, ... piece before a comma will do."""

    def __init__(self, schedule: Sequence[int] = _DEFAULT) -> None:
        self._schedule = tuple(schedule) or _DEFAULT
        self._pieces = 0
        self._text = ""

    def feed(self, text: str) -> list[str]:
        """Take more text; return the pieces that may be spoken now."""
        self._text += text
        pieces = []
        while (end := self._end()) is not None:
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

    def _end(self) -> int | None:
        if sentence := _SENTENCE.search(self._text):
            return sentence.end()
        limit = self._schedule[min(self._pieces, len(self._schedule) - 1)]
        if len(self._text) < limit:
            return None
        clauses = list(_CLAUSE.finditer(self._text))
        if clauses:
            return clauses[-1].end()
        space = self._text.rfind(" ")
        return space + 1 if space > 0 and len(self._text) >= 2 * limit else None

    def _spoken(self, pieces: list[str]) -> list[str]:
        """Pieces without a word are carried over to nobody: a lone newline is not spoken."""
        return [piece for piece in pieces if any(character.isalnum() for character in piece)]
