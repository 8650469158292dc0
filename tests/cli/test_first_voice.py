"""What `make run` does, command by command, with tiny weights."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from yinse.cli.main import run


@pytest.fixture
def example(root, tmp_path, monkeypatch) -> ModuleType:
    """The script as a module, in an empty folder; each command it starts runs in this process."""
    spec = importlib.util.spec_from_file_location("first_voice", root / "examples" / "first_voice.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)

    def start(command, *, env, check, capture_output=False):
        assert Path(command[0]).name == "yinse"
        monkeypatch.setenv("YINSE_HOME", env["YINSE_HOME"])
        monkeypatch.setenv("YINSE_WEIGHTS", env["YINSE_WEIGHTS"])
        if capture_output:
            return module.heard(command[1:])
        module.started.append(command[1:])
        return subprocess.CompletedProcess(command, run(command[1:]))

    module.started = []
    monkeypatch.setattr(module, "SENTENCES", {"zh": "好。", "en": "Hi.", "ja": "はい。"})
    monkeypatch.setattr(module.subprocess, "run", start)
    return module


@pytest.fixture
def told(example, capsys):
    """Give the script what a command prints."""

    def heard(arguments):
        capsys.readouterr()
        code = run(arguments)
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, out.encode(), err.encode())

    example.heard = heard
    return example


def start(example, monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["first_voice.py", *arguments])
    example.main()


def test_a_recording_that_is_not_there_is_told_before_anything_is_spoken(example, monkeypatch):
    with pytest.raises(SystemExit, match=r"There is no recording me\.wav"):
        start(example, monkeypatch, "--recording", "me.wav")
    assert example.started == []


def test_an_own_recording_is_cloned_and_speaks_three_languages(told, weights, recording, capsys, monkeypatch):
    start(told, monkeypatch, "--recording", str(recording))
    assert [command[0] for command in told.started] == ["speak"] * 3 + ["check", "enrol"] + ["speak"] * 3
    assert {path.name for path in Path("out").glob("*.wav")} == {
        f"{kind}-{language}.wav" for kind in ("preset", "clone") for language in ("zh", "en", "ja")
    }
    assert Path("out/home/voices/my-first-voice/voice.json").exists()
    said = capsys.readouterr().out
    assert "can make a voice" in said
    assert "RTF" in said
    assert "enrol me.wav --voice me" in said


def test_without_weights_it_says_so(told, tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match=r"There are no weights here.*docs/training\.md"):
        start(told, monkeypatch)
    assert told.started == []


def test_a_refused_recording_ends_it_with_the_code(told, weights, tmp_path, monkeypatch):
    (tmp_path / "me.wav").write_bytes(b"")
    with pytest.raises(SystemExit, match="`yinse check` ended with code 2"):
        start(told, monkeypatch, "--recording", "me.wav")


@pytest.mark.parametrize(
    ("passing", "tried"), [("c", ["a", "b", "c"]), ("a", ["a"]), (None, ["a", "b", "c"])]
)
def test_the_first_reading_that_our_own_check_lets_pass_stands_in(
    passing, tried, example, tmp_path, monkeypatch, capsys
):
    presets = [
        {"name": name, "languages": [language]} for name, language in (("b", "zh"), ("a", "en"), ("c", "ja"))
    ]
    read = []
    monkeypatch.setattr(example, "reading_of", lambda voice: read.append(voice) or Path(f"{voice}.wav"))
    example.heard = lambda arguments: subprocess.CompletedProcess(
        arguments, 0 if arguments[1] == f"{passing}.wav" else 3
    )
    monkeypatch.setenv("YINSE_WEIGHTS", "")
    assert example.stand_in(presets) == (Path(f"{passing}.wav") if passing else None)
    assert read == tried
    assert capsys.readouterr().out.count("would not make a voice") == len(tried) - bool(passing)


def test_the_reading_of_a_preset_comes_out_of_its_latents(told, weights, capsys):
    from yinse.engine.audio.decode import decode

    Path("out").mkdir()
    path = told.reading_of("mini")
    assert decode(path).seconds == pytest.approx(4.0, abs=0.05)
    assert "as the codec keeps it" in capsys.readouterr().out


@pytest.mark.parametrize(("language", "voice"), [("ja", "b"), ("zh", "a"), ("en", "a")])
def test_every_language_gets_a_voice_of_its_own_where_there_is_one(language, voice, example):
    presets = [{"name": "a", "languages": ["zh"]}, {"name": "b", "languages": ["ja"]}]
    assert example.preset_for(language, presets) == voice
