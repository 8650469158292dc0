"""Voices on the command line: what is listed, what is known, what goes when one is deleted."""

import io
import sys

import pytest

pytestmark = pytest.mark.usefixtures("weights")


def test_own_voices_come_before_presets(yinse, home):
    lines = yinse("voices", "list").out.splitlines()
    assert [line.split()[:2] for line in lines] == [["me", "enrolled"], ["mini", "preset"]]
    listed = yinse("voices", "list", "--json").json
    assert [card["name"] for card in listed] == ["me", "mini"]
    assert listed[1]["preset"] is True


def test_no_voices_yet(yinse, tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path))
    assert yinse("voices", "list").out == "No voices yet. Make one: yinse enrol recording.wav --voice me\n"
    assert yinse("voices", "list", "--json").json == []


def test_a_damaged_voice_hides_no_other(yinse, home):
    (home / "voices" / "me" / "voice.json").write_text("{")
    done = yinse("voices", "list")
    assert [line.split()[0] for line in done.out.splitlines()] == ["mini"]
    assert (done.code, "'me' is damaged" in done.err) == (5, True)
    assert [card["name"] for card in yinse("voices", "list", "--json").json] == ["mini"]
    assert yinse("voices", "show", "mini").code == 0
    unknown = yinse("voices", "show", "nobody")
    assert (unknown.code, unknown.err) == (4, "there is no voice 'nobody'; there are: me, mini\n")


def test_what_is_known_of_a_voice(yinse):
    shown = yinse("voices", "show", "mini").json
    assert shown["name"] == "mini"
    assert shown["grade"] == "good"
    assert shown["reference_tokens"] == 100
    assert len(shown["weights"]) == 16


@pytest.mark.parametrize("command", ["show", "delete"])
def test_an_unknown_voice(command, yinse):
    done = yinse("voices", command, "nobody")
    assert (done.code, done.err) == (4, "there is no voice 'nobody'; there are: mini\n")


def test_deleting_leaves_nothing_of_a_voice(yinse, home, files):
    (home / "voices" / "me" / "adapting").mkdir()
    (home / "voices" / "me" / "adapting" / "last.ckpt").write_bytes(b"weights of a person")
    assert yinse("voices", "delete", "me", "--yes").code == 0
    assert files(home) == {}
    assert yinse("voices", "show", "me").code == 4


def test_deleting_asks_first(yinse, home, files, monkeypatch):
    before = files(home)
    monkeypatch.setattr("click.confirm", _declined)
    assert yinse("voices", "delete", "me").code == 1
    assert files(home) == before


def test_nobody_can_be_asked(yinse, home, files, monkeypatch):
    before = files(home)
    monkeypatch.setattr(sys, "stdin", None)
    done = yinse("voices", "delete", "me")
    assert (done.code, "--yes" in done.err) == (2, True)
    assert files(home) == before


def test_an_input_that_ends_is_no_answer(yinse, home, files, monkeypatch):
    before = files(home)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    done = yinse("voices", "delete", "me")
    assert (done.code, done.err.splitlines()[-1].startswith("Nobody answered")) == (2, True)
    assert files(home) == before


def _declined(*_: object, abort: bool) -> None:
    import click

    assert abort
    raise click.Abort


@pytest.mark.parametrize("yes", [("--yes",), ()], ids=["told", "not asked"])
def test_a_preset_stays(yes, yinse, weights, files):
    before = files(weights)
    done = yinse("voices", "delete", "mini", *yes)
    assert done.code == 2
    assert "preset" in done.err
    assert files(weights) == before


def test_a_damaged_card_names_its_voice(yinse, home):
    (home / "voices" / "me" / "voice.json").write_text("{")
    done = yinse("voices", "list")
    assert done.code == 5
    assert "'me'" in done.err
    assert yinse("voices", "delete", "me", "--yes").code == 0
