"""Recordings that become a voice, those that do not and why, and what is left behind when something goes wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from yinse.engine.audio.encode import encode, write_audio, write_wav
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Waveform
from yinse.engine.voice import home as voice_home
from yinse.engine.voice.home import VoiceHome
from yinse.quality import examine as judging
from yinse.quality.examine import examine
from yinse.quality.observe import encoder
from yinse.quality.observe.voices import SpeakerRuler
from yinse.serving import enrolment
from yinse.serving.enrolment import Enrolment

pytestmark = pytest.mark.usefixtures("weights")


def test_a_recording_becomes_a_voice_that_speaks(yinse, home, tmp_path):
    shown = yinse("voices", "show", "me").json
    assert shown["source"] == "reading.wav"
    assert shown["net_speech_s"] > 10
    assert shown["reference_tokens"] > 100
    assert {path.name for path in (home / "voices" / "me").iterdir()} == {
        "voice.json", "voice.safetensors", "recordings"
    }  # fmt: skip
    assert yinse("speak", "はい。", "--voice", "me", "--out", tmp_path / "a.wav", "--retries", "0").code == 0


def test_the_user_reads_the_verdict_the_advice_and_the_next_command(yinse, recording):
    done = yinse("enrol", recording, "--voice", "me")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith("me: 1")
    assert any("s of speech are missing" in line for line in lines)
    assert lines[-1] == 'Speak: yinse speak "..." --voice me --out hello.wav'


def test_a_compressed_recording_will_do(yinse, speech, tmp_path):
    path = tmp_path / "take.ogg"
    write_audio(path, speech, "opus")
    assert yinse("enrol", path, "--voice", "me").code == 0


@pytest.fixture
def quick(enrolled_home, monkeypatch):
    """Let the voice be made in no time: for what happens to it afterwards."""
    made = VoiceHome(enrolled_home).load("me")
    report = examine(Waveform(np.zeros(16000, np.float32), 16000))

    def enrol(models, name, recordings, transcripts, source, *, reports):
        voice = replace(made, card=replace(made.card, name=name, source=source))
        return Enrolment(voice, reports, ())

    monkeypatch.setattr(enrolment, "enrol", enrol)
    monkeypatch.setattr(judging, "examine_together", lambda recordings, ruler: (report,) * len(recordings))


def noise(seconds: float, rate: int = 44100, level: float = 0.1) -> Waveform:
    rng = np.random.default_rng(3)
    return Waveform((level * rng.standard_normal(round(seconds * rate))).astype(np.float32), rate)


def music(seconds: float, rate: int = 44100) -> Waveform:
    """Chords that change twice a second."""
    time = np.arange(round(seconds * rate)) / rate
    chord = (time * 2).astype(int) % 4
    roots = np.array([220.0, 261.6, 196.0, 246.9])[chord]
    tone = sum(np.sin(2 * np.pi * roots * ratio * time) for ratio in (1, 1.25, 1.5, 2, 3))
    return Waveform((0.08 * tone).astype(np.float32), rate)


def with_header(samples: bytes, channels: int, rate: int) -> bytes:
    size = len(samples)
    return b"".join(
        [
            b"RIFF", (36 + size).to_bytes(4, "little"), b"WAVEfmt ", (16).to_bytes(4, "little"),
            (1).to_bytes(2, "little"), channels.to_bytes(2, "little"), rate.to_bytes(4, "little"),
            (rate * channels * 2).to_bytes(4, "little"), (channels * 2).to_bytes(2, "little"),
            (16).to_bytes(2, "little"), b"data", size.to_bytes(4, "little"), samples,
        ]
    )  # fmt: skip


BAD: dict[str, tuple[Callable[[Waveform], bytes], int, str]] = {
    "empty": (lambda _: b"", 2, "The file is empty."),
    "no audio": (lambda _: b"Dear diary, " * 100, 2, "not a sound file"),
    "truncated": (lambda w: encode(w, "wav")[:400_000], 2, "cut off"),
    "cut m4a": (lambda w: encode(w, "m4a")[:40_000], 2, "take"),
    "40 channels": (lambda _: with_header(bytes(80 * 4410), 40, 44100), 2, "40 channels"),
    "8 kHz": (lambda w: encode(resample(w, 8000), "wav"), 2, "8000 samples a second"),
    "too long": (lambda _: with_header(bytes(2 * 16000 * 601), 1, 16000), 2, "longer than 10 minutes"),
    "too short": (lambda w: encode(w.slice_seconds(0, 3), "wav"), 3, "of speech are missing"),
    "silence": (lambda _: encode(Waveform(np.zeros(15 * 16000, np.float32), 16000), "wav"), 3, "No speech was heard"),
    "noise": (lambda _: encode(noise(15), "wav"), 3, "No speech was heard"),
    "clipped": (lambda w: encode(Waveform(np.clip(w.samples * 12, -1, 1), w.rate), "wav"), 3, "Clipping"),
    "music": (lambda _: encode(music(15), "wav"), 3, ""),
    "drowned": (lambda w: encode(Waveform(w.samples + 4 * noise(w.seconds, w.rate).samples[: len(w.samples)], w.rate), "wav"), 3, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_recordings_are_refused_in_words_and_nothing_is_written(
    name, yinse, speech, tmp_path, yinse_home, files
):
    make, code, words = BAD[name]
    path = tmp_path / "take.wav"
    path.write_bytes(make(speech))
    done = yinse("enrol", path, "--voice", "me")
    assert done.code == code, done
    assert words in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""
    assert files(yinse_home) == {}


def test_two_people_are_refused(yinse, speech, tmp_path, monkeypatch, yinse_home, files):
    """Here two people are told apart by how loud they are."""
    half = len(speech.samples) // 2
    quiet = np.concatenate([speech.samples[:half], 0.2 * speech.samples[half:]])
    write_wav(tmp_path / "two.wav", Waveform(quiet, speech.rate))

    def embed(stretch: Waveform) -> np.ndarray:
        return np.eye(2, dtype=np.float32)[int(np.abs(stretch.samples).max() > 0.25)]

    monkeypatch.setattr(encoder, "encoder_ruler", lambda models: SpeakerRuler(embed, 0.5))
    done = yinse("enrol", tmp_path / "two.wav", "--voice", "me")
    assert (done.code, "A second person is heard (0:" in done.err) == (3, True)
    assert files(yinse_home) == {}


def test_short_takes_of_one_voice_count_together(yinse, speech, tmp_path):
    takes = [tmp_path / f"{start}.wav" for start in (0, 6, 12)]
    for start, path in zip((0, 6, 12), takes, strict=True):
        write_wav(path, speech.slice_seconds(start, start + 6))
    assert yinse("enrol", takes[0], "--voice", "me").code == 3
    assert yinse("enrol", *takes, "--voice", "me").code == 0


def test_what_is_wrong_names_the_file(yinse, recording, tmp_path):
    (tmp_path / "b.wav").write_bytes(b"")
    done = yinse("enrol", recording, tmp_path / "b.wav", "--voice", "me")
    assert (done.code, done.err) == (2, "b.wav: The file is empty.\n")


def test_a_file_that_is_not_there(yinse, tmp_path):
    done = yinse("enrol", tmp_path / "none.wav", "--voice", "me")
    assert (done.code, done.err) == (4, f"There is no file {tmp_path / 'none.wav'}.\n")


def test_a_folder_is_not_called_missing(yinse, tmp_path):
    done = yinse("enrol", tmp_path, "--voice", "me")
    assert (done.code, "is a folder; name a recording in it" in done.err) == (2, True)


def test_the_next_command_can_be_pasted(yinse, recording, quick):
    done = yinse("enrol", recording, "--voice", "王 小明")
    assert done.out.splitlines()[-1] == "Speak: yinse speak \"...\" --voice '王 小明' --out hello.wav"


def test_a_take_that_is_no_good_is_left_out_and_said(yinse, recording, tmp_path):
    write_wav(tmp_path / "quiet.wav", Waveform(np.zeros(16000, np.float32), 16000))
    done = yinse("enrol", recording, tmp_path / "quiet.wav", "--voice", "me")
    assert done.code == 0
    assert "quiet.wav was left out" in done.out


def test_a_name_that_is_taken(yinse, home, recording, files):
    before = files(home)
    done = yinse("enrol", recording, "--voice", "me")
    assert done.code == 4
    assert "--replace" in done.err
    assert files(home) == before


def test_a_name_that_is_taken_in_the_meantime(yinse, home, recording, files, monkeypatch, quick):
    """Another process makes the voice while this one still listens to its recordings."""
    made, enrol = home / "voices" / "me", enrolment.enrol
    aside = made.rename(home / "aside")

    def slow(*arguments, **options):
        aside.rename(made)
        return enrol(*arguments, **options)

    monkeypatch.setattr(enrolment, "enrol", slow)
    before = {name.replace("aside", "voices/me", 1): data for name, data in files(home).items()}
    done = yinse("enrol", recording, "--voice", "me")
    assert (done.code, "--replace" in done.err) == (4, True)
    assert files(home) == before


@pytest.mark.parametrize("name", ["", "../me", "a/b", ".hidden", "x" * 65])
def test_a_name_that_is_none(name, yinse, recording, yinse_home, files):
    done = yinse("enrol", recording, "--voice", name)
    assert done.code == 2
    assert "is no voice name" in done.err
    assert files(yinse_home) == {}


def test_replacing_takes_everything_of_the_old_voice_away(yinse, home, recording, quick):
    (home / "voices" / "me" / "adapter.safetensors").write_bytes(b"old")
    assert yinse("enrol", recording, "--voice", "me", "--replace").code == 0
    assert not (home / "voices" / "me" / "adapter.safetensors").exists()
    assert [path.name for path in (home / "voices").iterdir()] == ["me"]


TROUBLE = {
    "while the voice is written": (voice_home.VoiceHome, "save"),
    "while the takes are written": (voice_home.VoiceHome, "keep_recordings"),
    "while it is put in place": (Path, "rename"),
}


@pytest.mark.parametrize("where", TROUBLE)
def test_ctrl_c_keeps_the_old_voice_whole(where, yinse, home, recording, files, monkeypatch, quick):
    before = files(home)

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(*TROUBLE[where], interrupt)
    done = yinse("enrol", recording, "--voice", "me", "--replace")
    monkeypatch.undo()
    assert done.code == 130
    assert files(home) == before


def test_ctrl_c_between_the_two_renames_moves_the_old_voice_back(
    yinse, home, recording, files, monkeypatch, quick
):
    before, rename, calls = files(home), Path.rename, []

    def second_fails(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", second_fails)
    assert yinse("enrol", recording, "--voice", "me", "--replace").code == 130
    assert files(home) == before


@pytest.mark.parametrize("room", [1000, 100_000])
def test_a_full_disk_keeps_the_old_voice_whole(room, yinse, home, recording, files, full_disk, quick):
    before = files(home)
    with full_disk(room):
        done = yinse("enrol", recording, "--voice", "me", "--replace")
    assert done.code == 6
    assert "nothing was kept" in done.err
    assert files(home) == before


def test_a_home_that_cannot_be_written(yinse, recording, yinse_home, quick):
    yinse_home.parent.mkdir(parents=True, exist_ok=True)
    yinse_home.write_text("a file")
    done = yinse("enrol", recording, "--voice", "me")
    assert done.code == 6


def test_a_transcript_with_too_few_lines(yinse, recording, tmp_path):
    (tmp_path / "words.txt").write_text("一。\n二。\n三。\n", "utf-8")
    done = yinse("enrol", recording, recording, "--voice", "me", "--transcript", tmp_path / "words.txt")
    assert (done.code, done.err) == (2, "words.txt has 3 lines for 2 recordings; write one line for each\n")


def test_a_transcript_without_words(yinse, recording, tmp_path):
    (tmp_path / "words.txt").write_text("\n \n", "utf-8")
    done = yinse("enrol", recording, "--voice", "me", "--transcript", tmp_path / "words.txt")
    assert done.code == 2
    assert done.err.startswith("words.txt is empty; write what the recording says")


def test_a_transcript_that_is_not_text_or_not_there(yinse, recording, tmp_path):
    (tmp_path / "words.txt").write_bytes(b"\xff\xfe")
    assert yinse("enrol", recording, "--voice", "me", "--transcript", tmp_path / "words.txt").code == 2
    assert yinse("enrol", recording, "--voice", "me", "--transcript", tmp_path / "none.txt").code == 4
    assert yinse("enrol", recording, "--voice", "me", "--transcript", tmp_path).code == 4


def test_a_transcript_that_does_not_fit_is_said(yinse, recording, tmp_path):
    (tmp_path / "words.txt").write_text("全然違う話です。", "utf-8")
    done = yinse(
        "enrol", recording, "--voice", "me", "--transcript", tmp_path / "words.txt", "--language", "ja"
    )
    assert done.code == 0
    assert "the transcript does not fit" in done.out


def test_takes_are_kept_as_they_were_recorded(home):
    (take,) = VoiceHome(home).recordings("me")
    assert take.rate == 48000
