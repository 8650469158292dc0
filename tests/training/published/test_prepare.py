from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

import tiny_published as tiny
from yinse.contracts.errors import CorruptFile, InvalidInput
from yinse.engine.audio.waveform import Waveform
from yinse.engine.models.layers.published.tokenizer import ContentTokenizer
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.symbols import table
from yinse.training.published.items import Item, load_item
from yinse.training.published.listing import Line, Listing
from yinse.training.published.prepare import Tools, item_of, levelled, prepare


@pytest.fixture
def tools() -> Tools:
    torch.manual_seed(0)
    tokenizer = ContentTokenizer(tiny.CONTENT, tiny.CODES).eval().requires_grad_(False)
    return Tools(TextFrontend(), table("v2"), tiny.CONDITIONING, tokenizer)


def line(folder: Path, number: int, samples: np.ndarray, text: str = "Hello there.") -> Line:
    path = folder / f"{number}.wav"
    soundfile.write(path, samples, 16000, subtype="FLOAT")
    return Line(number, path, "me", "en", text)


def only_item(folder: Path) -> Item:
    (path,) = folder.iterdir()
    return load_item(path)


def test_items_hold_what_training_needs_and_survive_the_disk(tmp_path: Path, tools: Tools) -> None:
    spoken = line(tmp_path, 1, tiny.recording(2.0).samples)
    listing = prepare(Listing((spoken,)), tools, tmp_path / "items")
    item = only_item(tmp_path / "items")
    made = item_of(spoken, tools)
    assert listing.problems == ()
    assert item.seconds == pytest.approx(2.0, abs=0.01)
    assert len(item.tokens_T) == 50
    assert item.features_EL.shape == (1024, len(item.phones_L))
    assert torch.equal(item.tokens_T, made.tokens_T)
    assert torch.allclose(item.samples_N, made.samples_N, atol=1e-4)
    assert item.speaker_V is not None
    assert made.speaker_V is not None
    assert torch.equal(item.speaker_V, made.speaker_V)


def test_no_speaker_where_no_model_hears_it(tmp_path: Path, tools: Tools) -> None:
    without = replace(tools, conditioning=replace(tools.conditioning, speaker=None))
    assert item_of(line(tmp_path, 1, tiny.recording(1.0).samples), without).speaker_V is None


def test_bad_recordings_are_reported_and_the_others_kept(tmp_path: Path, tools: Tools) -> None:
    good = line(tmp_path, 2, tiny.recording(1.0).samples)
    silent = line(tmp_path, 1, np.zeros(16000, np.float32))
    broken = replace(good, number=3, path=tmp_path / "3.wav")
    broken.path.write_bytes(b"no sound")
    counted: list[int] = []
    listing = prepare(Listing((silent, good, broken)), tools, tmp_path / "items", counted.append)
    assert [one.number for one in listing.lines] == [2]
    assert [one.number for one in listing.problems] == [1, 3]
    assert listing.problems[0].reason == "the recording is silent"
    assert counted == [1, 2, 3]
    with pytest.raises(InvalidInput, match="0 of 1 recordings can be used"):
        prepare(Listing((silent,)), tools, tmp_path / "other")


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.04])
def test_a_click_is_no_recording(tmp_path: Path, tools: Tools, seconds: float) -> None:
    click = line(tmp_path, 1, tiny.recording(seconds).samples)
    good = line(tmp_path, 2, tiny.recording(1.0).samples)
    listing = prepare(Listing((click, good)), tools, tmp_path / "items")
    assert [one.number for one in listing.lines] == [2]
    assert [one.number for one in listing.problems] == [1]
    assert "too short" in listing.problems[0].reason


def test_what_is_there_is_not_made_again(tmp_path: Path, tools: Tools) -> None:
    spoken = line(tmp_path, 1, tiny.recording(1.0).samples)
    prepare(Listing((spoken,)), tools, tmp_path / "items")
    deaf = replace(tools, conditioning=replace(tools.conditioning, content=None))  # type: ignore[arg-type]
    assert prepare(Listing((spoken,)), deaf, tmp_path / "items").lines == (spoken,)


def test_a_corrected_text_and_another_recording_are_prepared_again(tmp_path: Path, tools: Tools) -> None:
    samples = tiny.recording(1.0).samples
    for text, sound in [
        ("Hello there.", samples),
        ("Hello here, all of you.", samples),
        ("Hello there.", samples[:8000]),
    ]:
        spoken = line(tmp_path, 1, sound, text)
        prepare(Listing((spoken,)), tools, tmp_path / "items")
        item = only_item(tmp_path / "items")
        assert torch.equal(item.phones_L, item_of(spoken, tools).phones_L)
        assert item.seconds == pytest.approx(len(sound) / 16000, abs=0.01)


def test_an_item_that_was_cut_off_is_made_again(tmp_path: Path, tools: Tools) -> None:
    spoken = line(tmp_path, 1, tiny.recording(1.0).samples)
    prepare(Listing((spoken,)), tools, tmp_path / "items")
    (path,) = (tmp_path / "items").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    prepare(Listing((spoken,)), tools, tmp_path / "items")
    assert only_item(tmp_path / "items").seconds == pytest.approx(1.0, abs=0.01)


def test_levels_come_closer_but_stay_different() -> None:
    quiet = levelled(Waveform(np.array([0.1, -0.1], np.float32), 32000))
    loud = levelled(Waveform(np.array([1.0, -1.0], np.float32), 32000))
    assert quiet.samples[0] == pytest.approx(0.475 + 0.05)
    assert loud.samples[0] == pytest.approx(0.475 + 0.5)
    with pytest.raises(InvalidInput, match=r"peak is 3\.0"):
        levelled(Waveform(np.array([3.0], np.float32), 32000))


def test_damaged_items_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav.safetensors").write_bytes(b"broken")
    with pytest.raises(CorruptFile, match="delete it"):
        only_item(tmp_path)
