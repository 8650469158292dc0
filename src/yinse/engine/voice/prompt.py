"""A voice as a value: everything a recording contributes to speech, immutable, a few hundred kilobytes.

Legend: S reference tokens (25/s), E speaker embedding, D latent channels, F latent frames.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from yinse.contracts.errors import CorruptFile
from yinse.engine.checkpoints.metadata import digest_of_contents, metadata_of

FORMAT: Final = "yinse-voice/1"
USUAL_DURATION_BIAS: Final = 0.25
"""For voices whose own is not known, because nobody said what words were recorded: what most adult strangers need."""
MANNER_UTTERANCES: Final = 3
MANNER_TOKENS: Final = 240
"""9.6 s. One utterance tells less of a manner than three, and training never had more than 20 s, what was said included."""


@dataclass(frozen=True, slots=True)
class PromptUtterance:
    """A short utterance that sets the manner of speech: symbols, pointer of every token, tokens.

    `known` where its words were given and not only heard.
    """

    symbols: tuple[int, ...]
    pointer: tuple[int, ...]
    tokens: tuple[int, ...]
    language: str
    known: bool = False


def manner(utterances: Sequence[PromptUtterance]) -> list[PromptUtterance]:
    """What the semantic model hears of a voice before it speaks: the first utterance, and the next while there is room."""
    chosen = list(utterances[:1])
    room = MANNER_TOKENS - sum(len(one.tokens) for one in chosen)
    for one in utterances[1:MANNER_UTTERANCES]:
        if len(one.tokens) <= room:
            chosen.append(one)
            room -= len(one.tokens)
    return chosen


@dataclass(frozen=True, slots=True, weakref_slot=True)
class VoicePrompt:
    """What the models need to speak in a voice.

    `speaker_E` unit embedding; `tokens_S` and `symbols_S` content of the reference, `latents_FD` its sound;
    `utterances` prompts of the semantic model, best first; `revision` the weights that made all this. `duration_bias`
    is added to the semantic model's logit of staying on a sound, so that the voice speaks as slowly as its recording.
    """

    speaker_E: npt.NDArray[np.float32]
    tokens_S: npt.NDArray[np.int16]
    symbols_S: npt.NDArray[np.int16]
    latents_FD: npt.NDArray[np.float16]
    utterances: tuple[PromptUtterance, ...]
    revision: str
    duration_bias: float = USUAL_DURATION_BIAS

    def to_bytes(self) -> bytes:
        """Serialise as safetensors; the structure lies in its header."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "speaker": self.speaker_E,
            "tokens": self.tokens_S,
            "symbols": self.symbols_S,
            "latents": self.latents_FD,
        }
        header = {
            "format": FORMAT,
            "revision": self.revision,
            "duration_bias": repr(self.duration_bias),
            "utterances": json.dumps([asdict(utterance) for utterance in self.utterances]),
        }
        header["sha256"] = _digest(arrays, header)
        return save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, header)

    @classmethod
    def from_bytes(cls, data: bytes) -> "VoicePrompt":
        """Read what `to_bytes` wrote; `CorruptFile` for anything else.

        Voices that were made before files held their digest are read without it.
        """
        try:
            arrays = load(data)
            header = metadata_of(data)
            if header.get("format") != FORMAT:
                raise CorruptFile("this is not a voice file, or one of a format this version does not know")
            if header.get("sha256", digest := _digest(arrays, header)) != digest:
                raise CorruptFile("the voice file is damaged: its content is not what was written")
            rows = json.loads(header["utterances"])
            utterances = tuple(
                PromptUtterance(
                    tuple(r["symbols"]),
                    tuple(r["pointer"]),
                    tuple(r["tokens"]),
                    r["language"],
                    r.get("known", False),
                )
                for r in rows
            )
            return cls(
                arrays["speaker"],
                arrays["tokens"],
                arrays["symbols"],
                arrays["latents"],
                utterances,
                header["revision"],
                float(header.get("duration_bias", USUAL_DURATION_BIAS)),
            )
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise CorruptFile(f"the voice file is damaged: {error}") from error


def _digest(arrays: Mapping[str, npt.NDArray[Any]], header: Mapping[str, str]) -> str:
    """Digest of all that a voice file holds."""
    words = (header[name] for name in ("revision", "utterances", "duration_bias") if name in header)
    names = ("speaker", "tokens", "symbols", "latents")
    return digest_of_contents(words, {name: arrays[name] for name in names})
