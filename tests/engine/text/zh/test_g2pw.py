"""The polyphone model with a session that answers like one, and its place in the frontend."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.zh.g2pw import MODEL, POLYPHONES, SPELLINGS, G2pw

LABELS = [("長", "ㄔㄤ2"), ("長", "ㄓㄤ3"), ("行", "ㄏㄤ2"), ("行", "ㄒㄧㄥ2"), ("不", "ㄅㄨ4")]
NAMES = {"ㄔㄤ": "chang", "ㄓㄤ": "zhang", "ㄏㄤ": "hang", "ㄒㄧㄥ": "xing", "ㄅㄨ": "bu"}
VOCABULARY = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "長": 3, "行": 4, "他": 5}


class LastLabel:
    """Prefers the last label that the mask allows, and remembers what it was given."""

    def __init__(self) -> None:
        self.fed: dict[str, npt.NDArray[Any]] = {}

    def run(self, names: None, feeds: Mapping[str, npt.NDArray[Any]]) -> Sequence[npt.NDArray[Any]]:
        self.fed = dict(feeds)
        mask = feeds["phoneme_mask"]
        return [mask * np.arange(1, mask.shape[1] + 1)]


def model(session: LastLabel, names: dict[str, str] = NAMES) -> G2pw:
    return G2pw(session, LABELS, names, VOCABULARY, lambda text: text.replace("长", "長"))


def test_polyphones_get_the_likeliest_of_their_own_readings() -> None:
    assert model(LastLabel())("他长行不") == {1: "chang2", 2: "xing2"}


def test_the_model_is_fed_traditional_characters_and_their_places() -> None:
    session = LastLabel()
    model(session)("他长得行")

    assert session.fed["input_ids"].tolist() == [[1, 5, 3, 0, 4, 2]] * 2
    assert session.fed["position_ids"].tolist() == [2, 4]
    assert session.fed["char_ids"].tolist() == [2, 1]
    assert session.fed["phoneme_mask"].sum(axis=1).tolist() == [2.0, 2.0]
    assert {name: value.dtype.name for name, value in session.fed.items()} == {
        "input_ids": "int64",
        "token_type_ids": "int64",
        "attention_mask": "int64",
        "phoneme_mask": "float32",
        "char_ids": "int64",
        "position_ids": "int64",
    }


def test_the_window_reaches_sixteen_characters_around_the_polyphones() -> None:
    session = LastLabel()
    model(session)("他" * 40 + "长" + "他" * 40)

    assert session.fed["input_ids"].shape == (1, 1 + 16 + 1 + 16 + 1)
    assert session.fed["position_ids"].tolist() == [17]


def test_it_is_not_asked_where_nothing_is_to_tell() -> None:
    session = LastLabel()

    assert model(session)("他不") == {}
    assert session.fed == {}


def test_a_reading_that_is_no_syllable_is_left_to_the_table() -> None:
    assert model(LastLabel(), dict.fromkeys(NAMES, "?"))("他长") == {}


def test_the_frontend_asks_for_single_hanzi_and_keeps_the_words_it_knows() -> None:
    frontend = TextFrontend(
        polyphones=lambda clause: {i: "zhang3" for i, c in enumerate(clause) if c == "长"}
    )

    def pinyin(text: str) -> list[str]:
        return [unit.reading for utterance in frontend.analyse(text, "zh") for unit in utterance.units]

    assert pinyin("他长") == ["ta1", "zhang3"]
    assert pinyin("長江") == ["chang2", "jiang1"]
    assert pinyin("他长[chang2]") == ["ta1", "chang2"]


def files(folder: Path) -> Path:
    (folder / MODEL).write_bytes(b"onnx")
    (folder / POLYPHONES).write_text("".join(f"{char}\t{label}\n" for char, label in LABELS), "utf-8")
    (folder / SPELLINGS).write_text(json.dumps(NAMES), "utf-8")
    tokenizer = folder / "tokenizer.json"
    tokenizer.write_text(json.dumps({"model": {"vocab": VOCABULARY}}), "utf-8")
    return tokenizer


@pytest.fixture
def _packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the packages that run the model."""
    runtime, opencc = ModuleType("onnxruntime"), ModuleType("opencc")
    runtime.__dict__["InferenceSession"] = lambda path, providers: LastLabel()
    opencc.__dict__["OpenCC"] = lambda name: type("Converter", (), {"convert": staticmethod(str)})
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setitem(sys.modules, "opencc", opencc)


@pytest.mark.usefixtures("_packages")
def test_a_published_folder_is_opened(tmp_path: Path) -> None:
    assert G2pw.load(tmp_path, files(tmp_path))("行") == {0: "xing2"}


@pytest.mark.usefixtures("_packages")
def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    tokenizer = files(tmp_path)
    (tmp_path / SPELLINGS).write_text("{", "utf-8")

    with pytest.raises(CorruptFile, match="polyphone model"):
        G2pw.load(tmp_path, tokenizer)


def test_missing_files_and_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound, match=f"needs {MODEL}, {POLYPHONES}"):
        G2pw.load(tmp_path, tmp_path / "tokenizer.json")

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InvalidInput, match="needs the Python package onnxruntime"):
        G2pw.load(tmp_path, files(tmp_path))
