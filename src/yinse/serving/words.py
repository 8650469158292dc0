"""What a recording says: from texts, as the platform keeps them, to symbols, as the engine lays them over the sound."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yinse.contracts.enrolment import Words
from yinse.engine.voice.prepare import Line

if TYPE_CHECKING:
    from yinse.engine.text.frontend import TextFrontend


def lines_of(frontend: "TextFrontend", words: Sequence[Words], recordings: int) -> list[list[Line]]:
    """The lines of every recording; none where nothing is known."""
    known = [*words, *[()] * recordings][:recordings]
    return [
        [Line(_symbols(frontend, line.text), line.start, line.end) for line in lines if line.text.strip()]
        for lines in known
    ]


def _symbols(frontend: "TextFrontend", text: str) -> list[str]:
    return [symbol for utterance in frontend.analyse(text, "auto") for symbol in utterance.symbols]
