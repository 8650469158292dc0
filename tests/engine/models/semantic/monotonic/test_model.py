"""The monotonic GPT: one frame at a time as in one pass."""

from copy import deepcopy

import pytest
import torch

from yinse.engine.models.semantic.monotonic.compiled import CompiledReader, compile_frames
from yinse.engine.models.semantic.monotonic.config import SemanticConfig
from yinse.engine.models.semantic.monotonic.frame import TorchReader
from yinse.engine.models.semantic.monotonic.model import MonotonicGpt, ages

CONFIG = SemanticConfig(
    20, vocabulary=30, channels=8, hidden=8, heads=2, encoder_depth=2, decoder_depth=2, oldest=3
)


@pytest.fixture
def model(shake):
    """In half precision, as bundles are."""
    return shake(MonotonicGpt(CONFIG)).half().float()


def test_ages_count_frames_since_the_pointer_moved():
    pointer = torch.tensor([[0, 0, 1, 1, 1, 3, 4, 4], [2, 2, 2, 2, 2, 2, 2, 3]])
    assert ages(pointer).tolist() == [[0, 1, 0, 1, 2, 0, 0, 1], [0, 1, 2, 3, 4, 5, 6, 0]]


@pytest.mark.parametrize("reader", [TorchReader, CompiledReader])
@pytest.mark.parametrize("prompt", [0, 1, 4])
def test_step_by_step_equals_teacher_forcing(model, prompt, reader):
    model.reader = reader
    symbols = torch.randint(20, (1, 7))
    pointer = torch.tensor([[0, 0, 0, 0, 1, 2, 2, 4, 6]])
    token, age = torch.randint(30, (1, 9)), ages(pointer)
    wanted_steps, wanted_tokens = model(symbols, torch.ones(1, 7, dtype=torch.bool), pointer, age, token)
    state = model.start(symbols, token[0, :prompt], pointer[0, :prompt], age[0, :prompt], room=9)
    for frame in range(prompt, 9):
        hidden, steps = model.step(state)
        torch.testing.assert_close(steps, wanted_steps[0, frame], atol=1e-5, rtol=1e-4)
        logits = model.token_logits(hidden, state, int(pointer[0, frame]))
        torch.testing.assert_close(logits, wanted_tokens[0, frame], atol=1e-5, rtol=1e-4)
        state.pointer, state.age = int(pointer[0, frame]), int(age[0, frame])
        state.token = int(token[0, frame])


def test_padding_changes_nothing(model):
    symbols = torch.randint(20, (1, 5))
    pointer, token = torch.tensor([[0, 1, 1, 4]]), torch.randint(30, (1, 4))
    alone = model(symbols, torch.ones(1, 5, dtype=torch.bool), pointer, ages(pointer), token)
    padded = torch.cat([symbols, torch.randint(20, (1, 3))], 1)
    mask = (torch.arange(8) < 5)[None]
    both = model(padded, mask, pointer, ages(pointer), token)
    # The last real phoneme alone sees a neighbour: what would come next.
    torch.testing.assert_close(both[0][:, :3], alone[0][:, :3], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(both[1][:, :3], alone[1][:, :3], atol=1e-5, rtol=1e-4)


def test_a_frame_does_not_see_its_own_token_or_any_later_one(model):
    symbols, pointer = torch.randint(20, (1, 5)), torch.tensor([[0, 0, 1, 2, 3, 4]])
    token = torch.randint(30, (1, 6))
    changed = token.clone()
    changed[0, 3:] = (changed[0, 3:] + 1) % 30
    mask = torch.ones(1, 5, dtype=torch.bool)
    for one, other in zip(
        model(symbols, mask, pointer, ages(pointer), token),
        model(symbols, mask, pointer, ages(pointer), changed),
        strict=True,
    ):
        torch.testing.assert_close(one[:, :4], other[:, :4])
        assert not torch.allclose(one[:, 4:], other[:, 4:])


@pytest.mark.parametrize("reader", [TorchReader, CompiledReader])
def test_no_frame_is_read_beyond_the_room(model, reader):
    model.reader = reader
    nothing = torch.zeros(0, dtype=torch.int64)
    state = model.start(torch.zeros(1, 2, dtype=torch.int64), nothing, nothing, nothing, room=1)
    for _ in range(2):
        model.step(state)
    with pytest.raises(IndexError, match="holds 2 positions, 3 are needed"):
        model.step(state)


def test_a_changed_copy_of_a_compiled_model_reads_its_own_weights(model):
    """A voice's updates are added to a copy of a model that has spoken."""
    compile_frames(model)
    nothing = torch.zeros(0, dtype=torch.int64)

    def steps(model):
        state = model.start(torch.zeros(1, 2, dtype=torch.int64), nothing, nothing, nothing, room=1)
        return model.step(state)[1]

    before, changed = steps(model), deepcopy(model)
    with torch.no_grad():
        changed.step_head.weight.mul_(2)
    found = steps(changed)
    assert torch.equal(steps(model), before)
    assert not torch.equal(found, before)
    changed.reader = TorchReader
    torch.testing.assert_close(found, steps(changed), atol=1e-5, rtol=1e-4)
