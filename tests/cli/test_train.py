"""Training from the command line: the recipe is read strictly, and an interrupt says what becomes of the run."""

import pytest

pytest.importorskip("lightning", reason="training needs its packages")
from yinse.training import loop, registry

RECIPE = "part: speaker\nrun: {steps: 7}\n"


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "assemble", lambda settings: settings.part)
    (tmp_path / "mine.yaml").write_text(RECIPE)
    return tmp_path / "mine.yaml"


def test_a_recipe_runs_where_its_name_says(yinse, recipe, monkeypatch):
    seen = []
    monkeypatch.setattr(loop, "train", lambda *arguments: seen.append(arguments))
    done = yinse("train", recipe, "--minutes", "2")
    assert done.code == 0
    (part, settings, folder) = seen[0]
    assert part == "speaker"
    assert (settings.run.steps, settings.run.minutes) == (7, 2.0)
    assert str(folder) == "runs/mine"
    assert "runs/mine: weights.safetensors is written" in done.out


def test_ctrl_c_says_how_to_go_on(yinse, recipe, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "train", interrupt)
    done = yinse("train", recipe, "--out", "elsewhere")
    assert done.code == 130
    assert "saved in elsewhere; the same command continues it" in done.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("part: speaker\nstepps: 3\n", "stepps"),
        ("{", "is not YAML"),
        ("run: {steps: many}\npart: x\n", "run.steps"),
    ],
)
def test_a_mistake_in_a_recipe_names_itself(content, words, yinse, recipe):
    recipe.write_text(content)
    done = yinse("train", recipe)
    assert done.code == 2
    assert words in done.err


@pytest.mark.parametrize(
    "length", [("--steps", "0"), ("--steps", "-1"), ("--minutes", "0"), ("--minutes", "-1")]
)
def test_a_run_has_a_length(length, yinse, recipe, monkeypatch):
    monkeypatch.setattr(loop, "train", lambda *_: pytest.fail("a run without a length began"))
    done = yinse("train", recipe, *length)
    assert (done.code, length[0] in done.err) == (2, True)


def test_no_such_recipe(yinse, tmp_path):
    assert yinse("train", tmp_path / "none.yaml").code == 4
    assert yinse("train", tmp_path).code == 4


def test_no_such_corpus(yinse, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(RECIPE)
    done = yinse("train", "mine.yaml")
    assert done.code == 4
    assert done.err.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_training_packages_are_asked_for(yinse, recipe, monkeypatch):
    monkeypatch.setattr("yinse.cli.train.find_spec", lambda name: None)
    done = yinse("train", recipe)
    assert (done.code, "pip install -e" in done.err) == (69, True)


def test_a_corpus_of_nothing(yinse, tmp_path):
    done = yinse("corpus", "build", tmp_path / "none", "--out", tmp_path / "store", "--no-japanese")
    assert done.code == 4
    assert done.err.count("\n") == 1
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("step", ["align", "annotate"])
def test_a_store_that_is_not_there(step, yinse, tmp_path):
    done = yinse("corpus", step, "--store", tmp_path / "none")
    assert done.code == 4
    assert done.err.count("\n") == 1
