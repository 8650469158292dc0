"""Decoding state: a value that a caller holds, so many requests may share one model."""

from dataclasses import dataclass

from torch import Tensor

from yinse.engine.models.layers.attention import KeyValueCache


@dataclass(slots=True)
class DecodeState:
    """Caches of every layer, the encoded phonemes, and where the pointer stands.

    `encoded_1LC` phonemes of prompt and text; `pointer` the phoneme being spoken; `age` frames since it was
    entered; `token` the last token (-1 before the first).
    """

    caches: tuple[KeyValueCache, ...]
    encoded_1LC: Tensor
    pointer: int
    age: int
    token: int
