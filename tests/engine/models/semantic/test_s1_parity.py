"""s1 against the published fixtures."""

import json

import pytest
import torch

from published_parity import assert_same_layout, close, load, schema, seeded
from yinse.engine.models.semantic.s1 import config, factory, legacy
from yinse.engine.models.semantic.s1.decoding import StopRule, TokenPicker, decode, decode_batch
from yinse.engine.models.semantic.s1.loss import PUBLISHED, S1Batch, next_token_loss, scores
from yinse.engine.models.semantic.s1.model import S1Model
from yinse.engine.models.semantic.s1.sampling import SamplingControls, penalise, probabilities
from yinse.engine.models.semantic.s1.state import S1Input

pytestmark = pytest.mark.parity

PUBLISHED_LIMIT = 1500


@pytest.fixture(scope="module")
def fixture():
    return load("s1_v2")


@pytest.fixture(scope="module")
def model(fixture):
    preset = legacy.config_from(json.loads(fixture.metadata["config"]))
    made = seeded(lambda _: factory.build(preset), legacy.RENAMES, weight_norm=False)
    assert isinstance(made, S1Model)
    return made


@pytest.fixture
def one(fixture):
    return S1Input(fixture["phones"][0], fixture["bert"][0], fixture["prompt"][0])


@pytest.fixture
def other(fixture):
    return S1Input(fixture["phones2"], fixture["bert2"], fixture["prompt"][0])


@pytest.mark.parametrize(
    ("preset", "name"), [(config.v1(), "s1_v1_s1longer"), (config.v2(), "s1_v2_s1longer-v2")]
)
def test_published_layout(preset, name):
    assert_same_layout(lambda: factory.build(preset), legacy.RENAMES, schema(name))


def test_input_embeddings(fixture, model):
    text = model.embed_text(fixture["phones"], fixture["bert"])
    audio = model.embed_audio(fixture["prompt"])
    close(torch.cat([text, audio], 1), fixture["prefill_input"])


def test_prefill_hidden(fixture, model, one):
    last = []
    handle = model.blocks[-1].register_forward_hook(lambda *args: last.append(args[2]))
    model.prefill([one], room=0)
    handle.remove()
    close(last[0], fixture["prefill_hidden"])


def test_teacher_forced_logits(fixture, model, one):
    forced = fixture["forced_tokens"][0]
    logits, state = model.prefill([one], room=len(forced))
    rows = [logits[0]]
    for token in forced:
        logits, state = model.step(token[None], state)
        rows.append(logits[0])
    close(torch.stack(rows), fixture["forced_logits"])


def test_teacher_forced_in_one_pass(fixture, model):
    """The training forward sees what the loop sees."""
    tokens = torch.cat([fixture["prompt"], fixture["forced_tokens"]], 1)
    logits = model(fixture["phones"], fixture["bert"], tokens)
    close(logits[0, fixture["prompt"].shape[1] :], fixture["forced_logits"])


def test_greedy_logits(fixture, model, one):
    expected = fixture["greedy_tokens"][0]
    logits, state = model.prefill([one], room=len(expected))
    rows, tokens = [], []
    for _ in expected:
        rows.append(logits[0])
        tokens.append(int(logits[0, : model.end].argmax()))
        logits, state = model.step(torch.tensor(tokens[-1:]), state)
    close(torch.stack(rows), fixture["greedy_logits"])
    assert tokens == expected.tolist()


def picker(one: S1Input, model: S1Model, penalty: float, longest: int) -> TokenPicker:
    controls = SamplingControls(top_k=1, repetition_penalty=penalty)
    return TokenPicker(one.prompt_P, model.end, controls, StopRule(longest=longest))


@pytest.mark.parametrize("penalty", [1.0, 1.35])
def test_published_loop(fixture, model, one, penalty):
    expected = fixture[f"loop_naive_rp{penalty}"][0, len(one.prompt_P) :].tolist()
    capped = int(fixture[f"loop_naive_idx_rp{penalty}"]) < len(expected)
    limit = len(expected) if capped else PUBLISHED_LIMIT
    assert list(decode(model, one, picker(one, model, penalty, limit))) == expected


def test_published_batched_loop(fixture, model, one, other):
    """All rows have one limit, so a row that is shorter than another has ended by itself."""
    prompt = len(one.prompt_P)
    expected = [fixture[f"loop_batch_{row}"][prompt:].tolist() for row in (0, 1)]
    inputs = [one, other]
    limit = max(len(tokens) for tokens in expected)
    pickers = [picker(row, model, 1.35, limit) for row in inputs]
    assert decode_batch(model, inputs, pickers) == expected


def test_sampler_probabilities(fixture):
    logits = fixture["sampler_logits"][0]
    used = torch.zeros_like(logits, dtype=torch.bool)
    used[fixture["sampler_prev"][0]] = True
    for index, case in enumerate(json.loads(fixture.metadata["sampler_cases"])):
        controls = SamplingControls(**case)
        result = probabilities(penalise(logits, used, controls.repetition_penalty), controls)
        expected = fixture[f"sampler_probs_{index}"][0]
        assert torch.equal(result > 0, expected > 0)
        close(result, expected, 1e-6)


def test_published_training_loss(fixture, model):
    batch = S1Batch(
        fixture["train_phones"],
        fixture["train_bert"],
        fixture["train_plens"],
        fixture["train_sem"],
        fixture["train_slens"],
    )
    loss, count = next_token_loss(model, batch, PUBLISHED)
    close(loss[None], fixture["train_loss_sum"], 1e-5, relative=True)
    logits, targets, _ = scores(model, batch, PUBLISHED)
    assert int(count) == targets.numel()
    hit = (logits.topk(3).indices == targets[..., None]).any(-1)
    real = targets != model.end
    assert float(hit[real].float().mean()) == pytest.approx(float(fixture["train_top3_acc"]), abs=1e-6)
