"""The implicit label of generated audio: AIGC metadata as GB 45438-2025, annex E, and TC260-PG-202510A lay it out.

It is put into the first bytes of every container, so that a stream carries it before it is complete, and says
in words too what the audio is (EU AI Act, article 50: machine-readable marking).
"""

import io
import json
import re
import struct
from dataclasses import dataclass
from typing import Any

from yinse.contracts.errors import InvalidInput

KEY = "AIGC"
STATEMENT = "AI-generated speech / 人工智能合成语音"
_CHARACTERS = re.compile(r"[!#-\[\]-~]{1,128}")
"""Printable ASCII without the space, the quotation mark and the backslash: the strictest reading of annex E."""

_HEAD_BYTES = 64 * 1024
_OPEN_OPTIONS = {
    "format_whitelist": "flac,mp3,aac,ogg,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm",
    "protocol_whitelist": "none",
}
# Files of strangers are read: only these containers, and nothing that could open another file.


@dataclass(frozen=True, slots=True)
class Label:
    """Who generated a piece of audio (`producer`: name or code), and its number there."""

    producer: str
    number: str

    def __post_init__(self) -> None:
        for value in (self.producer, self.number):
            if not _CHARACTERS.fullmatch(value):
                raise InvalidInput("A label holds printable ASCII without spaces, quotes or backslashes.")

    def as_json(self) -> str:
        """The value of the metadata key: `Label` 1 says that the content is generated."""
        members = {"Label": "1", "ContentProducer": self.producer, "ProduceID": self.number}
        empty = dict.fromkeys(("ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2"), "")
        return json.dumps(members | empty, separators=(",", ":"))

    def tags(self) -> dict[str, str]:
        """Metadata for ID3v2 (as TXXX) and Vorbis comments."""
        return {KEY: self.as_json(), "comment": STATEMENT}

    def riff(self) -> bytes:
        """Chunks for a WAV file, after `fmt `: `AIGC`, and LIST/INFO with the statement in words."""
        info = b"INFO" + _chunk(b"ICMT", STATEMENT.encode() + b"\0")
        return _chunk(KEY.encode(), self.as_json().encode()) + _chunk(b"LIST", info)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def read_label(audio: bytes) -> Label | None:
    """The label of a file that says that it is generated; None where there is none."""
    found = _riff_value(audio) if audio[:4] == b"RIFF" else _tag_value(audio)
    return None if found is None else _parsed(found)


def _riff_value(audio: bytes) -> str | None:
    at = 12
    while at + 8 <= min(len(audio), _HEAD_BYTES) and audio[at : at + 4] != b"data":
        name, size = audio[at : at + 4], struct.unpack_from("<I", audio, at + 4)[0]
        if name == KEY.encode():
            return audio[at + 8 : at + 8 + size].decode("ascii", "replace")
        at += 8 + size + size % 2
    return None


def _tag_value(audio: bytes) -> str | None:
    import av

    try:
        with av.open(io.BytesIO(audio), options=_OPEN_OPTIONS) as file:
            tags = {**file.metadata, **{k: v for stream in file.streams for k, v in stream.metadata.items()}}
    except av.error.FFmpegError:
        return None
    return next((value for name, value in tags.items() if name.upper() == KEY), None)


def _parsed(value: str) -> Label | None:
    """Some writers wrap the members once more; both forms count."""
    try:
        members: dict[str, Any] = json.loads(value)
        members = members.get(KEY, members)
        return Label(members["ContentProducer"], members["ProduceID"]) if members["Label"] == "1" else None
    except (ValueError, KeyError, TypeError, AttributeError, InvalidInput):
        return None
