"""Voices on disk: whole or absent, never overwritten by accident, never a path."""

import json
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from yinse.contracts.errors import AlreadyExists, CorruptFile, InvalidInput, NotFound, StorageFull
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.bundled import CARD_FILE, VOICE_FILE
from yinse.engine.voice.home import Voice, VoiceCard, VoiceHome, check_name
from yinse.engine.voice.prompt import VoicePrompt


def voice(prompt: VoicePrompt, name: str = "amy") -> Voice:
    return Voice(VoiceCard(name, "2026-01-01T00:00:00+00:00", 61.0, "good", ("en", "zh"), "amy.wav"), prompt)


@pytest.fixture
def home(tmp_path: Path) -> VoiceHome:
    return VoiceHome(tmp_path / "home", tmp_path / "presets")


def test_a_saved_voice_loads_and_is_listed(home: VoiceHome, prompt: VoicePrompt) -> None:
    home.save(voice(prompt))
    loaded = home.load("amy")
    assert loaded.card == voice(prompt).card
    assert np.array_equal(loaded.prompt.tokens_S, prompt.tokens_S)
    assert [card.name for card in home.cards()] == ["amy"]


def test_an_existing_voice_is_not_overwritten_unless_asked(home: VoiceHome, prompt: VoicePrompt) -> None:
    home.save(voice(prompt))
    with pytest.raises(AlreadyExists, match="amy"):
        home.save(voice(prompt))
    home.save(voice(prompt), replace=True)
    assert len(home.cards()) == 1


def test_an_unknown_voice_is_refused_with_the_known_ones(home: VoiceHome, prompt: VoicePrompt) -> None:
    home.save(voice(prompt))
    with pytest.raises(NotFound, match="amy"):
        home.load("bob")


@pytest.mark.parametrize("name", ["", "../amy", "a/b", ".hidden", "x" * 65, "amy ", "a\x00b"])
def test_a_name_is_never_a_path(home: VoiceHome, prompt: VoicePrompt, name: str) -> None:
    with pytest.raises(InvalidInput):
        home.save(voice(prompt, name))
    with pytest.raises(InvalidInput):
        home.load(name)


def test_names_in_any_script_are_fine(home: VoiceHome, prompt: VoicePrompt) -> None:
    home.save(voice(prompt, "小红 の 声"))
    assert home.load("小红 の 声").card.name == "小红 の 声"


@pytest.mark.parametrize("name", ["José", "がぎぐ"])
def test_a_name_is_the_same_however_its_marks_were_typed(
    home: VoiceHome, prompt: VoicePrompt, name: str
) -> None:
    home.save(voice(prompt, check_name(unicodedata.normalize("NFD", name))))
    for form in ("NFC", "NFD"):
        assert home.load(unicodedata.normalize(form, name)).card.name == name


def test_deleting_leaves_nothing(home: VoiceHome, prompt: VoicePrompt) -> None:
    folder = home.save(voice(prompt))
    home.keep_recordings("amy", [Waveform(np.zeros(1600, np.float32), 16000)])
    home.delete("amy")
    assert not folder.exists()
    assert home.cards() == []


def test_an_interrupted_deletion_can_be_asked_for_again(
    home: VoiceHome, prompt: VoicePrompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.save(voice(prompt))
    home.keep_recordings("amy", [Waveform(np.zeros(1600, np.float32), 16000)])
    for owner, name in ((shutil, "rmtree"), (Path, "unlink")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, _interrupt)
            with pytest.raises(KeyboardInterrupt):
                home.delete("amy")
        assert [card.name for card in home.cards()] == ["amy"]
    home.delete("amy")
    assert list(home.voices.iterdir()) == []


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_cannot_be_deleted_says_so(
    home: VoiceHome, prompt: VoicePrompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(self: Path) -> None:
        raise OSError(30, "Read-only file system")

    home.save(voice(prompt))
    monkeypatch.setattr(Path, "unlink", read_only)
    with pytest.raises(StorageFull, match="cannot be deleted: Read-only"):
        home.delete("amy")


def test_a_preset_is_listed_and_cannot_be_deleted(home: VoiceHome, prompt: VoicePrompt) -> None:
    folder = VoiceHome(home.presets.parent, home.presets).save(voice(prompt, "mei"))
    folder.parent.rename(home.presets)
    assert home.load("mei").prompt.revision == prompt.revision
    with pytest.raises(InvalidInput, match="preset"):
        home.delete("mei")


NO_SECONDS = (
    '{"name": "amy", "created": "", "net_speech_s": "61", "grade": "good", "languages": [], "source": ""}'
)


@pytest.mark.parametrize("broken", ["{", '{"name": "amy"}', "\xff", NO_SECONDS])
def test_a_damaged_card_says_so(home: VoiceHome, prompt: VoicePrompt, broken: str) -> None:
    (home.save(voice(prompt)) / CARD_FILE).write_bytes(broken.encode("latin-1"))
    with pytest.raises(CorruptFile, match="amy"):
        home.load("amy")


def test_a_lost_or_damaged_prompt_says_so(home: VoiceHome, prompt: VoicePrompt) -> None:
    path = home.save(voice(prompt)) / VOICE_FILE
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(CorruptFile):
        home.load("amy")
    path.unlink()
    with pytest.raises(CorruptFile, match="enrol it again"):
        home.load("amy")


def test_a_full_disk_keeps_nothing_half_written(
    home: VoiceHome, prompt: VoicePrompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageFull, match="No space left"):
        home.save(voice(prompt))
    assert list(home.voices.iterdir()) == []


@pytest.mark.parametrize("failing", [1, 2])
def test_an_interrupt_while_a_voice_is_replaced_leaves_the_old_one(
    home: VoiceHome, prompt: VoicePrompt, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    folder, rename, calls = home.save(voice(prompt)), Path.rename, []
    home.keep_recordings("amy", [Waveform(np.zeros(1600, np.float32), 16000)])

    def interrupted(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == failing:
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            home.save(voice(prompt), replace=True)
    assert [path.name for path in home.voices.iterdir()] == ["amy"]
    assert len(home.recordings("amy")) == 1
    home.save(voice(prompt), replace=True)
    assert not (folder / "recordings").exists()


def test_what_is_kept_of_a_voice_is_its_owners_alone(home: VoiceHome, prompt: VoicePrompt) -> None:
    assert home.save(voice(prompt)).stat().st_mode & 0o077 == 0


def test_the_card_is_plain_json(home: VoiceHome, prompt: VoicePrompt) -> None:
    card = json.loads((home.save(voice(prompt)) / CARD_FILE).read_text("utf-8"))
    assert card["languages"] == ["en", "zh"]
