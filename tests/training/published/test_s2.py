import math
from collections.abc import Callable

import pytest
import torch

import published_parity as parity
from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published.families import POSTERIOR, speaking_model
from yinse.engine.models.acoustic.s2.model import S2Model
from yinse.training.published import discriminators as judging
from yinse.training.published.base import Base
from yinse.training.published.batches import collate_s2
from yinse.training.published.discriminators import DiscriminatorConfig, Discriminators, Judgement
from yinse.training.published.items import Item
from yinse.training.published.s2 import (
    RATE_DECAY,
    S2Trainer,
    cut,
    forward,
    kl_divergence,
    mel_distance,
    segment_starts,
)

MakeBase = Callable[..., Base]


def judges() -> Discriminators:
    torch.manual_seed(1)
    return Discriminators(DiscriminatorConfig((2, 3), width=1 / 64))


def trainer(base: Base, rate: float = 1e-3) -> S2Trainer:
    return S2Trainer(base, judges(), learning_rate=rate)


def test_it_learns_to_say_an_utterance(s2_base: MakeBase, items: list[Item]) -> None:
    torch.manual_seed(0)
    learner, batch = trainer(s2_base(), 3e-3), collate_s2(items[:1])
    figures = [learner.step(batch, index) for index in range(12)]
    assert all(math.isfinite(value) for one in figures for value in one.values())
    early, late = (sum(one["mel"] for one in part) for part in (figures[:3], figures[-3:]))
    assert late < early
    assert learner.steps == 12


def test_everything_but_the_tokenizer_moves(s2_base: MakeBase, items: list[Item]) -> None:
    torch.manual_seed(0)
    learner = trainer(s2_base())
    before = {name: tensor.clone() for name, tensor in learner.model.state_dict().items()}
    learner.step(collate_s2(items[:1]), 0)
    same = {name for name, tensor in learner.model.state_dict().items() if torch.equal(tensor, before[name])}
    assert {name.split(".")[0] for name in same} == {"tokenizer"}


def test_what_reads_text_moves_more_slowly_and_all_slow_down(s2_base: MakeBase) -> None:
    learner = S2Trainer(s2_base(), judges(), learning_rate=1e-3, text_rate=0.4)
    learner.end_epoch()
    rates = [group["lr"] for group in learner.optimisers["s2"].param_groups]
    assert rates == pytest.approx([1e-3 * RATE_DECAY, 4e-4 * RATE_DECAY])
    reading = {id(p) for p in learner.optimisers["s2"].param_groups[1]["params"]}
    named = {name.split(".")[1] for name, p in learner.model.named_parameters() if id(p) in reading}
    assert named == {"symbols", "text", "mixer"}


def test_padding_does_not_reach_the_shorter_utterance(
    s2_base: MakeBase, make_utterance: Callable[..., Item]
) -> None:
    model = s2_base().model().eval()
    assert isinstance(model, S2Model)
    short, long = make_utterance(1, 34, 8), make_utterance(2, 44, 14)
    found = []
    for group in ([short], [short, long]):
        batch = collate_s2(group)
        torch.manual_seed(0)
        passed = forward(model, batch, torch.device("cpu"))
        found.append(passed)
    assert torch.isfinite(found[1].divergence)
    assert found[1].made_B1N.shape == found[1].real_B1N.shape == (2, 1, 20480)


def test_v2pro_hears_the_speaker(s2_base: MakeBase, make_utterance: Callable[..., Item]) -> None:
    learner = trainer(s2_base(True))
    figures = learner.step(collate_s2([make_utterance(1, speaker=True)]), 0)
    assert math.isfinite(figures["loss"])
    with pytest.raises(ValueError, match="speaker embedding"):
        learner.step(collate_s2([make_utterance(1)]), 1)


def test_the_export_speaks_and_holds_nothing_of_the_training(s2_base: MakeBase, items: list[Item]) -> None:
    base = s2_base(True)
    learner = trainer(base)
    exported = learner.checkpoint(3)
    assert (exported.header, exported.info) == ("05", "3epoch_0iteration")
    assert learner.file_name("me", 3) == "me_e3_s0.pth"
    assert not [name for name in exported.tensors if "enc_q" in name]
    assert "dec.ups.0.weight_g" in exported.tensors
    assert all(tensor.dtype == torch.float16 for tensor in exported.tensors.values())
    tensors = base.family.renames.import_(exported.tensors)
    model = speaking_model(base.family, tensors)
    assert isinstance(model, S2Model)
    expected = {name for name in base.part.tensors if not name.startswith(POSTERIOR)}
    assert set(tensors) == expected


def test_a_file_without_its_posterior_cannot_be_trained(s2_base: MakeBase) -> None:
    base = s2_base()
    for name in [name for name in base.part.tensors if name.startswith(POSTERIOR)]:
        del base.part.tensors[name]
    with pytest.raises(InvalidInput, match="exported to speak"):
        base.model()


def test_segments_lie_inside_their_utterances() -> None:
    torch.manual_seed(0)
    starts = torch.stack([segment_starts(torch.tensor([80, 33, 20])) for _ in range(400)])
    assert starts.amin(0).tolist() == [0, 0, 0]
    assert starts.amax(0).tolist() == [48, 1, 0]
    rows = torch.arange(12.0).view(2, 1, 6)
    assert cut(rows, torch.tensor([1, 4]), 3).tolist() == [[[1.0, 2.0, 3.0]], [[10.0, 11.0, 0.0]]]


def test_divergence_of_equal_distributions_is_zero_on_average() -> None:
    torch.manual_seed(0)
    mean, spread = torch.randn(1, 4, 5000), 0.3 * torch.randn(1, 4, 5000)
    drawn = mean + torch.randn_like(mean) * spread.exp()
    mask = torch.ones(1, 1, 5000)
    assert float(kl_divergence(drawn, spread, mean, spread, mask)) == pytest.approx(0.0, abs=0.08)
    assert float(kl_divergence(drawn, spread, mean + 1, spread, mask)) > 1


def test_mel_distance_of_equal_sounds_is_zero() -> None:
    sound = torch.randn(1, 1, 20480, generator=torch.Generator().manual_seed(0))
    assert float(mel_distance(sound, sound)) == 0.0
    assert float(mel_distance(sound, 2 * sound)) == pytest.approx(math.log(2), rel=0.01)


def test_least_squares_and_feature_distances() -> None:
    one, half = torch.ones(2, 3), torch.full((2, 3), 0.5)
    real, made = [Judgement(one, (one, one))], [Judgement(half, (half, half))]
    assert float(judging.discriminator_loss(real, made)) == pytest.approx(0.25)
    assert float(judging.adversarial_loss(made)) == pytest.approx(0.25)
    assert float(judging.feature_loss(real, made)) == pytest.approx(2.0)


@pytest.mark.parity
@pytest.mark.parametrize(
    ("name", "periods"), [("s2D_v2", judging.PERIODS), ("s2D_v2Pro", judging.PRO_PERIODS)]
)
def test_discriminators_have_the_published_layout(name: str, periods: tuple[int, ...]) -> None:
    parity.assert_same_layout(
        lambda: Discriminators(DiscriminatorConfig(periods)), judging.RENAMES, parity.schema(name)
    )


def test_published_discriminators_are_loaded_whole() -> None:
    filled, empty = judges(), judges()
    for parameter in filled.parameters():
        parameter.data.add_(1.0)
    state = judging.RENAMES.export({name: t.half() for name, t in filled.state_dict().items()})
    judging.load_published(empty, state)
    sound = torch.randn(1, 1, 700)
    assert torch.allclose(empty(sound)[0].scores_BK, filled(sound)[0].scores_BK, rtol=0.05, atol=0.05)
    state.popitem()
    with pytest.raises(RuntimeError):
        judging.load_published(judges(), state)
