"""The models that listen and read for a published voice: HuBERT, BERT, ERes2NetV2.

Each is a Protocol, so that voices can be tested without hundreds of megabytes; the real ones come from folders in the
layout of the Hugging Face hub. Legend: T samples at 16 kHz, F feature frames, N characters.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from logging import ERROR
from pathlib import Path
from pickle import UnpicklingError
from threading import Lock
from typing import Any, Final, Protocol

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.audio.features import filter_bank
from yinse.engine.checkpoints.memory import give_back
from yinse.engine.checkpoints.published.catalogue import FAMILIES
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.checkpoints.published.models import load_speaker
from yinse.engine.checkpoints.published.precision import Precision, working_type
from yinse.engine.models.layers.int8 import store_int8
from yinse.engine.models.speaker.eres2netv2.model import Eres2NetV2

RATE: Final = 16000
BERT_UNUSED: Final = 2
"""Text features come from below the last two layers (the 22nd of 24), which are never loaded."""
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
    def load(cls, folder: Path, precision: Precision = "fp32") -> "BertFeatures":
        """Read a folder with `config.json`, the vocabulary and weights; `int8` keeps a quarter of them in memory.

        Raises `NotFound`, `CorruptFile`.
        """
        from transformers import BertConfig, BertModel

        _require_model(folder)
        layers = BertConfig.from_pretrained(folder, local_files_only=True).num_hidden_layers - BERT_UNUSED
        dtype = torch.float32 if precision == "fp32" else torch.float16
        model = _pretrained(BertModel, folder, dtype, num_hidden_layers=layers, add_pooling_layer=False)
        if precision == "int8":
            model = _in_eight_bits(model)
        return cls(model, read_vocabulary(folder))

    @torch.inference_mode()
    def __call__(self, text: str) -> Tensor:
        """Read at most 510 characters."""
        if len(text) > LONGEST_TEXT:
            raise InvalidInput(f"A sentence of {len(text)} characters is too long; put a mark into it.")
        unknown = self._ids["[UNK]"]
        inner = [self._ids.get(char, unknown) for char in text.lower()]
        ids = torch.tensor([[self._ids["[CLS]"], *inner, self._ids["[SEP]"]]])
        hidden: Tensor = self._model(ids).last_hidden_state[0, 1:-1]
        return hidden.t().float()


class SpeakerVector:
    """ERes2NetV2 over the Kaldi filter bank."""

    def __init__(self, model: Eres2NetV2) -> None:
        self._model = model.eval().requires_grad_(False)

    @torch.inference_mode()
    def __call__(self, samples_T: Tensor) -> Tensor:
        """Listen."""
        vector: Tensor = self._model(filter_bank(samples_T[None]))
        return vector


@dataclass(slots=True)
class LazyTextFeatures:
    """Text features whose model is loaded by the first Chinese text; other languages never need it."""

    load: Callable[[], TextFeatures]
    _loaded: TextFeatures | None = None
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, text: str) -> Tensor:
        """Read."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self.load()
                give_back()
        return self._loaded(text)


def _in_eight_bits(model: Any) -> nn.Module:
    """A BERT whose weights still lie in its file, as published; layer by layer, so that they are never all in memory."""
    dtype = working_type("int8")
    for layer in model.encoder.layer:
        store_int8(layer, dtype)
        give_back()
    small: nn.Module = model.to(dtype)
    return small


def load_text(library: Library, precision: Precision = "fp32") -> TextFeatures:
    """The text model of a library, loaded when it is first needed. Raises `NotFound` then."""
    return LazyTextFeatures(lambda: BertFeatures.load(_folder(library, "roberta"), precision))


def load_conditioning(library: Library, *, speaker: bool) -> Conditioning:
    """All models that listen and read, from a library; `speaker` where the version hears who speaks.

    Raises `NotFound`, `CorruptFile`.
    """
    who = None
    if speaker:
        (file,) = FAMILIES["eres2netv2"].files
        who = SpeakerVector(load_speaker(library.require("eres2netv2", file)))
    return Conditioning(HubertFeatures.load(_folder(library, "hubert")), load_text(library), who)


def _folder(library: Library, family: str) -> Path:
    """Folder of a model all of whose files are there."""
    files = [library.require(family, file) for file in FAMILIES[family].files]
    return files[0].parent


def read_vocabulary(folder: Path) -> dict[str, int]:
    """Tokens and their ids, from `vocab.txt` (one token a line) or `tokenizer.json`."""
    lines, tokenizer = folder / "vocab.txt", folder / "tokenizer.json"
    try:
        if lines.exists():
            tokens = lines.read_text("utf-8").splitlines()
            vocabulary = {token: index for index, token in enumerate(tokens)}
        elif tokenizer.exists():
            vocabulary = dict(json.loads(tokenizer.read_text("utf-8"))["model"]["vocab"])
        else:
            raise NotFound(f"'{folder}' holds no vocabulary: vocab.txt or tokenizer.json.")
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise CorruptFile(f"The vocabulary in '{folder}' is damaged: {error}") from error
    if not {"[CLS]", "[SEP]", "[UNK]"} <= vocabulary.keys():
        raise CorruptFile(f"The vocabulary in '{folder}' is not BERT's.")
    return vocabulary


def _require_model(folder: Path) -> None:
    if not (folder / "config.json").exists():
        raise NotFound(f"There is no model in '{folder}'. Get it with: yinse weights pull conditioning")


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the library's progress bars and its table of weights we leave out on purpose."""
    from transformers.utils import logging as library_log

    log: Any = library_log
    before, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity(ERROR)
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(before)
        if bars:
            log.enable_progress_bar()


def _pretrained(kind: Any, folder: Path, dtype: torch.dtype = torch.float32, **settings: Any) -> nn.Module:
    """A transformers model from a local folder; nothing is ever fetched, nothing is left at random."""
    _require_model(folder)
    try:
        with _quietly():
            model, report = kind.from_pretrained(
                folder, local_files_only=True, dtype=dtype, output_loading_info=True, **settings
            )
    except (OSError, ValueError, RuntimeError, KeyError, EOFError, UnpicklingError, SafetensorError) as error:
        raise CorruptFile(f"The model in '{folder}' is damaged: {error}") from error
    if report["missing_keys"]:
        raise CorruptFile(f"The model in '{folder}' lacks {sorted(report['missing_keys'])[0]}.")
    loaded: nn.Module = model
    return loaded
