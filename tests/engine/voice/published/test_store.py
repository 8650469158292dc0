"""Imported voices on disk: whole or not at all, and beside the enrolled ones."""

import json
from pathlib import Path

import pytest

import tiny_published as tiny
import tiny_published_files as files
from yinse.contracts.errors import AlreadyExists, InvalidInput, NotFound, StorageFull
from yinse.engine.checkpoints.published import bundle as bundles
from yinse.engine.checkpoints.published.bundle import Bundle
from yinse.engine.checkpoints.published.checkpoint import Kind
from yinse.engine.checkpoints.published.convert import to_part
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.voice.home import VoiceHome
from yinse.engine.voice.published.encode import VoiceEncoder
from yinse.engine.voice.published.store import PublishedHome, is_published


@pytest.fixture(scope="module")
def bundle():
    with pytest.MonkeyPatch.context() as patch:
        files.shrink(patch)
        yield Bundle({Kind.S1: to_part(files.s1()), Kind.S2: to_part(files.s2("v2"))})


@pytest.fixture(scope="module")
def prompt():
    return VoiceEncoder(tiny.end_to_end(), tiny.CONDITIONING, TextFrontend()).encode(
        tiny.recording(3.0), "你好"
    )


def test_an_imported_voice_is_among_the_voices(bundle, prompt):
    home = PublishedHome()
    home.save("ann", bundle, prompt, 3.0)
    (card,) = [card for card in VoiceHome().cards() if not card.preset]
    assert (card.name, card.source, card.languages, card.net_speech_s) == (
        "ann",
        "GPT-SoVITS v2",
        ("zh",),
        3.0,
    )
    assert is_published(VoiceHome().folder("ann"))
    assert home.names() == ["ann"]
    assert home.manifest("ann") == bundle.manifest
    assert home.prompt("ann").transcript == prompt.transcript
    VoiceHome().delete("ann")
    assert home.names() == []


def test_a_reference_is_replaced_without_touching_the_weights(bundle, prompt):
    home = PublishedHome()
    home.save("ann", bundle, None, 0.0)
    with pytest.raises(NotFound, match="no reference yet"):
        home.prompt("ann")
    home.give_reference("ann", prompt, 4.0)
    assert home.prompt("ann").language == "zh"
    assert home.bundle("ann").manifest == bundle.manifest


def test_a_summary_is_plain(bundle, prompt):
    home = PublishedHome()
    home.save("ann", bundle, prompt, 3.0)
    known = json.loads(json.dumps(home.summary("ann")))
    assert (known["version"], known["lora"], known["transcript"]) == ("v2", False, prompt.transcript)
    assert known["weights"]["s2"] == bundle.parts[Kind.S2].manifest.sha256
    home.save("ann", bundle, None, 0.0, replace=True)
    assert home.summary("ann")["reference"] is None


def test_a_taken_name_is_kept_unless_told(bundle, prompt):
    home = PublishedHome()
    home.save("ann", bundle, prompt, 3.0)
    with pytest.raises(AlreadyExists, match="--replace"):
        home.save("ann", bundle, None, 0.0)
    assert home.prompt("ann").language == "zh"
    home.save("ann", bundle, None, 0.0, replace=True)
    with pytest.raises(NotFound):
        home.prompt("ann")


@pytest.mark.parametrize("when", ["weights", "prompt"])
def test_a_full_disk_leaves_the_old_voice(bundle, prompt, monkeypatch, when):
    home = PublishedHome()
    home.save("ann", bundle, prompt, 3.0)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if when == "weights":
        monkeypatch.setattr(bundles, "save_file", full)
    else:
        monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(StorageFull, match="No space"):
        home.save("ann", bundle, None, 0.0, replace=True)
    monkeypatch.undo()
    assert home.prompt("ann").language == "zh"
    assert [path.name for path in home.home.voices.iterdir()] == ["ann"]


def test_an_interrupt_while_a_voice_is_replaced_leaves_the_old_one(bundle, prompt, monkeypatch):
    home = PublishedHome()
    home.save("ann", bundle, prompt, 3.0)
    place, rename = home.folder("ann"), Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if target == place and self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        home.save("ann", bundle, None, 0.0, replace=True)
    assert home.prompt("ann").language == "zh"
    assert home.bundle("ann").manifest == bundle.manifest
    assert [path.name for path in home.home.voices.iterdir()] == ["ann"]


def test_names_are_no_paths_and_other_voices_are_not_imported(bundle, tmp_path):
    home = PublishedHome()
    with pytest.raises(InvalidInput):
        home.save("../ann", bundle, None, 0.0)
    folder = home.home.voices / "bob"
    folder.mkdir(parents=True)
    (folder / "voice.json").write_text("{}")
    with pytest.raises(InvalidInput, match="not imported"):
        home.folder("bob")
