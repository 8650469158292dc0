"""From the files people come with to speech and back: `yinse weights`, with tiny voices in the real formats."""

import json
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from click.testing import CliRunner, Result

import tiny_published_files as files
from yinse.cli.main import cli
from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound, RecordingRejected
from yinse.engine.checkpoints.published import checkpoint, writer
from yinse.engine.checkpoints.published.catalogue import FAMILIES
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.published.load import frontend_of, open_voice
from yinse.engine.synthesis.published.options import PublishedOptions
from yinse.engine.synthesis.published.speaker import open_speaker
from yinse.engine.synthesis.result import AudioPiece
from yinse.engine.text.zh.g2pw import G2pw
from yinse.engine.voice.published.conditioning import BertFeatures, HubertFeatures, SpeakerVector
from yinse.engine.voice.published.store import PublishedHome, library

TEXT = "今天天气很好。Hello!"
OPTIONS = PublishedOptions(retries=0, steps=2)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> Iterator[Library]:
    """Tiny shared models; the versions are tiny for the whole module."""
    with pytest.MonkeyPatch.context() as patch:
        files.shrink(patch)
        shared = Library(tmp_path_factory.mktemp("shelf"))
        files.fill(shared)
        yield shared


@pytest.fixture
def stocked(shelf, yinse_home) -> Path:
    """A home with all shared models."""
    yinse_home.mkdir(parents=True)
    (yinse_home / "weights").symlink_to(shelf.root)
    return yinse_home


def yinse(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def imported(folder: Path, second: str, *options: object) -> tuple[Path, Path]:
    """Import a pair as the voice `ann`, with a reference."""
    pair = files.pair(folder, files.made(second))
    result = yinse(
        "weights", "import", *pair, "--voice", "ann", "--reference", files.reference(folder),
        "--prompt-text", "你好世界。", *options,
    )  # fmt: skip
    assert result.exit_code == 0, (result.output, result.exception)
    assert second in result.output
    return pair


@pytest.mark.parametrize("version", [*files.VERSIONS, "v3 LoRA", "v4 LoRA"])
def test_a_pair_is_imported_speaks_and_leaves_as_it_came(stocked, tmp_path, version):
    pair = imported(tmp_path, version)
    synthesizer, prompt = open_voice("ann")
    audio = synthesizer.speak(TEXT, prompt, OPTIONS).audio.samples
    streamed = [e.samples for e in synthesizer.stream(TEXT, prompt, OPTIONS) if isinstance(e, AudioPiece)]
    assert np.abs(audio).max() > 0
    assert np.isfinite(audio).all()
    assert sum(map(len, streamed)) == len(audio)

    assert yinse("weights", "export", "ann", "--out", tmp_path / "out").exit_code == 0
    for original, name in zip(pair, ("ann.ckpt", "ann.pth"), strict=True):
        before, after = checkpoint.read(original), checkpoint.read(tmp_path / "out" / name)
        assert original.read_bytes()[:2] == (tmp_path / "out" / name).read_bytes()[:2]
        assert before.tensors.keys() == after.tensors.keys()
        for key, tensor in before.tensors.items():
            assert torch.equal(tensor.view(torch.int16), after.tensors[key].view(torch.int16)), key
        assert (before.config, before.info, before.lora_rank) == (after.config, after.info, after.lora_rank)


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_a_full_file_that_does_not_say_its_version_must_be_told(stocked, tmp_path, version):
    pair = files.pair(tmp_path, replace(files.s2(version), config={"model": {}}))
    reference = ("--reference", files.reference(tmp_path), "--prompt-text", "你好世界。")
    untold = yinse("weights", "import", *pair, "--voice", "ann", *reference)
    assert isinstance(untold.exception, InvalidInput)
    assert "may be v3 or v4" in untold.exception.message
    assert "--version" in untold.exception.message
    wrong = yinse("weights", "import", *pair, "--voice", "ann", "--version", "v2", *reference)
    assert "v3 or v4 by its tensors, not v2" in str(wrong.exception)
    assert not (stocked / "voices").exists()
    told = yinse("weights", "import", *pair, "--voice", "ann", "--version", version, *reference)
    assert told.exit_code == 0, told.exception
    assert PublishedHome().summary("ann")["version"] == version
    synthesizer, prompt = open_voice("ann")
    assert synthesizer.speak("Hello", prompt, OPTIONS).audio.samples.any()


def test_an_imported_voice_opens_like_any_voice(stocked, tmp_path):
    imported(tmp_path, "v3 LoRA")
    quick, steady = open_speaker("ann", steps=1), open_speaker("ann", steps=1, compat=True)
    options = SpeechOptions(seed=3, retries=0)
    speech = quick.speak("Hello", options)
    assert speech.audio.rate == quick.rate == 24000
    events = list(quick.stream("Hello", options))
    streamed = [event.samples for event in events if isinstance(event, AudioPiece)]
    assert np.array_equal(np.concatenate(streamed), speech.audio.samples)
    assert not np.array_equal(steady.speak("Hello", options).audio.samples, speech.audio.samples)
    with pytest.raises(NotFound, match="there is no voice 'zoe'"):
        open_speaker("zoe")


@pytest.mark.parametrize(
    ("version", "options"),
    [
        *((version, ["--steps", "2"]) for version in (*files.VERSIONS, "v3 LoRA", "v4 LoRA")),
        ("v2", ["--stream"]),
        ("v4", ["--stream", "--steps", "1"]),
        ("v2", ["--compat"]),
        ("v3", ["--compat", "--steps", "1"]),
        ("v2ProPlus", ["--precision", "fp32"]),
    ],
)
def test_yinse_speak_simply_works(stocked, tmp_path, version, options):
    imported(tmp_path, version)
    out = tmp_path / "spoken.wav"
    result = yinse("speak", TEXT, "--voice", "ann", "--out", out, "--json", *options)
    assert result.exit_code == 0, (result.output, result.exception)
    report = json.loads(result.output)
    assert [segment["text"] for segment in report["segments"]] == ["今天天气很好。", "Hello!"]
    assert soundfile.info(out).duration == pytest.approx(report["audio_s"], abs=0.01)
    assert json.loads(yinse("voices", "show", "ann").output)["version"] == version.split()[0]


def test_what_was_exported_is_imported_again_with_the_same_digest(stocked, tmp_path):
    imported(tmp_path, "v2")
    yinse("weights", "export", "ann", "--out", tmp_path / "out")
    again = yinse(
        "weights", "import", tmp_path / "out" / "ann.pth", tmp_path / "out" / "ann.ckpt", "--voice", "bob"
    )
    assert again.exit_code == 0
    home = PublishedHome()
    digests = [{k: p.sha256 for k, p in home.manifest(name).parts.items()} for name in ("ann", "bob")]
    assert digests[0] == digests[1]


def test_several_references_are_averaged(stocked, tmp_path):
    imported(tmp_path, "v2Pro")
    alone = PublishedHome().prompt("ann")
    other = files.reference(tmp_path, "other.wav", pitch=300.0)
    imported(tmp_path, "v2Pro", "--reference", other, "--replace")
    both = PublishedHome().prompt("ann")
    assert np.array_equal(alone.tokens_P, both.tokens_P)
    assert not np.array_equal(alone.style_G, both.style_G)


def test_a_reference_can_come_later(stocked, tmp_path):
    pair = files.pair(tmp_path, files.s2("v2"))
    result = yinse("weights", "import", *pair, "--voice", "ann")
    assert "no reference yet" in result.output
    with pytest.raises(NotFound, match="weights reference"):
        open_voice("ann")
    given = yinse("weights", "reference", files.reference(tmp_path), "--voice", "ann")
    assert given.exit_code == 0, given.output
    synthesizer, prompt = open_voice("ann")
    assert len(prompt.tokens_P) == 0
    assert synthesizer.speak("Hello", prompt, OPTIONS).audio.samples.any()


def test_conditioning_is_computed_once(stocked, tmp_path):
    imported(tmp_path, "v2Pro")
    (stocked / "weights").unlink()
    synthesizer, prompt = open_voice("ann")
    assert synthesizer.speak("Hello", prompt, OPTIONS).audio.samples.any()
    with pytest.raises(NotFound, match="weights pull roberta"):
        synthesizer.speak("你好", prompt, OPTIONS)


def test_an_import_has_one_listening_model_in_memory_at_a_time(stocked, tmp_path, monkeypatch):
    seen: list[weakref.ref[object]] = []
    alive: list[tuple[str, int]] = []

    def watch(kind: type) -> None:
        make = kind.__init__

        def made(self: object, model: object, *others: object) -> None:
            alive.append((kind.__name__, sum(one() is not None for one in seen)))
            seen.extend((weakref.ref(self), weakref.ref(model)))
            make(self, model, *others)

        monkeypatch.setattr(kind, "__init__", made)

    for kind in (HubertFeatures, BertFeatures, SpeakerVector):
        watch(kind)
    imported(tmp_path, "v2Pro")
    assert alive == [("HubertFeatures", 0), ("BertFeatures", 0), ("SpeakerVector", 0)]


def test_a_recording_that_does_not_serve_is_refused_before_models_are_needed(yinse_home, shelf, tmp_path):
    soundfile.write(tmp_path / "short.wav", np.zeros(16000), 16000)
    pair = files.pair(tmp_path, files.s2("v2"))
    result = yinse("weights", "import", *pair, "--voice", "ann", "--reference", tmp_path / "short.wav")
    assert isinstance(result.exception, RecordingRejected)
    assert "at least 3 s of speech; this recording of 1.0 s has less" in str(result.exception)
    assert not (yinse_home / "voices").exists()


def test_a_taken_name_is_kept(stocked, tmp_path):
    imported(tmp_path, "v2")
    before = PublishedHome().manifest("ann")
    result = yinse("weights", "import", *files.pair(tmp_path, files.s2("v2Pro")), "--voice", "ann")
    assert "--replace" in str(result.exception)
    assert PublishedHome().manifest("ann") == before
    result = yinse("weights", "import", str(tmp_path / "none"), str(tmp_path / "none"), "--voice", "ann")
    assert "--replace" in str(result.exception), "it is said before anything is read"


@pytest.mark.parametrize("names", [("s1", "s1"), ("s2", "s2")])
def test_wrong_pairs_leave_nothing(stocked, tmp_path, names):
    pair = dict(zip(("s1", "s2"), files.pair(tmp_path, files.s2("v2")), strict=True))
    result = yinse("weights", "import", *(pair[name] for name in names), "--voice", "ann")
    assert isinstance(result.exception, InvalidInput)
    assert "one s1 and one s2" in result.exception.message
    assert not (stocked / "voices").exists()


def test_what_a_version_lacks_is_named_before_anything_is_written(yinse_home, shelf, tmp_path):
    pair = files.pair(tmp_path, files.lora())
    result = yinse(
        "weights",
        "import",
        *pair,
        "--voice",
        "ann",
        "--reference",
        files.reference(tmp_path),
        "--prompt-text",
        "你好",
    )
    assert isinstance(result.exception, NotFound)
    assert "yinse weights pull bigvgan" in result.exception.message
    assert not (yinse_home / "voices").exists()


def test_list_says_what_is_here_and_what_is_missing(stocked, tmp_path):
    imported(tmp_path, "v2")
    rows = {row["name"]: row for row in json.loads(yinse("weights", "list", "--json").output)}
    assert rows["ann"]["kind"] == "voice"
    assert rows["ann"]["state"].startswith("v2, 8epoch")
    assert rows["hubert"]["state"].startswith("here")
    assert "s2G488k.pth" in rows["v1"]["state"]
    assert "ann" in yinse("weights", "list").output


def test_what_is_damaged_is_listed_as_such_and_hides_nothing(stocked, tmp_path):
    imported(tmp_path, "v2")
    (PublishedHome().folder("ann") / "published" / "manifest.json").write_text("{")
    (library().root / "hubert" / "pulled.json").write_text("{")
    rows = {row["name"]: row for row in json.loads(yinse("weights", "list", "--json").output)}
    assert rows["ann"]["state"].startswith("damaged: ")
    assert rows["hubert"]["state"].startswith("here")
    told = yinse("weights", "verify").output
    assert "ann: 'published' has no valid manifest" in told or "ann: 'published' is not a whole" in told
    assert "hubert: " in told


def test_verify_finds_a_changed_voice(stocked, tmp_path):
    imported(tmp_path, "v2")
    assert "ann: whole" in yinse("weights", "verify", "ann").output
    path = PublishedHome().folder("ann") / "published" / "s2.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    result = yinse("weights", "verify", "ann")
    assert isinstance(result.exception, CorruptFile)
    assert "does not match its digest" in result.output


def test_verify_knows_its_names(stocked):
    assert "nothing called 'zoe'" in str(yinse("weights", "verify", "zoe").exception)


def test_verify_with_nothing_here_says_so(yinse_home, monkeypatch, tmp_path):
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path))
    assert "no weights here" in str(yinse("weights", "verify").exception)


def test_verify_checks_the_base_set(stocked, tmp_path, monkeypatch):
    (tmp_path / "manifest.json").write_text("{}")
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path))
    result = yinse("weights", "verify", "base")
    assert isinstance(result.exception, CorruptFile)
    assert "Not whole: base" in str(result.exception)


def test_pulling_from_a_folder_needs_no_network(shelf, yinse_home, tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path / "none"))
    published = tmp_path / "pretrained_models"
    for family in ("hubert", "roberta", "eres2netv2"):
        for path in (shelf.root / family).rglob("*"):
            target = published / path.relative_to(shelf.root / family)
            if path.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    result = yinse("weights", "pull", "conditioning", "--from", published)
    assert result.exit_code == 0, result.exception
    verified = yinse("weights", "verify").output
    assert all(f"{family}: whole" in verified for family in ("hubert", "roberta", "eres2netv2"))
    assert "here already" in yinse("weights", "pull", "hubert", "--from", published).output
    (library().root / "eres2netv2/sv/pretrained_eres2netv2w24s4ep4.ckpt").write_bytes(b"else")
    assert "eres2netv2: sv/" in yinse("weights", "verify").output


def test_a_folder_without_the_files_names_each(yinse_home, tmp_path):
    result = yinse("weights", "pull", "v4", "--from", tmp_path)
    assert "s1v3.ckpt, gsv-v4-pretrained/s2Gv4.pth" in str(result.exception)
    assert not yinse_home.exists()


def test_unknown_families_name_the_known(yinse_home):
    assert "conditioning, hubert" in str(yinse("weights", "pull", "v9").exception)


def test_a_damaged_shared_model_is_an_error(stocked, shelf, tmp_path):
    (stocked / "weights").unlink()
    for path in shelf.root.rglob("*"):
        if path.is_file():
            copy = stocked / "weights" / path.relative_to(shelf.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes()[: 1000 if path.name == "pytorch_model.bin" else None])
    pair = files.pair(tmp_path, files.s2("v2"))
    result = yinse("weights", "import", *pair, "--voice", "ann", "--reference", files.reference(tmp_path))
    assert isinstance(result.exception, CorruptFile), result.exception
    assert not (stocked / "voices").exists()


def test_rewritten_zip_magic_survives(tmp_path, shelf):
    writer.write(files.s2("v2Pro"), tmp_path / "pro.pth")
    assert (tmp_path / "pro.pth").read_bytes()[:4] == b"05\x03\x04"


class Reader:
    """Reads every character it is asked about in the fourth tone."""

    def __init__(self) -> None:
        self.clauses: list[str] = []

    def __call__(self, clause: str) -> dict[int, str]:
        self.clauses.append(clause)
        return {place: "hang4" for place, char in enumerate(clause) if char == "行"}


def test_g2pw_reads_where_it_was_pulled(stocked, shelf, tmp_path, monkeypatch):
    imported(tmp_path, "v2")
    plain, _ = open_voice("ann")
    assert plain.frontend.polyphones is None
    shared = Library(tmp_path / "with g2pw")
    shared.root.mkdir()
    for family in shelf.root.iterdir():
        (shared.root / family.name).symlink_to(family)
    for file in FAMILIES["g2pw"].files:
        path = shared.path("g2pw", file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    reader = Reader()
    monkeypatch.setattr(G2pw, "load", lambda folder, tokenizer: reader)
    synthesizer, _ = open_voice("ann", shared=shared)
    assert not reader.clauses
    (utterance,) = synthesizer.frontend.analyse("他说行")
    assert reader.clauses == ["他说行"]
    assert [phoneme.symbol for unit in utterance.units for phoneme in unit.phonemes][-2:] == [
        "zh/h",
        "zh/ang4",
    ]


def test_a_damaged_g2pw_says_so_at_the_first_chinese_text(stocked, shelf, tmp_path):
    shared = Library(tmp_path / "with g2pw")
    for file in (*FAMILIES["g2pw"].files, "../roberta/chinese-roberta-wwm-ext-large/tokenizer.json"):
        path = shared.path("g2pw", file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    frontend = frontend_of(shared)
    assert frontend.analyse("Hello")
    with pytest.raises((CorruptFile, InvalidInput), match="polyphone model"):
        frontend.analyse("你好")
