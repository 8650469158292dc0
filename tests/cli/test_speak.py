"""Speaking from the command line: where the audio goes, what is printed, and what is refused."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from yinse.cli import speak as speaking
from yinse.contracts.errors import NotFound
from yinse.engine.audio.decode import EXAMINE, decode
from yinse.engine.checkpoints.bundle import file_digest, read_manifest, write_manifest
from yinse.engine.synthesis import verify
from yinse.engine.synthesis.published import speaker as speakers

pytestmark = pytest.mark.usefixtures("weights")
TEXT = "你好，hello。"


def test_a_file_and_a_report(yinse, tmp_path):
    out = tmp_path / "new" / "hello.flac"
    done = yinse("speak", TEXT, "--voice", "mini", "--out", out, "--json", "--retries", "0")
    assert done.code == 0
    report = done.json
    audio = decode(out, limits=EXAMINE)
    assert audio.rate == 44100
    assert report["audio_s"] == pytest.approx(audio.seconds, abs=1e-3)
    assert report["first_audio_ms"] > 0
    assert report["rtf"] == pytest.approx(report["compute_s"] / report["audio_s"])
    assert report["seed"] == 0
    segment = report["segments"][0]
    assert {"text", "span", "start", "end", "score", "tries", "phoneme_error", "phonemes"} <= set(segment)
    assert segment["phonemes"][0]["start"] == 0


def test_the_summary_is_one_line(yinse, tmp_path, monkeypatch):
    monkeypatch.setattr(verify, "ACCEPTED", 0.0)
    done = yinse("speak", TEXT, "--voice", "mini", "--out", tmp_path / "a.wav", "--retries", "0")
    assert done.out.startswith(f"{tmp_path / 'a.wav'}: ")
    assert "RTF" in done.out
    assert done.out.count("\n") == 1


@pytest.mark.parametrize("mode", [("--retries", "0"), ("--stream",)], ids=["whole", "stream"])
def test_segments_in_which_words_were_missed_are_named(mode, yinse, tmp_path, monkeypatch):
    monkeypatch.setattr(verify, "ACCEPTED", 1.1)
    done = yinse("speak", "Hello.\n" * 7, "--voice", "mini", "--out", tmp_path / "a.wav", *mode)
    assert done.code == 0
    summary, advice, *told = done.out.splitlines()
    assert "another --seed" in advice
    segments = int(summary.split("segments ")[1].split(",")[0])
    assert segments > 5
    assert told[0].endswith("s: Hello.")
    assert told[-1] == f"  and {segments - 5} more (--json tells all)"
    assert len(told) == 6


def test_same_seed_same_file_and_streamed_is_whole(yinse, tmp_path):
    def samples(name: str, *options: str) -> bytes:
        out = tmp_path / name
        assert yinse("speak", TEXT, "--voice", "mini", "--out", out, "--retries", "0", *options).code == 0
        return decode(out, limits=EXAMINE).samples.tobytes()

    whole = samples("1.wav", "--seed", "5")
    assert samples("2.wav", "--seed", "5", "--stream") == whole
    assert samples("3.wav", "--seed", "6") != whole


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "opus", "aac", "m4a"])
def test_a_file_that_was_streamed_says_how_long_it_is(ending, yinse, tmp_path):
    out = tmp_path / f"a.{ending}"
    done = yinse("speak", TEXT, "--voice", "mini", "--out", out, "--stream", "--json")
    assert done.code == 0
    assert decode(out, limits=EXAMINE).seconds == pytest.approx(done.json["audio_s"], abs=0.1)
    if ending in ("wav", "flac"):
        assert soundfile.info(out).frames == round(done.json["audio_s"] * 44100)


def test_standard_output_carries_the_audio_and_standard_error_the_report(invoke):
    done = invoke("-", "--voice", "mini", "--out", "-", "--stream", "--json", stdin=TEXT.encode())
    assert done.exit_code == 0, done.output
    assert done.stdout_bytes.startswith(b"RIFF")
    assert decode(done.stdout_bytes, limits=EXAMINE).seconds > 0.2
    assert json.loads(done.stderr)["segments"][0]["text"] == TEXT


def test_a_byte_order_mark_is_not_spoken(invoke, tmp_path):
    done = invoke(
        "-", "--voice", "mini", "--out", tmp_path / "a.wav", "--json", stdin="\ufeffHello.".encode()
    )
    assert json.loads(done.stdout)["segments"][0]["text"] == "Hello."


@pytest.fixture
def player(tmp_path, monkeypatch):
    """An `ffplay` that keeps what it is given, or gives up at once."""

    def install(*, gives_up: bool = False) -> Path:
        heard = tmp_path / "heard.wav"
        body = (
            "raise SystemExit(1)"
            if gives_up
            else f"open({str(heard)!r}, 'wb').write(sys.stdin.buffer.read())"
        )
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "ffplay").write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
        (folder / "ffplay").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        return heard

    return install


def test_without_a_file_a_stream_is_played(yinse, player):
    heard = player()
    done = yinse("speak", TEXT, "--voice", "mini", "--stream", "--json")
    assert done.code == 0
    assert decode(heard, limits=EXAMINE).seconds == pytest.approx(done.json["audio_s"], abs=1e-3)


def test_a_player_that_stops_is_named(yinse, player):
    player(gives_up=True)
    done = yinse("speak", TEXT * 4, "--voice", "mini", "--stream")
    assert (done.code, done.err) == (1, "ffplay stopped before the speech was over.\n")


def test_no_player_at_all(yinse, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    done = yinse("speak", TEXT, "--voice", "mini", "--stream")
    assert done.code == 4
    assert done.err.startswith("There is no player here (ffplay, ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "Say where the speech goes"),
        (("--out", "a.xyz"), "a.xyz: the ending must be one of .wav, .flac"),
        (("--out", "."), "is a folder"),
        (("--out", "a.wav", "--speed", "9"), "speed must lie between 0.25 and 4"),
        (("--out", "a.wav", "--seed", "-1"), "seed must be"),
        (("--out", "a.wav", "--steps", "0"), "diffusion_steps must lie"),
        (("--out", "a.wav", "--prior", "magic"), "magic"),
        (("--out", "a.wav", "--language", "tlh"), "tlh"),
    ],
)
def test_wrong_options_say_so(options, words, yinse, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = yinse("speak", TEXT, "--voice", "mini", *options)
    assert done.code == 2
    assert words in done.err
    assert not list(tmp_path.glob("**/*.wav*"))


@pytest.mark.parametrize(
    "text",
    ["", "   \n\t", "😀🎉👍", "……？！", "\x00\x01\x07", "<break time='1s'/>", "\ud800"],
    ids=["empty", "space", "emoji", "marks", "control", "break", "surrogate"],
)
@pytest.mark.parametrize("mode", [(), ("--stream",)], ids=["whole", "stream"])
def test_nothing_to_speak(text, mode, yinse, tmp_path):
    done = yinse("speak", text, "--voice", "mini", "--out", tmp_path / "a.wav", *mode)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_control_characters_between_words_are_no_obstacle(yinse, tmp_path):
    done = yinse(
        "speak", "Hel\x00lo\x07 you\u200b.", "--voice", "mini", "--out", tmp_path / "a.wav", "--json"
    )
    assert done.code == 0
    assert done.json["segments"]


def test_text_that_is_not_text(invoke, tmp_path):
    done = invoke("-", "--voice", "mini", "--out", tmp_path / "a.wav", stdin=b"\xff\xfe\x00")
    assert done.exception.code == "invalid_input"
    assert done.exception.message == "The text is not valid UTF-8."


def test_an_endless_text_is_not_read_to_its_end(invoke, tmp_path):
    done = invoke("-", "--voice", "mini", "--out", tmp_path / "a.wav", stdin=b"a" * 10_000_000)
    assert done.exception.message.startswith("The text has more than 50000 characters")


def test_closed_standard_streams_are_named(yinse, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    done = yinse("speak", "-", "--voice", "mini", "--out", tmp_path / "a.wav")
    assert (done.code, done.err) == (2, "There is no standard input to read the text from.\n")


def test_a_hundred_thousand_characters_are_refused_before_anything_is_loaded(yinse, tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path / "none"))
    for mode in ((), ("--stream",)):
        done = yinse("speak", "长" * 100_000, "--voice", "mini", "--out", tmp_path / "a.wav", *mode)
        assert (done.code, "100000 characters" in done.err) == (2, True)
    done = yinse("speak", "长" * (speaking.LONGEST_WHOLE + 1), "--voice", "mini", "--out", tmp_path / "a.wav")
    assert "--stream" in done.err


def test_an_unknown_voice_names_those_there_are(yinse, tmp_path):
    done = yinse("speak", TEXT, "--voice", "nobody", "--out", tmp_path / "a.wav")
    assert (done.code, done.err) == (4, "there is no voice 'nobody'; there are: mini\n")


def test_a_voice_name_is_no_path(yinse, tmp_path):
    assert yinse("speak", TEXT, "--voice", "../../etc", "--out", tmp_path / "a.wav").code == 2


@pytest.mark.parametrize("mode", [(), ("--stream",)], ids=["whole", "stream"])
def test_what_cannot_be_written_leaves_the_old_file(mode, yinse, tmp_path, monkeypatch, full_disk):
    out = tmp_path / "a.wav"
    out.write_bytes(b"old")
    with full_disk(4096):
        done = yinse("speak", TEXT, "--voice", "mini", "--out", out, "--retries", "0", *mode)
    assert done.code == 6
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("mode", [(), ("--stream",)], ids=["whole", "stream"])
def test_a_file_system_that_takes_no_files(mode, yinse):
    """Where folders cannot hold files of ours, the system says that the file is not there: no defect of ours."""
    done = yinse("speak", TEXT, "--voice", "mini", "--out", "/proc/a.wav", "--retries", "0", *mode)
    assert (done.code, done.err.startswith("/proc/a.wav cannot be written")) == (6, True)


def test_two_streams_into_one_file_do_not_mix(tmp_path):
    """The file is whole whichever is first, and the other replaces it whole."""
    out = tmp_path / "a.wav"
    with speaking._file(out) as first:
        first.write(b"first")
        with speaking._file(out) as second:
            second.write(b"2")
        assert out.read_bytes() == b"2"
    assert out.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("mode", [(), ("--stream",)], ids=["whole", "stream"])
def test_a_place_that_is_no_folder(mode, yinse, tmp_path):
    (tmp_path / "file").write_text("x")
    done = yinse(
        "speak", TEXT, "--voice", "mini", "--out", tmp_path / "file" / "a.wav", "--retries", "0", *mode
    )
    assert done.code == 6
    assert "cannot be written" in done.err


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_loaded(yinse, tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path / "none"))
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    done = yinse("speak", TEXT, "--voice", "mini", "--out", tmp_path / "new" / "a.wav")
    assert (done.code, "cannot be written" in done.err) == (6, True)


@pytest.mark.parametrize("mode", [(), ("--stream",)], ids=["whole", "stream"])
def test_ctrl_c_leaves_nothing(mode, yinse, tmp_path, monkeypatch):
    from yinse.engine.synthesis.acoustic import AcousticStream

    monkeypatch.setattr(AcousticStream, "finish", _interrupt)
    done = yinse("speak", TEXT, "--voice", "mini", "--out", tmp_path / "a.wav", *mode)
    assert (done.code, done.err.strip()) == (130, "Interrupted.")
    assert not list(tmp_path.iterdir())


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_no_weights(yinse, tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path / "none"))
    done = yinse("speak", TEXT, "--voice", "mini", "--out", tmp_path / "a.wav")
    assert done.code == 4
    assert done.err.count("\n") == 1


def test_a_damaged_weight_file_is_named(yinse, own_weights, tmp_path):
    path = own_weights / "decoder.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    done = yinse("speak", TEXT, "--voice", "mini", "--out", tmp_path / "a.wav")
    assert done.code == 5
    assert "decoder.safetensors is damaged" in done.err
    assert not (tmp_path / "a.wav").exists()


@pytest.mark.parametrize(("content", "code"), [(b"{", 5), (b"\xff", 5), (None, 4)])
def test_a_damaged_manifest(content, code, yinse, own_weights, tmp_path):
    manifest = own_weights / "manifest.json"
    manifest.unlink() if content is None else manifest.write_bytes(content)
    done = yinse("speak", TEXT, "--voice", "mini", "--out", tmp_path / "a.wav")
    assert done.code == code
    assert "manifest.json" in done.err


@pytest.mark.parametrize("size", ["[]", "-8", '"wide"'])
def test_a_manifest_whose_sizes_fit_nothing(size, yinse, own_weights, tmp_path):
    manifest = own_weights / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"channels": 16', f'"channels": {size}'))
    done = yinse("speak", TEXT, "--voice", "mini", "--out", tmp_path / "a.wav")
    assert (done.code, done.err.count("\n")) == (5, 1)
    assert "manifest.json is damaged: it gives the part" in done.err


@pytest.mark.parametrize("name", ["voice.safetensors", "voice.json"])
@pytest.mark.parametrize("damage", ["cut", "noise", "empty"])
def test_a_damaged_voice_is_named(name, damage, yinse, home, tmp_path):
    path = home / "voices" / "me" / name
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "noise": bytes(range(256)) * 4, "empty": b""}[damage])
    done = yinse("speak", TEXT, "--voice", "me", "--out", tmp_path / "a.wav")
    assert done.code == 5
    assert done.err.count("\n") == 1
    assert "damaged" in done.err
    assert not (tmp_path / "a.wav").exists()


def test_a_damaged_adapter_is_named(yinse, home, tmp_path):
    (home / "voices" / "me" / "adapter.safetensors").write_bytes(b"noise")
    done = yinse("speak", TEXT, "--voice", "me", "--out", tmp_path / "a.wav")
    assert (done.code, "adapter.safetensors is damaged" in done.err) == (5, True)


def test_a_voice_of_other_weights(yinse, home, own_weights, tmp_path):
    path = own_weights / "speaker.safetensors"
    path.write_bytes(path.read_bytes()[:-2] + b"\0\0")
    manifest = read_manifest(own_weights)
    other = replace(manifest.parts["speaker"], sha256=file_digest(path))
    write_manifest(own_weights, replace(manifest, parts={**manifest.parts, "speaker": other}))
    done = yinse("speak", TEXT, "--voice", "me", "--out", tmp_path / "a.wav")
    assert (done.code, "made by other weights" in done.err) == (5, True)


def test_code_is_compiled_for_long_texts_only(yinse, monkeypatch, tmp_path):
    asked = []

    def refuse(name, *, compiled, **options):
        asked.append(compiled)
        raise NotFound(f"no {name} here")

    monkeypatch.setattr(speakers, "open_speaker", refuse)
    for text in ("好。" * 10, "好。" * 600):
        assert yinse("speak", text, "--voice", "mini", "--out", tmp_path / "a.wav").code != 0
    assert asked == [False, True]
