import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from yinse.cli.check import check, language_of_locale
from yinse.engine.audio.encode import write_wav
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Waveform


@pytest.fixture
def silence(no_weights: None, tmp_path: Path) -> Path:
    write_wav(tmp_path / "silence.wav", Waveform(np.zeros(24_000, np.float32), 8_000))
    return tmp_path / "silence.wav"


def test_what_cannot_make_a_voice_exits_with_three_and_says_why(silence: Path) -> None:
    result = CliRunner().invoke(check, [str(silence), "--lang", "en"])
    assert result.exit_code == 3
    assert result.output.startswith("bad (")
    assert "cannot make a voice yet" in result.output
    assert "No speech was heard" in result.output


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有听到说话声"), ("ja", "声が聞こえません")])
def test_advice_comes_in_the_language_asked_for(lang: str, words: str, silence: Path) -> None:
    assert words in CliRunner().invoke(check, [str(silence), "--lang", lang]).output


def test_json_is_the_report(silence: Path) -> None:
    report = json.loads(CliRunner().invoke(check, [str(silence), "--json"]).output)
    assert report["grade"] == "bad"
    assert report["can_clone"] is False
    assert {"zh", "en", "ja"} == set(report["checks"][0]["advice"])


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_follows_the_locale(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language_of_locale() == language


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of Yinse without weights: the check looks for no second person."""
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path / "none"))


BAD = {
    "nothing.wav": (b"", 2, "The file is empty."),
    "diary.wav": (b"Dear diary, " * 50, 2, "not a sound file"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_recording_is_an_error_and_not_a_verdict(
    name: str, tmp_path: Path, yinse: Callable[..., Any]
) -> None:
    content, code, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    done = yinse("check", tmp_path / name, "--json")
    assert (done.code, done.out) == (code, "")
    assert words in done.err


def test_a_reading_can_make_a_voice(no_weights: None, recording: Path, yinse: Callable[..., Any]) -> None:
    done = yinse("check", recording, "--lang", "en")
    assert done.code == 0
    assert "can make a voice" in done.out
    assert "Read a few more lines" in done.out


def test_a_file_that_is_not_there(tmp_path: Path, yinse: Callable[..., Any]) -> None:
    done = yinse("check", tmp_path / "none.wav")
    assert (done.code, done.err) == (4, f"There is no file {tmp_path / 'none.wav'}.\n")


def test_a_folder_is_not_called_missing(tmp_path: Path, yinse: Callable[..., Any]) -> None:
    done = yinse("check", tmp_path)
    assert (done.code, done.err) == (2, f"{tmp_path} is a folder; name a recording in it.\n")


@pytest.mark.parametrize("rate", [8_000, 12_000])
def test_what_enrolment_refuses_for_its_rate_alone_is_not_promised(
    no_weights: None, speech: Waveform, rate: int, tmp_path: Path, yinse: Callable[..., Any]
) -> None:
    path = tmp_path / "telephone.wav"
    write_wav(path, resample(speech, rate))
    done = yinse("check", path, "--lang", "en")
    assert (done.code, done.out.startswith("bad (")) == (3, True)
    assert "too few samples a second" in done.out
    report = yinse("check", path, "--json").json
    assert (report["grade"], report["can_clone"]) == ("bad", False)
    assert next(check["status"] for check in report["checks"] if check["id"] == "bandwidth") == "fail"


def test_a_second_person_is_looked_for_where_there_are_weights(
    recording: Path, yinse: Callable[..., Any], weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heard() -> Any:
        checks = yinse("check", recording, "--json").json["checks"]
        return next(check["value"] for check in checks if check["id"] == "other_speaker")

    assert heard() is not None
    monkeypatch.setenv("YINSE_WEIGHTS", str(weights / "none"))
    assert heard() is None
