"""HuBERT and BERT from folders in the layout of the hub: tiny, but through the whole library."""

import pytest
import torch

import tiny_published as tiny
import tiny_published_files as files
from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.voice.published.conditioning import (
    BertFeatures,
    HubertFeatures,
    LazyTextFeatures,
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


def test_unknown_characters_have_features_and_long_texts_are_refused(roberta):
    bert = BertFeatures.load(roberta[0])
    assert bert("龘").shape == (1024, 1)
    with pytest.raises(InvalidInput, match="too long"):
        bert("天" * 511)


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


def test_what_is_not_there_says_how_to_get_it(tmp_path):
    with pytest.raises(NotFound, match="weights pull conditioning"):
        HubertFeatures.load(tmp_path)
    with pytest.raises(NotFound, match="weights pull eres2netv2"):
        load_conditioning(Library(tmp_path), speaker=True)
    with pytest.raises(NotFound, match="weights pull hubert"):
        load_conditioning(Library(tmp_path), speaker=False)


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
