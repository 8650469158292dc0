"""Finished runs become a bundle that loads, and a voice can be fine-tuned over it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from tiny_corpus import Said, sayings
from yinse.contracts.errors import InvalidInput, NotFound, RecordingRejected
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.adapter import apply_adapter
from yinse.engine.checkpoints.base import load_base
from yinse.engine.checkpoints.bundle import read_manifest, sub_state
from yinse.engine.checkpoints.bundled import VOICE_FILE
from yinse.engine.voice.enrol import Slice
from yinse.engine.voice.home import VoiceHome
from yinse.engine.voice.prompt import VoicePrompt
from yinse.training import adapt as adapting
from yinse.training import presets
from yinse.training.adapt import adapt
from yinse.training.export import RUN_OF, Source, export_bundle
from yinse.training.loop import train
from yinse.training.presets import Preset, choose, write_presets
from yinse.training.registry import assemble
from yinse.training.release import release_decoder

RUNS = tuple(dict.fromkeys(RUN_OF.values()))


def write_recipe(folder: Path, name: str, recipe) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(recipe.model_dump(mode="json", include={"part", "model", "data", "task"})))
    return path


@pytest.fixture(scope="module")
def sources(make_recipe, tmp_path_factory) -> dict[str, Source]:
    folder = tmp_path_factory.mktemp("runs")
    found = {}
    for name in RUNS:
        recipe = make_recipe(name, steps=1)
        train(assemble(recipe), recipe, folder / name)
        found[name] = Source(write_recipe(folder, name, recipe), folder / name)
    return found


@pytest.fixture(scope="module")
def bundle(sources, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("weights")
    export_bundle(sources, target, ("ourselves",))
    return target


def test_every_part_of_the_bundle_is_what_was_trained(sources, bundle):
    models = load_base(bundle)
    for name, run in RUN_OF.items():
        trained = sub_state(sources[run].folder / "weights.safetensors", name)
        loaded = getattr(models, name).state_dict()
        assert set(loaded) == set(trained)
        for key, value in trained.items():
            torch.testing.assert_close(loaded[key], value.to(loaded[key].dtype), atol=2e-3, rtol=2e-3)


@pytest.fixture
def anna(monkeypatch):
    """The one preset voice of the tiny corpus."""
    monkeypatch.setattr(presets, "PRESETS", (Preset("anna", "ann", "our own"),))
    monkeypatch.setattr(presets, "SLICE_SECONDS", (0.5, 9.0))
    monkeypatch.setattr(presets, "phonemise", lambda text, language: text.split())
    return "anna"


def test_a_new_decoder_leaves_the_other_parts_and_the_voices_as_they_are(
    bundle, make_recipe, tiny_store, anna, tmp_path
):
    target = Path(shutil.copytree(bundle, tmp_path / "weights"))
    before = read_manifest(target)
    write_presets(CorpusStore(tiny_store), load_base(target), target / "voices")
    voice = target / "voices" / anna / VOICE_FILE
    prompt = VoicePrompt.from_bytes(voice.read_bytes())
    recipe = make_recipe("decoder", steps=2)
    train(assemble(recipe), recipe, tmp_path / "runs" / "decoder")
    write_recipe(tmp_path, "decoder", recipe)

    manifest, voices = release_decoder(tmp_path, tmp_path / "runs", target)

    assert [name for name in before.parts if manifest.parts[name] != before.parts[name]] == ["decoder"]
    assert voices == [anna]
    again = VoicePrompt.from_bytes(voice.read_bytes())
    assert again.revision == load_base(target).revision == manifest.revision != before.revision
    np.testing.assert_array_equal(again.latents_FD, prompt.latents_FD)
    loaded = load_base(target).decoder.state_dict()
    for key, value in sub_state(tmp_path / "runs" / "decoder" / "weights.safetensors", "decoder").items():
        torch.testing.assert_close(loaded[key], value, atol=2e-3, rtol=2e-3)


def test_a_run_without_weights_is_named(sources, tmp_path):
    missing = {**sources, "semantic": Source(sources["semantic"].recipe, tmp_path / "semantic")}
    with pytest.raises(NotFound, match="semantic holds no weights"):
        export_bundle(missing, tmp_path / "out", ())


def test_a_decoder_that_the_engine_does_not_ship_is_refused(sources, make_recipe, tmp_path):
    recipe = write_recipe(tmp_path, "hifigan", make_recipe("codec_hifigan"))
    with pytest.raises(InvalidInput, match="cannot ship a decoder of HifiganConfig"):
        export_bundle({**sources, "decoder": Source(recipe, sources["decoder"].folder)}, tmp_path / "out", ())


@pytest.fixture
def slices() -> list[Slice]:
    """Two seconds each of one speaker."""
    one = sayings()[0]
    said = [Said(f"s-{n}", "bob", "en", (one.vowels * 2)[n : n + 16], 16000) for n in range(6)]
    return [Slice(Waveform(each.samples().astype(np.float32), 16000), list(each.vowels)) for each in said]


@pytest.fixture
def quick(monkeypatch):
    """Judge by one batch; the models know nothing anyway."""
    monkeypatch.setattr(adapting, "JUDGE_BATCHES", 1)


def test_a_voice_is_fine_tuned_and_kept_only_if_it_is_better(bundle, slices, quick, tmp_path):
    models, target, steps = load_base(bundle), tmp_path / "adapter.safetensors", []
    before = models.acoustic.state_dict()["condition.widen.weight"].clone()
    outcome = adapt(models, slices, 7600.0, target, tmp_path / "work", steps=4, progress=steps.append)
    assert steps == [1, 2, 3, 4]
    assert outcome.steps == 4
    assert outcome.kept == (outcome.after < outcome.before) == target.exists()
    assert torch.equal(models.acoustic.state_dict()["condition.widen.weight"], before), "the base is shared"
    if outcome.kept:
        apply_adapter(models, target)
        after = models.acoustic.state_dict()["condition.widen.weight"]
        assert not torch.equal(after, before)
        assert torch.equal(after, after.half().float()), "compiled code reads halves"


def test_what_does_not_help_is_not_kept(bundle, slices, quick, tmp_path, monkeypatch):
    scores = iter([1.0, 1.5])
    monkeypatch.setattr(adapting, "judged", lambda task, batches: next(scores))
    target = tmp_path / "adapter.safetensors"
    outcome = adapt(load_base(bundle), slices, 7600.0, target, tmp_path / "work", steps=1)
    assert (outcome.before, outcome.after, outcome.kept) == (1.0, 1.5, False)
    assert not target.exists()


def test_too_little_speech_is_refused_with_advice(bundle, slices, tmp_path):
    with pytest.raises(RecordingRejected, match="record about a minute"):
        adapt(load_base(bundle), slices[:3], 7600.0, tmp_path / "a", tmp_path / "work")


def test_preset_voices_are_made_of_the_corpus(bundle, tiny_store, anna, tmp_path):
    assert write_presets(CorpusStore(tiny_store), load_base(bundle), tmp_path) == [anna]
    voice = VoiceHome(tmp_path / "home", presets=tmp_path).load("anna")
    assert voice.card.preset
    assert voice.card.source == "our own"
    assert tuple(voice.card.languages) == ("zh",)
    entries = [e for e in CorpusStore(tiny_store).entries if e.speaker == "ann"]
    assert 0 < voice.card.net_speech_s <= sum(entry.seconds for entry in entries) + 0.1
    assert len(voice.prompt.tokens_S) == pytest.approx(25 * voice.card.net_speech_s, abs=5)


def test_a_preset_needs_its_speaker(tiny_store):
    with pytest.raises(NotFound, match="no usable utterance of nobody"):
        choose(CorpusStore(tiny_store), "nobody")
