"""Fine-tuning from the command line: what is kept, what an interrupt leaves, and who cannot be fine-tuned."""

import importlib.util

import pytest

pytest.importorskip("lightning", reason="fine-tuning needs the training packages")
from yinse.serving import enrolment
from yinse.training import adapt as tuning
from yinse.training.adapt import AdaptOutcome

pytestmark = pytest.mark.usefixtures("weights")
ADAPTER = ("voices", "me", "adapter.safetensors")


@pytest.fixture
def outcome(monkeypatch):
    """Let the fine-tuning itself be done in no time, with a given end."""

    def stage(end):
        def adapt(models, slices, bandwidth, target, work, *, steps, progress):
            work.mkdir()
            (work / "last.ckpt").write_bytes(b"half")
            assert (slices, bandwidth) == (["a slice"], 8000.0)
            progress(steps // 2)
            if isinstance(end, BaseException):
                raise end
            if end.kept:
                target.write_bytes(b"adapter")
            return end

        monkeypatch.setattr(tuning, "adapt", adapt)
        monkeypatch.setattr(enrolment, "prepare_all", lambda models, recordings: (["a slice"], 8000.0))

    return stage


def test_an_improvement_is_kept_and_known(yinse, home, outcome):
    outcome(AdaptOutcome(2.0, 1.5, 40, kept=True))
    done = yinse("adapt", "me", "--steps", "40")
    assert done.code == 0
    assert "Adapting me" in done.out
    assert done.out.endswith(
        "me: fine-tuning of 40 steps is kept (loss on recordings held back: 2.000 before, 1.500 after).\n"
    )
    assert home.joinpath(*ADAPTER).exists()
    assert not (home / "voices" / "me" / "adapting").exists()
    assert yinse("voices", "show", "me").json["adapted"] is True


def test_what_does_not_help_is_not_kept(yinse, home, outcome, files):
    before = files(home)
    outcome(AdaptOutcome(1.5, 1.6, 40, kept=False))
    done = yinse("adapt", "me", "--steps", "40")
    assert done.code == 0
    assert "did not help, so the voice stays as it was" in done.out
    assert files(home) == before


def test_ctrl_c_keeps_the_run_and_the_voice(yinse, home, outcome, files):
    before = files(home)
    outcome(KeyboardInterrupt())
    done = yinse("adapt", "me", "--steps", "40")
    assert done.code == 130
    assert "`yinse adapt me` continues it" in done.err
    left = files(home)
    assert left.pop("voices/me/adapting/last.ckpt") == b"half"
    assert left == before


def test_once_is_enough_unless_asked(yinse, home, outcome):
    home.joinpath(*ADAPTER).write_bytes(b"first")
    outcome(AdaptOutcome(2.0, 1.0, 40, kept=True))
    done = yinse("adapt", "me")
    assert (done.code, "--again" in done.err) == (4, True)
    assert home.joinpath(*ADAPTER).read_bytes() == b"first"
    assert yinse("adapt", "me", "--again", "--steps", "40").code == 0
    assert home.joinpath(*ADAPTER).read_bytes() == b"adapter"


def test_a_preset_has_no_recordings(yinse):
    done = yinse("adapt", "mini")
    assert done.code == 2
    assert "the recordings of 'mini' are not here" in done.err


def test_an_unknown_voice(yinse):
    assert yinse("adapt", "nobody").code == 4


def test_a_minute_too_short(yinse, home):
    """One reading of 18 s cannot be held back from: the real fine-tuning refuses before it begins."""
    done = yinse("adapt", "me", "--steps", "10")
    assert done.code == 3
    assert "too few to fine-tune on" in done.err


def test_training_packages_are_asked_for(yinse, home, monkeypatch):
    monkeypatch.setattr("yinse.cli.train.find_spec", lambda name: None)
    assert importlib.util.find_spec("lightning")
    done = yinse("adapt", "me")
    assert (done.code, "pip install -e '.[train]'" in done.err) == (69, True)
