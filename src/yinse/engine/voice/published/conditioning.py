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
from typing import Any, Final, Literal, Protocol

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.func import functional_call

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.audio.features import filter_bank
from yinse.engine.checkpoints.memory import give_back, let_go
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

Kept = Literal["fp32", "int8", "stored"]
"""How weights of BERT lie in memory: in full, in 8 bits, or as in their file, widened while they are used: slower, but exact."""


class ContentFeatures(Protocol):
    """Speech to content features, 50 a second: (T,) -> (1, 768, F)."""

    def __call__(self, samples_T: Tensor, /) -> Tensor:
        """Listen."""
        ...


class TextFeatures(Protocol):
    """Chinese text to one feature vector a character: N characters -> (1024, N)."""

    def __call__(self, text: str, /) -> Tensor:
        """Read."""
        ...


class SpeakerFeatures(Protocol):
    """Speech to a speaker embedding: (T,) -> (1, 20480)."""

    def __call__(self, samples_T: Tensor, /) -> Tensor:
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

        model = _pretrained(HubertModel, folder)
        for part in (*model.encoder.layers, model):
            _keep(part, "fp32", folder)
        return cls(model)

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
    def load(cls, folder: Path, kept: Kept = "fp32") -> "BertFeatures":
        """Read a folder with `config.json`, the vocabulary and weights. Raises `NotFound`, `CorruptFile`."""
        from transformers import BertModel

        model = _pretrained(BertModel, folder, unused=BERT_UNUSED, add_pooling_layer=False)
        model.embeddings = _keep(model.embeddings, kept, folder)
        for index, layer in enumerate(model.encoder.layer):
            model.encoder.layer[index] = _keep(layer, kept, folder)
        return cls(model, read_vocabulary(folder))

    @torch.inference_mode()
    def __call__(self, text: str) -> Tensor:
        """Read at most 510 characters."""
        if len(text) > LONGEST_TEXT:
            raise InvalidInput(f"A sentence of {len(text)} characters is too long; put a mark into it.")
        unknown = self._ids["[UNK]"]
        # Character by character: lower case may be longer than what it is made of (İ), and features go by place.
        inner = [self._ids.get(char.lower(), unknown) for char in text]
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


class Widened(nn.Module):
    """A part of a model that computes in float32 with weights that stay in their file: each call reads and widens them anew."""

    def __init__(self, part: nn.Module, folder: Path) -> None:
        super().__init__()
        self.part, self.folder = part, folder

    def forward(self, *arguments: Any, **options: Any) -> Any:
        """Whatever the part does."""
        weights = {name: tensor.float() for name, tensor in self.part.named_parameters()}
        result = functional_call(self.part, weights, arguments, options)
        _leave(self.folder)
        return result


def _keep(part: nn.Module, kept: Kept, folder: Path) -> nn.Module:
    """A part of a model whose weights still lie in their file, as it is to be kept. Part by part, none is in memory twice."""
    if kept == "stored":
        return Widened(part, folder)
    part = part.float() if kept == "fp32" else store_int8(part, working_type(kept)).to(working_type(kept))
    give_back()
    _leave(folder)
    return part


def _leave(folder: Path) -> None:
    """What was read of a model's files need not stay in memory."""
    let_go(list(folder.iterdir()))


class Turns:
    """Models of which one at a time is in memory: before another is loaded, the last one is gone."""

    def __init__(self) -> None:
        self._load: object = None
        self._model: Callable[[Any], Tensor] | None = None

    def lend(self, load: Callable[[], Callable[[Any], Tensor]]) -> Callable[[Any], Tensor]:
        """A model that is loaded by whoever asks it, unless it was the last one asked."""

        def ask(given: Any) -> Tensor:
            if self._model is None or self._load is not load:
                self._model = None
                give_back()
                self._load, self._model = load, load()
            return self._model(given)

        return ask


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


def load_text(library: Library, precision: Precision = "fp32") -> TextFeatures:
    """The text model of a library, loaded when it is first needed. Raises `NotFound` then."""
    return LazyTextFeatures(lambda: BertFeatures.load(_folder(library, "roberta"), precision))


def load_conditioning(library: Library, *, speaker: bool) -> Conditioning:
    """All models that listen and read, from a library; `speaker` where the version hears who speaks.

    Raises `NotFound`, `CorruptFile`.
    """
    who = SpeakerVector(load_speaker(_speaker_file(library))) if speaker else None
    return Conditioning(HubertFeatures.load(_folder(library, "hubert")), load_text(library), who)


def conditioning_in_turns(library: Library, *, speaker: bool) -> Conditioning:
    """The same with one model in memory at a time, for what is heard and read once: same features, a quarter of the memory.

    Raises `NotFound`; `CorruptFile` comes with the first use.
    """
    turns, hubert = Turns(), _folder(library, "hubert")
    who = None
    if speaker:
        file = _speaker_file(library)
        who = turns.lend(lambda: SpeakerVector(load_speaker(file)))
    return Conditioning(
        turns.lend(lambda: HubertFeatures.load(hubert)),
        turns.lend(lambda: BertFeatures.load(_folder(library, "roberta"), "stored")),
        who,
    )


def _speaker_file(library: Library) -> Path:
    (file,) = FAMILIES["eres2netv2"].files
    return library.require("eres2netv2", file)


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


def _pretrained(kind: Any, folder: Path, *, unused: int = 0, **settings: Any) -> Any:
    """A transformers model from a local folder without its last layers; nothing is ever fetched, nothing is left at random.

    Its weights are of the type that they have in their file, and stay mapped there.
    """
    _require_model(folder)
    try:
        config = kind.config_class.from_pretrained(folder, local_files_only=True)
        config.num_hidden_layers -= unused
        config.dtype = None  # what the file holds decides, not what it says of itself
        with _quietly():
            model, report = kind.from_pretrained(
                folder,
                config=config,
                local_files_only=True,
                dtype="auto",
                output_loading_info=True,
                **settings,
            )
    except (OSError, ValueError, RuntimeError, KeyError, EOFError, UnpicklingError, SafetensorError) as error:
        raise CorruptFile(f"The model in '{folder}' is damaged: {error}") from error
    if report["missing_keys"]:
        raise CorruptFile(f"The model in '{folder}' lacks {sorted(report['missing_keys'])[0]}.")
    return model
