"""Every part over a tiny corpus: one step leaves a whole run, and some steps make it better."""

import math

import pytest
import torch
from safetensors.torch import load_file
from torch.distributions import Normal, kl_divergence

from yinse.engine.checkpoints.bundle import sub_state
from yinse.training.loop import train
from yinse.training.metrics import read_metrics
from yinse.training.registry import assemble, part_configs
from yinse.training.samples import Clip, Picture

NAMES = ("codec", "codec_hifigan", "content", "speaker", "semantic", "acoustic")
SAMPLES = {
    "codec": {"original.wav", "copy.wav", "copy.png"},
    "codec_hifigan": {"original.wav", "copy.wav", "copy.png"},
    "content": {"tokens.png"},
    "acoustic": {"latents.png", "recording.wav", "flow-prior.wav", "diffusion-prior.wav"},
}
LEARNS = {
    "codec": ("mel", 40, 0.85),
    "codec_hifigan": ("mel", 30, 0.95),
    "content": ("label", 40, 0.8),
    "speaker": ("loss", 40, 0.85),
    "semantic": ("loss", 40, 0.9),
}
"""Term, steps, and the share of its beginning that it must come below."""


@pytest.mark.parametrize("name", NAMES)
def test_one_step_leaves_a_whole_run(make_recipe, tmp_path, name):
    recipe = make_recipe(name, steps=1, validate_steps=1)
    assembly = assemble(recipe)
    train(assembly, recipe, tmp_path)
    rows, columns = read_metrics(tmp_path / "metrics.csv")
    assert {"train/loss", "valid/score"} <= set(columns)
    figures = [float(value) for row in rows for value in row.values() if value]
    assert all(math.isfinite(figure) for figure in figures)
    exported = load_file(tmp_path / "weights.safetensors")
    assert {key.partition(".")[0] for key in exported} == set(assembly.task.exports)
    if name in SAMPLES:
        found = {path.name.partition("-")[2] for path in (tmp_path / "samples").iterdir()}
        assert found == SAMPLES[name]


@pytest.mark.parametrize("name", LEARNS)
def test_training_reduces_the_loss(make_recipe, tmp_path, name):
    term, steps, share = LEARNS[name]
    recipe = make_recipe(name, steps=steps)
    train(assemble(recipe), recipe, tmp_path)
    rows, _ = read_metrics(tmp_path / "metrics.csv")
    values = [float(row[f"train/{term}"]) for row in rows if row.get(f"train/{term}")]
    assert len(values) == steps
    assert sum(values[-5:]) < share * sum(values[:5])


@torch.no_grad()
def held_to_the_same_noise(task, batch) -> float:
    """The diffusion prior's loss at sixteen draws of time and noise, always the same ones."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        task.eval()
        total = sum(float(task._terms(batch, disturb=False)["diffusion"]) for _ in range(16))
        task.train()
        return total / 16


def test_training_reduces_the_loss_of_both_priors(make_recipe, tmp_path):
    """The diffusion loss depends on the time that is drawn more than on anything that is learnt in seconds."""
    recipe = make_recipe("acoustic", steps=60)
    optimiser = recipe.optimiser.model_copy(update={"learning_rate": 1e-2})
    recipe = recipe.model_copy(update={"optimiser": optimiser})
    assembly = assemble(recipe)
    batch = next(iter(assemble(recipe).valid))
    before = held_to_the_same_noise(assembly.task, batch)
    task = train(assembly, recipe, tmp_path).task
    assert held_to_the_same_noise(task, batch) < 0.85 * before
    rows, _ = read_metrics(tmp_path / "metrics.csv")
    flow = [float(row["train/flow"]) for row in rows if row["train/flow"]]
    assert sum(flow[-5:]) < sum(flow[:5])


@pytest.mark.parametrize("name", NAMES)
def test_batches_depend_on_the_seed_alone(make_recipe, name):
    recipe = make_recipe(name)
    other = recipe.model_copy(update={"seed": 2})
    first, same, different = (next(iter(assemble(one).train)) for one in (recipe, recipe, other))
    key = next(key for key in first if first[key].is_floating_point() or key == "token_BT")
    assert all(torch.equal(first[k], same[k]) for k in first)
    assert first[key].shape != different[key].shape or not torch.equal(first[key], different[key])


def test_a_frozen_posterior_is_left_alone(make_recipe, tmp_path, tiny_codec):
    recipe = make_recipe("codec", steps=2)
    recipe = recipe.model_copy(
        update={"task": {"freeze_posterior": True, "divergence_weight": 0.0}, "warm_start": tiny_codec}
    )
    train(assemble(recipe), recipe, tmp_path)
    before, after = (
        sub_state(tiny_codec, "posterior"),
        sub_state(tmp_path / "weights.safetensors", "posterior"),
    )
    assert all(torch.equal(before[name], after[name]) for name in before)
    moved, kept = sub_state(tmp_path / "weights.safetensors", "decoder"), sub_state(tiny_codec, "decoder")
    assert not torch.equal(moved["head.weight"], kept["head.weight"])


def test_critics_train_beside_the_decoder_and_stay_at_home(make_recipe, tmp_path, tiny_codec):
    recipe = make_recipe("codec", steps=2)
    options = {
        "freeze_posterior": True,
        "adversarial_weight": 1.0,
        "cepstral_weight": 1.0,
        "envelope_weight": 1.0,
    }
    data = recipe.data | {"frames": 42}
    recipe = recipe.model_copy(update={"task": options, "data": data, "warm_start": tiny_codec})
    assembly = assemble(recipe)
    before = {name: value.clone() for name, value in assembly.task.critics.state_dict().items()}
    task = train(assembly, recipe, tmp_path).task
    after = task.critics.state_dict()
    assert sum(not torch.equal(before[name], after[name]) for name in before) > 0.9 * len(before)
    assert not any("critics" in name for name in load_file(tmp_path / "weights.safetensors"))
    _, columns = read_metrics(tmp_path / "metrics.csv")
    assert {"train/critics", "train/decoder", "train/features", "train/cepstral", "train/envelope"} <= set(
        columns
    )


def test_the_acoustic_part_can_do_without_diffusion(make_recipe, tmp_path):
    recipe = make_recipe("acoustic", steps=1, validate_steps=1)
    model = {**recipe.model, "acoustic": {**recipe.model["acoustic"], "use_diffusion": False}}
    recipe = recipe.model_copy(update={"model": model})
    assert not part_configs(recipe)["acoustic"].use_diffusion
    train(assemble(recipe), recipe, tmp_path)
    exported = load_file(tmp_path / "weights.safetensors")
    assert not any("diffusion_prior" in name for name in exported)
    rows, columns = read_metrics(tmp_path / "metrics.csv")
    assert "train/diffusion" not in columns
    scores = [(float(row["valid/score"]), float(row["valid/flow"])) for row in rows if row["valid/score"]]
    assert all(score == flow for score, flow in scores)


@torch.no_grad()
def test_the_flow_term_is_the_divergence_of_the_elbo(make_recipe):
    """With the flow at rest both distributions are Gaussian, and the sampled term must be their closed form."""
    recipe = make_recipe("acoustic")
    assembly = assemble(recipe.model_copy(update={"data": {**recipe.data, "batch": 2}}))
    task = assembly.task.eval()
    batch = next(iter(assembly.train))
    target = task._latents(batch)
    hidden = task._condition(batch, batch["token_BT"], batch["symbol_BT"])
    mean, log_deviation = task.acoustic.flow_prior._moments(hidden)
    # At rest a flow reverses the channels once a step; the tiny one has two steps, so nothing is left of it.
    posterior = Normal(target.mean_BDF, target.log_deviation_BDF.exp())
    wanted = kl_divergence(posterior, Normal(mean, log_deviation.exp())).mean()
    drawn = torch.stack([task._terms(batch, disturb=False)["flow"] for _ in range(300)])
    error = float(drawn.std()) / math.sqrt(len(drawn))
    assert abs(float(drawn.mean() - wanted)) < 5 * error + 1e-3


def test_the_codec_minimises_its_weighted_terms(make_recipe):
    recipe = make_recipe("codec")
    assembly = assemble(recipe.model_copy(update={"task": {"divergence_weight": 0.5, "mel_weight": 3.0}}))
    terms = assembly.task.losses(next(iter(assembly.train)), 0)
    wanted = 3.0 * terms["mel"] + terms["stft"] + 0.5 * terms["divergence"]
    torch.testing.assert_close(terms["loss"], wanted)


def test_samples_show_what_the_tokens_keep(make_recipe):
    assembly = assemble(make_recipe("content"))
    (picture,) = assembly.task.eval().samples(next(iter(assembly.valid)))
    assert isinstance(picture, Picture)
    real, guess = picture.rows.values()
    assert real.shape == guess.shape
    assert real.shape[0] == 80


def test_priors_are_heard_through_the_decoder_of_the_codec(make_recipe):
    assembly = assemble(make_recipe("acoustic"))
    samples = assembly.task.eval().samples(next(iter(assembly.valid)))
    clips = {one.name: one for one in samples if isinstance(one, Clip)}
    assert set(clips) == {"recording", "flow-prior", "diffusion-prior"}
    assert all(clip.samples_T.shape == (10 * 4 * 441,) for clip in clips.values())
