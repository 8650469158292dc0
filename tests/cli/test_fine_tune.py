"""A published voice from a `.list` to speech, by the commands its owner types; tiny sizes, real files."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
import yaml

import tiny_published as tiny
import tiny_published_files as files
from cli.conftest import Outcome
from yinse.engine.checkpoints.published import checkpoint, writer
from yinse.engine.checkpoints.published.catalogue import FAMILIES, base_file, s1_file
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.families import family_of
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.checkpoints.published.version import Identity
from yinse.engine.models.acoustic.s2 import config as s2_config
from yinse.training.published import run as running
from yinse.training.published.batches import Epochs
from yinse.training.published.discriminators import RENAMES, DiscriminatorConfig, Discriminators

Yinse = Callable[..., Outcome]
BATCHES = 2
LINES = 4
# Six hundred and forty samples a frame at 32 kHz, as training cuts them.
S2 = replace(tiny.S2, rate=32000, decoder=replace(tiny.DECODER, rates=(10, 8, 8), kernels=(20, 16, 16)))
VERSIONS = {"v1": replace(S2, encoder=replace(tiny.ENCODER, symbols=322)), "v2": S2}
VERSIONS |= {name: replace(S2, speaker_vector=files.ERES.vector) for name in ("v2Pro", "v2ProPlus")}


class Few(Epochs[Any]):
    """The first batches of every epoch."""

    def epoch(self, number: int) -> Iterator[Any]:
        return islice(Epochs.epoch(self, number), BATCHES)


def few(recipe: Any, items: Any) -> Epochs[Any]:
    whole = BATCHES_OF(recipe, items)
    return Few(whole.items, 2, whole.seed, whole.bin_seconds, whole.collate)


BATCHES_OF = running.batches_of


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Official files of every version, made to be trained."""
    with pytest.MonkeyPatch.context() as patch:
        files.shrink(patch)
        for version, sizes in VERSIONS.items():
            patch.setitem(s2_config.PRESETS, version, lambda sizes=sizes: sizes)
        patch.setattr(running, "batches_of", few)
        patch.setattr(running, "DiscriminatorConfig", partial(DiscriminatorConfig, width=1 / 64))
        shared = Library(tmp_path_factory.mktemp("shelf"))
        files.fill(shared)
        for version in files.VERSIONS:
            symbols = "v1" if version == "v1" else "v2"
            writer.write(files.s1(symbols=symbols), shared.path(version, s1_file(version)))
            writer.write(official(version), shared.path(version, base_file(version)))
        (file,) = FAMILIES["discriminator-v2"].files
        judges = Discriminators(DiscriminatorConfig(width=1 / 64))
        target = shared.path("discriminator-v2", file)
        target.parent.mkdir(parents=True)
        torch.save({"weight": RENAMES.export(judges.state_dict()), "iteration": 1}, target)
        yield shared


def official(version: str) -> Checkpoint:
    """A whole s2 file, with what only training needs."""
    family = family_of(Identity(Kind.S2, version), {})
    torch.manual_seed(1)
    tensors = {name: tensor.detach().half() for name, tensor in family.build(True).state_dict().items()}
    settings = {"model": {"version": version}}
    return Checkpoint(Kind.S2, family.renames.export(tensors), settings, "base", "PK")


@pytest.fixture
def stocked(shelf: Library, yinse_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with recordings, a list with mistakes in it, and a home with the official files."""
    yinse_home.mkdir(parents=True)
    (yinse_home / "weights").symlink_to(shelf.root)
    monkeypatch.chdir(tmp_path)
    lines = []
    for number in range(LINES):
        sound = tiny.recording(1.2 + 0.1 * number)
        soundfile.write(f"{number}.wav", sound.samples, sound.rate)
        lines.append(f"{number}.wav|me|EN|Hello there, my friend.")
    lines += ["gone.wav|me|EN|Gone.", "0.wav|me|KO|안녕", "broken line"]
    Path("my.list").write_text("\n".join(lines), "utf-8")
    return tmp_path


def trained(yinse: Yinse, folder: Path, part: str, version: str, **settings: object) -> Path:
    """Run a recipe of one epoch; the file it exported."""
    amount = {"epochs": 1, "save_every": 1, "batch": 2, "learning_rate": 1e-3}
    content = {
        "part": part,
        "version": version,
        "data": "my.list",
        "name": "me",
        "amount": amount,
        **settings,
    }
    recipe = folder / f"{part}-{version}.yaml"
    recipe.write_text(yaml.safe_dump(content))
    done = yinse("train", recipe)
    assert done.code == 0, done.err
    assert done.err.splitlines()[-6:-1] == [
        f"{LINES} of {LINES + 3} recordings can be used.",
        "line 5: there is no recording 'gone.wav'",
        "line 6: Korean cannot be read yet",
        "line 7: it has 1 fields of 4 (path|speaker|language|text)",
        "1 of 1 epochs trained",
    ], "what is wrong with the list is told before the training"
    assert f"{LINES} of {LINES} recordings prepared" in done.err
    (path,) = done.out.split()
    return Path(path)


@pytest.mark.parametrize(
    ("part", "version", "settings", "header"),
    [
        ("s2", "v1", {"discriminator": "fresh"}, "PK"),
        ("s2", "v2", {}, "PK"),
        ("s2", "v2Pro", {"discriminator": "fresh"}, "05"),
        ("s2", "v2ProPlus", {"discriminator": "fresh"}, "06"),
        ("lora", "v3", {"rank": 4}, "03"),
        ("lora", "v4", {"rank": 4}, "04"),
    ],
)
def test_what_is_trained_from_a_list_is_imported_speaks_and_leaves_as_it_is(
    yinse: Yinse, stocked: Path, part: str, version: str, settings: dict[str, object], header: str
) -> None:
    first = trained(yinse, stocked, "s1", version)
    second = trained(yinse, stocked, part, version, **settings)
    assert second.read_bytes()[:2].decode() == header
    reference = ("--reference", files.reference(stocked), "--prompt-text", "Hello.")
    done = yinse("weights", "import", first, second, "--voice", "me", *reference)
    assert done.code == 0, done.err
    assert yinse("speak", "Hello!", "--voice", "me", "--out", "me.wav", "--steps", "1").code == 0
    assert soundfile.info("me.wav").frames > 0
    assert yinse("weights", "export", "me", "--out", "out").code == 0
    for original, name in ((first, "me.ckpt"), (second, "me.pth")):
        before, after = checkpoint.read(original), checkpoint.read(Path("out") / name)
        assert before.tensors.keys() == after.tensors.keys()
        for key, tensor in before.tensors.items():
            assert tensor.dtype == torch.float16
            assert torch.equal(tensor.view(torch.int16), after.tensors[key].view(torch.int16)), key


def test_training_moves_the_weights_it_should(yinse: Yinse, stocked: Path, shelf: Library) -> None:
    before = checkpoint.read(shelf.path("v2", base_file("v2"))).tensors
    after = checkpoint.read(trained(yinse, stocked, "s2", "v2")).tensors
    moved = {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    assert any(name.startswith("dec.") for name in moved)
    assert not any(name.startswith(("quantizer.", "ssl_proj.")) for name in moved)
    assert not any(name.startswith("enc_q.") for name in after)


def test_a_run_that_is_done_says_so(yinse: Yinse, stocked: Path) -> None:
    trained(yinse, stocked, "s1", "v2")
    again = yinse("train", stocked / "s1-v2.yaml")
    assert again.code == 0
    assert again.out == ""
    assert "all 1 epochs were done already" in again.err


def test_a_folder_of_recordings_with_texts_is_a_list(yinse: Yinse, stocked: Path) -> None:
    folder = stocked / "takes"
    folder.mkdir()
    for number in range(LINES):
        (stocked / f"{number}.wav").rename(folder / f"{number}.wav")
        (folder / f"{number}.txt").write_text("Hello there, my friend.")
    soundfile.write(folder / "silent.wav", torch.zeros(32000).numpy(), 32000)
    (folder / "silent.txt").write_text("Nothing.")
    content = {"part": "s1", "version": "v2", "data": "takes", "language": "en", "name": "me"}
    content["amount"] = {"epochs": 1, "save_every": 1, "batch": 2, "learning_rate": 1e-3}
    recipe = stocked / "folder.yaml"
    recipe.write_text(yaml.safe_dump(content))
    done = yinse("train", recipe, "--out", "run")
    assert done.code == 0, done.err
    assert "4 of 5 recordings can be used." in done.err
    assert "the recording is silent" in done.err
    assert done.out.split() == ["run/me-e1.ckpt"]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ({"part": "s1"}, [], "yinse weights pull v2"),
        ({"part": "s2"}, [], "yinse weights pull v2"),
        ({"part": "s2", "base": "b.pth"}, [], "yinse weights pull discriminator-v2, or write `discriminator: fresh`"),
        ({"part": "lora", "version": "v4"}, [], "yinse weights pull v4"),
        ({"part": "lora"}, [], "v3 and v4 is trained as lora"),
        ({"part": "s1", "epochs": 3}, [], "epochs"),
        ({"part": "s1"}, ["--minutes", "3"], "counts epochs"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_said_in_one_sentence(
    yinse: Yinse, yinse_home: Path, tmp_path: Path, content: dict[str, object], options: list[str], words: str
) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(yaml.safe_dump({"version": "v2", "data": "my.list", **content}))
    done = yinse("train", recipe, *options)
    assert done.code != 0
    assert words in done.err
    assert len(done.err.strip().splitlines()) == 1
