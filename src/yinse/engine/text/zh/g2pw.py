"""Polyphones by G2PW, the published family's model, where its files and the packages to run it are at hand.

Chen et al., "g2pW: A Conditional Weighted Softmax BERT for Polyphone Disambiguation in Mandarin" (2022). The model knows
traditional characters and answers in bopomofo. Legend: P polyphones of a clause, N tokens, L labels.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.text.zh.syllable import parse

MODEL: Final = "g2pW.onnx"
POLYPHONES: Final = "POLYPHONIC_CHARS.txt"
SPELLINGS: Final = "bopomofo_to_pinyin_wo_tune_dict.json"
CONTEXT: Final = 16
"""Characters that the model sees before the first polyphone and after the last."""
LEFT_TO_RULES: Final = frozenset("一不和咋嗲剖差攢倒難奔勁拗肖瘙誒泊听噢")
"""Characters on which the published frontend does not ask the model."""

Feeds = Mapping[str, npt.NDArray[Any]]


class Session(Protocol):
    """What is used of an `onnxruntime.InferenceSession`."""

    def run(self, names: None, feeds: Feeds) -> Sequence[npt.NDArray[Any]]:
        """Inputs by name to outputs; the first is (P, L) probabilities."""
        ...


class G2pw:
    """A `PolyphoneResolver`. `vocabulary` maps BERT tokens to ids, `to_traditional` keeps a text's length."""

    def __init__(
        self,
        session: Session,
        polyphones: Sequence[tuple[str, str]],
        spellings: Mapping[str, str],
        vocabulary: Mapping[str, int],
        to_traditional: Callable[[str], str],
    ) -> None:
        self._session, self._vocabulary, self._to_traditional = session, vocabulary, to_traditional
        labels = sorted({bopomofo for _, bopomofo in polyphones})
        self._pinyin = [spellings.get(label[:-1], "") + label[-1:] for label in labels]
        places = {label: index for index, label in enumerate(labels)}
        characters = sorted({char for char, _ in polyphones})
        self._ids = {char: index for index, char in enumerate(characters)}
        self._masks = np.zeros((len(characters), len(labels)), np.float32)
        for char, bopomofo in polyphones:
            self._masks[self._ids[char], places[bopomofo]] = 1.0

    @classmethod
    def load(cls, folder: Path, tokenizer: Path) -> "G2pw":
        """Open the published folder; `tokenizer` is the `tokenizer.json` of chinese-roberta-wwm-ext-large.

        Raises `NotFound` for a missing file, `InvalidInput` for a missing package, `CorruptFile` for what cannot be read.
        """
        paths = [folder / MODEL, folder / POLYPHONES, folder / SPELLINGS, tokenizer]
        if missing := [path.name for path in paths if not path.is_file()]:
            raise NotFound(f"The polyphone model G2PW needs {', '.join(missing)} in {folder}.")
        open_session, to_traditional = _packages()
        try:
            lines = paths[1].read_text("utf-8").split("\n")
            polyphones = [(char, bopomofo) for char, bopomofo in (line.split("\t") for line in lines if line)]
            spellings = json.loads(paths[2].read_text("utf-8"))
            vocabulary = json.loads(tokenizer.read_text("utf-8"))["model"]["vocab"]
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptFile(
                f"The files of the polyphone model in {folder} cannot be read: {error}."
            ) from error
        return cls(open_session(paths[0]), polyphones, spellings, vocabulary, to_traditional)

    def __call__(self, clause: str) -> dict[int, str]:
        """Read the polyphones of a clause of simplified hanzi."""
        text = self._to_traditional(clause)
        if len(text) != len(clause):
            return {}
        asked = [
            place
            for place, char in enumerate(text)
            if char in self._ids and char not in LEFT_TO_RULES and clause[place] not in LEFT_TO_RULES
        ]
        if not asked:
            return {}
        probabilities = self._session.run(None, self._feeds(text, asked))[0]
        best = np.argmax(probabilities, axis=-1)
        readings = {place: self._pinyin[label] for place, label in zip(asked, best, strict=True)}
        return {place: pinyin for place, pinyin in readings.items() if parse(pinyin)}

    def _feeds(self, text: str, asked: Sequence[int]) -> Feeds:
        """One row a polyphone, all of the same window: ids (P, N), masks (P, L), places (P,) after [CLS]."""
        start, end = max(0, asked[0] - CONTEXT), asked[-1] + CONTEXT + 1
        unknown = self._vocabulary["[UNK]"]
        window = [self._vocabulary.get(char, unknown) for char in text[start:end]]
        row = [self._vocabulary["[CLS]"], *window, self._vocabulary["[SEP]"]]
        tokens = np.tile(np.asarray(row, np.int64), (len(asked), 1))
        characters = np.asarray([self._ids[text[place]] for place in asked], np.int64)
        return {
            "input_ids": tokens,
            "token_type_ids": np.zeros_like(tokens),
            "attention_mask": np.ones_like(tokens),
            "phoneme_mask": self._masks[characters],
            "char_ids": characters,
            "position_ids": np.asarray(asked, np.int64) - start + 1,
        }


def _packages() -> tuple[Callable[[Path], Session], Callable[[str], str]]:
    """What opens a model, and what writes simplified characters as Taiwan does."""
    try:
        runtime, opencc = import_module("onnxruntime"), import_module("opencc")
    except ModuleNotFoundError as error:
        raise InvalidInput(
            f"The polyphone model G2PW needs the Python package {error.name}; install it where Yinse's source lies: "
            "pip install -e '.[g2pw]' -c constraints.txt"
        ) from error

    def open_session(path: Path) -> Session:
        session: Session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return session

    return open_session, opencc.OpenCC("s2tw").convert
