"""Presets are known by their cards, and read from the weights alone."""

import json

import pytest

from yinse.contracts.errors import NotFound
from yinse.contracts.speech import Preset
from yinse.serving.options import ServingOptions
from yinse.serving.presets import presets_of, read_preset


@pytest.fixture
def options(tmp_path):
    for name in ("yue", "mei"):
        folder = tmp_path / "voices" / name
        folder.mkdir(parents=True)
        card = {"name": name, "languages": ["zh"], "source": "CC0", "grade": "good"}
        (folder / "voice.json").write_text(json.dumps(card))
        (folder / "voice.safetensors").write_bytes(name.encode())
    return ServingOptions(weights=tmp_path)


def test_cards_become_presets_by_name(options):
    assert presets_of(options) == (
        Preset("mei", ("zh",), "CC0", "good"),
        Preset("yue", ("zh",), "CC0", "good"),
    )


@pytest.mark.parametrize("damaged", ["", "[]", "{}", '{"languages": ["zh"]}'])
def test_a_damaged_card_is_left_out(options, damaged, caplog):
    (options.weights / "voices" / "mei" / "voice.json").write_text(damaged)
    assert [preset.name for preset in presets_of(options)] == ["yue"]
    assert "card of a preset" in caplog.text


def test_no_weights_no_presets(tmp_path):
    assert presets_of(ServingOptions(weights=tmp_path / "absent")) == ()


def test_a_preset_is_read_by_its_name_and_never_by_a_path(options):
    assert read_preset(options, "mei") == b"mei"
    for name in ("../voices/mei", "", ".", "absent", "/etc"):
        with pytest.raises(NotFound):
            read_preset(options, name)


def test_the_shipped_presets_are_known_without_loading_a_model(root):
    shipped = {folder.name for folder in (root / "weights" / "voices").glob("*/")}
    assert {preset.name for preset in presets_of(ServingOptions(weights=root / "weights"))} == shipped
