"""Decoding state: a value that a caller holds, so many requests may share one model."""

from dataclasses import dataclass

from yinse.engine.models.semantic.monotonic.frame import FrameReader


@dataclass(slots=True)
class DecodeState:
    """The text being read and where the pointer stands.

    `reader` the encoded phonemes and the caches of every layer; `pointer` the phoneme being spoken, never one
    before it again; `age` frames since it was entered; `token` the last token (-1 before the first).
    """

    reader: FrameReader
    pointer: int
    age: int
    token: int
