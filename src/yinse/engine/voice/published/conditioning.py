"""The models that listen and read for a published voice: HuBERT, BERT, ERes2NetV2.

Each is a Protocol, so that voices can be tested without hundreds of megabytes; the real ones come from folders in the
layout of the Hugging Face hub. Legend: T samples at 16 kHz, F feature frames, N characters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import torch
from torch import Tensor, nn

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.audio.features import filter_bank
from yinse.engine.models.speaker.eres2netv2.model import Eres2NetV2

RATE: Final = 16000
BERT_LAYERS: Final = 22
"""Text features are the output of this layer; the two above it are never computed."""
LONGEST_TEXT: Final = 510


class ContentFeatures(Protocol):
    """Speech to content features, 50 a second: (T,) -> (1, 768, F)."""

    def __call__(self, samples_T: Tensor) -> Tensor:
        """Listen."""
        ...


class TextFeatures(Protocol):
    """Chinese text to one feature vector a character: N characters -> (1024, N)."""

    def __call__(self, text: str) -> Tensor:
        """Read."""
        ...


class SpeakerFeatures(Protocol):
    """Speech to a speaker embedding: (T,) -> (1, 20480)."""

    def __call__(self, samples_T: Tensor) -> Tensor:
        """Listen."""
        ...


@dataclass(frozen=True, slots=True)
class Conditioning:
    """Everything that listens and reads; `speaker` only where the version has it."""

    content: ContentFeatures
    text: TextFeatures
    speaker: SpeakerFeatures | None = None


class HubertFeatures:
    """chinese-hubert-base: the raw signal in, the last hidden layer out."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model.eval().requires_grad_(False)

    @classmethod
    def load(cls, folder: Path) -> "HubertFeatures":
        """Read a folder with `config.json` and weights. Raises `NotFound`, `CorruptFile`."""
        from transformers import HubertModel

        return cls(_pretrained(HubertModel, folder))

    @torch.inference_mode()
    def __call__(self, samples_T: Tensor) -> Tensor:
        """Listen; NaN from an overflow is an error, not a silence."""
        hidden: Tensor = self._model(samples_T[None]).last_hidden_state.transpose(1, 2)
        if not bool(torch.isfinite(hidden).all()):
            raise InvalidInput("The reference could not be analysed: its level is out of range.")
        return hidden


class BertFeatures:
    """chinese-roberta-wwm-ext-large, cut off after the layer that is used; one token a character."""

    def __init__(self, model: nn.Module, vocabulary: Mapping[str, int]) -> None:
        self._model = model.eval().requires_grad_(False)
        self._ids = vocabulary

    @classmethod
    def load(cls, folder: Path) -> "BertFeatures":
        """Read a folder with `config.json`, `vocab.txt` and weights. Raises `NotFound`, `CorruptFile`."""
        from transformers import BertModel

        model = _pretrained(BertModel, folder, num_hidden_layers=BERT_LAYERS, add_pooling_layer=False)
        return cls(model, read_vocabulary(folder / "vocab.txt"))

    @torch.inference_mode()
    def __call__(self, text: str) -> Tensor:
        """Read at most 510 characters."""
        if len(text) > LONGEST_TEXT:
            raise InvalidInput(f"A sentence of {len(text)} characters is too long; put a mark into it.")
        unknown = self._ids["[UNK]"]
        inner = [self._ids.get(char, unknown) for char in text.lower()]
        ids = torch.tensor([[self._ids["[CLS]"], *inner, self._ids["[SEP]"]]])
        hidden: Tensor = self._model(ids).last_hidden_state[0, 1:-1]
        return hidden.t()


class SpeakerVector:
    """ERes2NetV2 over the Kaldi filter bank."""

    def __init__(self, model: Eres2NetV2) -> None:
        self._model = model.eval().requires_grad_(False)

    @torch.inference_mode()
    def __call__(self, samples_T: Tensor) -> Tensor:
        """Listen."""
        vector: Tensor = self._model(filter_bank(samples_T[None]))
        return vector


def read_vocabulary(path: Path) -> dict[str, int]:
    """Tokens and their ids, one token a line."""
    if not path.exists():
        raise NotFound(f"'{path}' is missing.")
    tokens = path.read_text("utf-8").splitlines()
    vocabulary = {token: index for index, token in enumerate(tokens)}
    if not {"[CLS]", "[SEP]", "[UNK]"} <= vocabulary.keys():
        raise CorruptFile(f"'{path}' is not a BERT vocabulary.")
    return vocabulary


def _pretrained(kind: Any, folder: Path, **settings: Any) -> nn.Module:
    """A transformers model from a local folder; nothing is ever fetched."""
    if not (folder / "config.json").exists():
        raise NotFound(f"There is no model in '{folder}'. Get it with: yinse weights pull conditioning")
    try:
        model: nn.Module = kind.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32, **settings
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise CorruptFile(f"The model in '{folder}' is damaged: {error}") from error
    return model
