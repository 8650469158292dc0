"""What recordings say, where their owner tells it: a voice made of known words is clearer, and keeps its pace.

Words are as personal as the recording: they lie sealed under the voice's key beside it, and go with it.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from yinse.contracts.enrolment import ReadLine, Words
from yinse.contracts.errors import InvalidInput
from yinse.contracts.storage import KeyChain, ObjectRef
from yinse.service.objects.tables import ObjectRow
from yinse.service.ports import Ports
from yinse.service.voices.schemas import LONGEST_TOLD, ToldLine

FIELD: Final = "words"
FORM_FIELD: Final[dict[str, dict[str, object]]] = {
    FIELD: {
        "type": "string",
        "description": "what the files say, a JSON array with an entry for each in their order: a text, lines with the"
        ' seconds between which they are read ([{"text": "...", "start": 0.0, "end": 5.2}, ...]), or null',
    }
}
_MOST_LINES = 200
_WORDS = "words"

Told = (
    Annotated[str, Field(max_length=LONGEST_TOLD)] | Annotated[list[ToldLine], Field(max_length=_MOST_LINES)]
)

_ALL: TypeAdapter[list[Told | None]] = TypeAdapter(list[Told | None])
_LINES: TypeAdapter[list[ToldLine]] = TypeAdapter(list[ToldLine])


def attach(ports: Ports, chain: KeyChain, recordings: Sequence[ObjectRow], told: str | None) -> None:
    """Seal the form's field beside the recordings that came with it. Raises `InvalidInput`."""
    if told is None:
        return
    try:
        entries = _ALL.validate_json(told)
    except ValidationError as error:
        raise InvalidInput(f"{FIELD}: must be {FORM_FIELD[FIELD]['description']}") from error
    if len(entries) > len(recordings):
        raise InvalidInput(f"{FIELD}: tells of {len(entries)} files, but {len(recordings)} were sent")
    for row, entry in zip(recordings, entries, strict=False):
        lines = [ToldLine(text=entry)] if isinstance(entry, str) else entry or []
        if any(line.text.strip() for line in lines):
            row.words = ports.keyring.seal(chain, _ref(row), _LINES.dump_json(lines))


def lines_of(ports: Ports, chain: KeyChain, row: ObjectRow) -> list[ToldLine]:
    """What a recording says; empty where nobody told."""
    if row.words is None:
        return []
    return _LINES.validate_json(ports.keyring.open(chain, _ref(row), row.words))


def words_of(ports: Ports, chain: KeyChain, row: ObjectRow) -> Words:
    """The same for the engine."""
    lines = lines_of(ports, chain, row)
    return tuple(ReadLine(one.text, one.start, math.inf if one.end is None else one.end) for one in lines)


def _ref(row: ObjectRow) -> ObjectRef:
    return ObjectRef(row.account_id, row.voice_id, row.id, _WORDS)
