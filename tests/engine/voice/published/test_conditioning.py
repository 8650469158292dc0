"""HuBERT and BERT from folders in the layout of the hub: tiny, but through the whole library."""

import json
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import tiny_published as tiny
import tiny_published_files as files
from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.voice.published import conditioning
from yinse.engine.voice.published.conditioning import (
    BertFeatures,
    HubertFeatures,
    LazyTextFeatures,
    Turns,
    conditioning_in_turns,
    load_conditioning,
    read_vocabulary,
)


@pytest.fixture(scope="module")
def hubert(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hubert")
    return folder, files.hubert(folder)


@pytest.fixture(scope="module")
def roberta(tmp_path_factory):
    folder = tmp_path_factory.mktemp("roberta")
    return folder, files.roberta(folder)


def test_hubert_hears_the_raw_signal_fifty_times_a_second(hubert):
    folder, model = hubert
    samples = torch.from_numpy(tiny.recording(1.0).samples)
    features = HubertFeatures.load(folder)(samples)
    assert features.shape == (1, tiny.CONTENT, 49)
    with torch.inference_mode():
        expected = model(samples[None]).last_hidden_state.transpose(1, 2)
    assert torch.allclose(features, expected, atol=1e-5)


def test_signals_out_of_range_are_refused(hubert):
    with pytest.raises(InvalidInput, match="out of range"):
        HubertFeatures.load(hubert[0])(torch.full((16000,), torch.inf))


def test_text_features_come_from_the_third_layer_from_the_end(roberta):
    folder, model = roberta
    features = BertFeatures.load(folder)("今天天气很好。")
    vocabulary = read_vocabulary(folder)
    ids = [vocabulary[token] for token in ("[CLS]", *"今天天气很好。", "[SEP]")]
    with torch.inference_mode():
        hidden = model.bert(torch.tensor([ids]), output_hidden_states=True).hidden_states[-3]
    assert features.shape == (1024, 7)
    assert torch.allclose(features, hidden[0, 1:-1].t(), atol=1e-5)


def test_layers_that_are_not_used_are_not_in_memory(roberta):
    bert = BertFeatures.load(roberta[0])
    assert len(bert._model.encoder.layer) == 1
    assert {parameter.dtype for parameter in bert._model.parameters()} == {torch.float32}


def test_eight_bits_hardly_change_the_features_and_take_a_quarter(roberta):
    exact, small = (BertFeatures.load(roberta[0], precision) for precision in ("fp32", "int8"))
    expected, actual = exact("今天天气很好。"), small("今天天气很好。")
    assert actual.dtype == torch.float32
    assert 0 < float((actual - expected).norm() / expected.norm()) < 0.02
    weight = small._model.encoder.layer[0].attention.self.query.weight_OI
    assert weight.dtype == torch.int8
    assert not any(isinstance(layer, torch.nn.Linear) for layer in small._model.modules())


def test_weights_as_they_are_stored_give_the_very_same_features(roberta):
    exact, stored = (BertFeatures.load(roberta[0], kept) for kept in ("fp32", "stored"))
    assert torch.equal(stored("今天天气很好。"), exact("今天天气很好。"))
    assert {parameter.dtype for parameter in stored._model.parameters()} == {torch.float16}, (
        "nothing stays widened"
    )


def test_the_weights_say_what_they_are_whatever_their_configuration_says(roberta, tmp_path):
    folder, model = roberta
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text((folder / name).read_text("utf-8"), "utf-8")
    settings = json.loads((tmp_path / "config.json").read_text("utf-8"))
    (tmp_path / "config.json").write_text(json.dumps(settings | {"dtype": "float16"}), "utf-8")
    state = {name: 1.0001 * tensor for name, tensor in model.state_dict().items()}
    torch.save(state, tmp_path / "pytorch_model.bin")
    for kept in ("fp32", "stored"):
        found = dict(BertFeatures.load(tmp_path, kept)._model.named_parameters())
        weight = found[
            next(
                name
                for name in found
                if name.endswith("layer.0.output.dense.weight")
                or name.endswith("layer.0.part.output.dense.weight")
            )
        ]
        assert torch.equal(weight, state["bert.encoder.layer.0.output.dense.weight"])


@pytest.mark.parametrize("kept", ["fp32", "int8"])
def test_weights_leave_layer_by_layer_as_they_are_converted(tmp_path, monkeypatch, kept):
    """Before a layer is touched, nothing is left of what those before it were made of."""
    files.roberta(tmp_path, layers=6)
    read: list[weakref.ref[torch.Tensor]] = []
    alive: list[int] = []
    convert = conditioning._keep

    def watched(part: torch.nn.Module, *others: Any) -> torch.nn.Module:
        alive.append(sum(tensor() is not None for tensor in read))
        read.extend(weakref.ref(parameter.data.untyped_storage()) for parameter in part.parameters())
        return convert(part, *others)

    monkeypatch.setattr(conditioning, "_keep", watched)
    bert = BertFeatures.load(tmp_path, kept)
    assert bert("今天").shape == (1024, 2)
    assert alive == [0] * 5


def test_unknown_characters_have_features_and_long_texts_are_refused(roberta):
    bert = BertFeatures.load(roberta[0])
    assert bert("龘").shape == (1024, 1)
    with pytest.raises(InvalidInput, match="too long"):
        bert("天" * 511)


def test_every_character_has_one_feature_though_its_lower_case_has_two(roberta):
    assert len("İ".lower()) == 2
    assert BertFeatures.load(roberta[0])("İ好").shape[1] == 2


def test_vocabularies_of_both_kinds(tmp_path):
    (tmp_path / "vocab.txt").write_text("[UNK]\n[CLS]\n[SEP]\n天\n", "utf-8")
    assert read_vocabulary(tmp_path)["天"] == 3
    (tmp_path / "vocab.txt").write_text("a\nb\n", "utf-8")
    with pytest.raises(CorruptFile, match="not BERT's"):
        read_vocabulary(tmp_path)
    (tmp_path / "vocab.txt").unlink()
    with pytest.raises(NotFound, match="no vocabulary"):
        read_vocabulary(tmp_path)
    (tmp_path / "tokenizer.json").write_text("[]", "utf-8")
    with pytest.raises(CorruptFile, match="damaged"):
        read_vocabulary(tmp_path)


def test_a_model_that_lacks_weights_is_refused(hubert, tmp_path):
    folder, model = hubert
    state = {name: value for name, value in model.state_dict().items() if "feed_forward" not in name}
    (tmp_path / "config.json").write_text((folder / "config.json").read_text("utf-8"), "utf-8")
    torch.save(state, tmp_path / "pytorch_model.bin")
    with pytest.raises(CorruptFile, match="lacks encoder"):
        HubertFeatures.load(tmp_path)


class Bomb:
    """Unpickled by an unrestricted reader, this creates a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_model_that_would_run_code_is_refused_and_runs_nothing(hubert, tmp_path):
    (tmp_path / "config.json").write_text((hubert[0] / "config.json").read_text("utf-8"), "utf-8")
    torch.save({"x": Bomb(tmp_path / "boom")}, tmp_path / "pytorch_model.bin")
    with pytest.raises(CorruptFile, match="damaged"):
        HubertFeatures.load(tmp_path)
    assert not (tmp_path / "boom").exists()


def test_what_is_not_there_says_how_to_get_it(tmp_path):
    with pytest.raises(NotFound, match="weights pull conditioning"):
        HubertFeatures.load(tmp_path)
    for load in (load_conditioning, conditioning_in_turns):
        with pytest.raises(NotFound, match=r"weights pull (eres2netv2|hubert)"):
            load(Library(tmp_path), speaker=True)
        with pytest.raises(NotFound, match="weights pull hubert"):
            load(Library(tmp_path), speaker=False)


class Model:
    """Something that is loaded, and can be seen to be gone."""

    def __call__(self, given: torch.Tensor) -> torch.Tensor:
        return given


def test_of_models_in_turns_one_is_in_memory():
    turns, loaded, alive = Turns(), [], []

    def load() -> Callable[[torch.Tensor], torch.Tensor]:
        alive.append(sum(model() is not None for model in loaded))
        model = Model()
        loaded.append(weakref.ref(model))
        return model

    first, second = turns.lend(lambda: load()), turns.lend(lambda: load())
    assert not loaded
    for model in (first, first, second, second, first):
        assert model(torch.ones(1)) == 1
    assert alive == [0, 0, 0], "and who is asked again is there still"


def test_conditioning_in_turns_gives_the_same_features(tmp_path):
    files.fill(shelf := Library(tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        files.shrink(patch)
        borrowed, held = conditioning_in_turns(shelf, speaker=True), load_conditioning(shelf, speaker=True)
        samples = torch.from_numpy(tiny.recording(1.0).samples)
        for _ in range(2):
            assert torch.equal(borrowed.content(samples), held.content(samples))
            assert torch.equal(borrowed.text("今天"), held.text("今天"))
            assert torch.equal(borrowed.speaker(samples), held.speaker(samples))
    assert conditioning_in_turns(shelf, speaker=False).speaker is None


def test_text_models_are_loaded_once_and_only_when_needed():
    loads = []

    def load():
        loads.append(1)
        return tiny.read

    lazy = LazyTextFeatures(load)
    assert not loads
    assert torch.equal(lazy("天"), tiny.read("天"))
    lazy("地")
    assert loads == [1]
