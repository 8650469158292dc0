"""What a recording says: from texts, as the platform keeps them, to symbols, as the engine lays them over the sound."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yinse.contracts.enrolment import Words

if TYPE_CHECKING:
    from yinse.engine.text.frontend import TextFrontend
    from yinse.engine.voice.prepare import Line


def lines_of(frontend: "TextFrontend", words: Sequence[Words], recordings: int) -> "list[list[Line]]":
    """The lines of every recording; none where nothing is known."""
    from yinse.engine.voice.prepare import Line

    known = [*words, *[()] * recordings][:recordings]
    return [
        [
            Line(symbols_of(frontend, line.text, "auto"), line.start, line.end)
            for line in lines
            if line.text.strip()
        ]
        for lines in known
    ]


def symbols_of(frontend: "TextFrontend", text: str, language: str) -> list[str]:
    """The phonemes and marks of a text."""
    return [symbol for utterance in frontend.analyse(text, language) for symbol in utterance.symbols]
