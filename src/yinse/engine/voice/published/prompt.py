"""A published voice as a value: what its reference contributes to speech, computed once.

Legend: P prompt tokens, L prompt phonemes, E text features, G style channels, M mel bands, C feature channels,
F prompt frames.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from yinse.contracts.errors import CorruptFile
from yinse.engine.checkpoints.metadata import digest_of_contents, metadata_of

FORMAT: Final = "yinse-published-prompt/1"
Halves = npt.NDArray[np.float16]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PublishedPrompt:
    """What the models need to speak in a voice. Without a transcript the semantic prompt is empty.

    `tokens_P` what the reference says, `phones_L` its phonemes with `features_EL`; `style_G` and `encoder_G` how it
    sounds. Voices by flow matching also continue `mel_MF` with `context_CF`; for others both are empty.
    """

    tokens_P: npt.NDArray[np.int64]
    phones_L: npt.NDArray[np.int64]
    features_EL: Halves
    style_G: Floats
    encoder_G: Floats
    mel_MF: Floats
    context_CF: Floats
    transcript: str
    language: str
    reference: str
    """Which part of the recording was taken, in words."""
    revision: str
    """Digest of the weights that made all this."""

    def to_bytes(self) -> bytes:
        """Serialise as safetensors, words in the header."""
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in _ARRAYS}
        header = {"format": FORMAT, **{name: getattr(self, name) for name in _WORDS}}
        return save(arrays, {**header, "sha256": _digest(arrays, header)})

    @classmethod
    def from_bytes(cls, data: bytes) -> "PublishedPrompt":
        """Read what `to_bytes` wrote; `CorruptFile` for anything else.

        Prompts that were made before files held their digest are read without it.
        """
        try:
            arrays = load(data)
            header = metadata_of(data)
            if header["format"] != FORMAT:
                raise CorruptFile("This is not the prompt of a published voice.")
            if header.get("sha256", digest := _digest(arrays, header)) != digest:
                raise CorruptFile("The voice's prompt is damaged: its content is not what was written.")
            values: dict[str, Any] = {name: arrays[name] for name in _ARRAYS}
            return cls(**values | {name: header[name] for name in _WORDS})
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise CorruptFile(f"The voice's prompt is damaged: {error}.") from error


def _digest(arrays: Mapping[str, npt.NDArray[Any]], header: Mapping[str, str]) -> str:
    """Digest of all that a prompt holds."""
    return digest_of_contents((header[name] for name in _WORDS), {name: arrays[name] for name in _ARRAYS})


_ARRAYS: Final = tuple(field.name for field in fields(PublishedPrompt) if "_" in field.name)
_WORDS: Final = tuple(field.name for field in fields(PublishedPrompt) if "_" not in field.name)
