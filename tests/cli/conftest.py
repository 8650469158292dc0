"""A user's machine: tiny weights with a preset, recordings of a real-sounding voice, and the command itself."""

import json
import os
import resource
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from engine.conftest import TINY_CONFIGS
from yinse.cli.main import run
from yinse.engine.audio.encode import write_wav
from yinse.engine.audio.waveform import Waveform

PRESET = "mini"
READING = (
    "今日は朝から空がよく晴れていて、散歩をするのにちょうどよい天気です。駅の前の小さな店で温かいコーヒーを買い、"
    "公園のベンチに座ってゆっくり飲みました。子どもたちの笑い声が遠くから聞こえてきて、時間がたつのを忘れてしまいそうです。"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command line left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def yinse(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Run a command line in this process, as the console script does."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")

    def call(*arguments: str | Path) -> Outcome:
        code = run([str(argument) for argument in arguments])
        return Outcome(code, *capfd.readouterr())

    return call


@pytest.fixture(scope="session")
def speech() -> Waveform:
    """About 18 s of OpenJTalk reading, at 48 kHz."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyopenjtalk

        samples, rate = pyopenjtalk.tts(READING)
    return Waveform((samples / 2**15).astype(np.float32), rate)


@pytest.fixture(scope="session")
def recording(speech: Waveform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reading as a file."""
    path = tmp_path_factory.mktemp("recordings") / "reading.wav"
    write_wav(path, speech)
    return path


@pytest.fixture(scope="session")
def tiny_weights(speech: Waveform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of every part, tiny and random, with one preset voice."""
    import torch

    from yinse.engine.checkpoints.base import FAMILY, PARTS, load_base, symbols_digest
    from yinse.engine.checkpoints.bundle import Manifest, write_manifest, write_part
    from yinse.engine.voice.enrol import Slice, build_prompt
    from yinse.engine.voice.home import Voice, VoiceCard, VoiceHome

    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    parts = {}
    for name, config in TINY_CONFIGS.items():
        module = PARTS[name][1](config)
        for parameter in module.parameters():
            if not parameter.any():
                torch.nn.init.normal_(parameter, std=0.05)
        parts[name] = write_part(folder, name, config, module.state_dict())
    write_manifest(folder, Manifest(FAMILY, "tiny", "Apache-2.0", ("noise",), symbols_digest(), parts))
    prompt = build_prompt(load_base(folder), [Slice(speech.slice_seconds(0, 4))])
    card = VoiceCard(PRESET, "2026-01-01T00:00:00+00:00", 4.0, "good", ("ja",), "noise", preset=True)
    VoiceHome(folder).save(Voice(card, prompt))
    return folder


@pytest.fixture
def weights(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command of this test speaks with the tiny bundle."""
    monkeypatch.setenv("YINSE_WEIGHTS", str(tiny_weights))
    return tiny_weights


@pytest.fixture
def own_weights(tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tiny bundle that the test may damage."""
    folder = tmp_path / "own-weights"
    shutil.copytree(tiny_weights, folder)
    monkeypatch.setenv("YINSE_WEIGHTS", str(folder))
    return folder


@pytest.fixture(scope="session")
def enrolled_home(tiny_weights: Path, recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which `yinse enrol` has made the voice `me`; copy it before changing it."""
    home = tmp_path_factory.mktemp("enrolled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YINSE_HOME", str(home))
        patch.setenv("YINSE_WEIGHTS", str(tiny_weights))
        assert run(["enrol", str(recording), "--voice", "me"]) == 0
    return home


@pytest.fixture
def home(enrolled_home: Path, yinse_home: Path, weights: Path) -> Path:
    """A home of this test's own with the voice `me` in it."""
    shutil.copytree(enrolled_home, yinse_home)
    return yinse_home


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a command with given bytes as standard input, and keep its output as bytes."""
    from yinse.cli.speak import speak

    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return lambda *arguments, stdin=b"": CliRunner().invoke(
        speak, [str(argument) for argument in arguments], input=stdin
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content: what `nothing was written` is measured by."""
    if not folder.exists():
        return {}
    return {
        os.fspath(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def files() -> Callable[[Path], dict[str, bytes]]:
    """The content of a folder, to compare before and after."""
    return tree


@pytest.fixture
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    """`with full_disk(n):` no file can grow beyond `n` bytes, as on a disk with little room."""

    @contextmanager
    def limit(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit
