"""Voices of the real size with random weights, in every way of running them that is compared."""

import copy
from typing import Final, Literal, TypeVar, get_args

import torch
from torch import Tensor, nn

from yinse.engine.checkpoints.published.models import EndToEndModels
from yinse.engine.checkpoints.published.precision import quicken
from yinse.engine.models.acoustic.s2 import config as s2_config
from yinse.engine.models.acoustic.s2 import factory as s2_factory
from yinse.engine.models.acoustic.s2.state import VoiceCondition
from yinse.engine.models.semantic.s1 import config as s1_config
from yinse.engine.models.semantic.s1 import factory as s1_factory
from yinse.engine.models.semantic.s1.state import S1Input

Model = TypeVar("Model", bound=nn.Module)
System = Literal["concatenating", "plain", "fp32", "int8"]
SYSTEMS: Final[tuple[System, ...]] = get_args(System)
"""The published loop; ours without anything special; and the two ways in which voices are loaded."""
VERSIONS: Final = ("v2", "v2Pro")
PHONES, PROMPT = 60, 125
"""A sentence of five seconds after a reference of five seconds: 30 + 30 phonemes, 125 tokens each."""


def build(version: str, system: System) -> EndToEndModels:
    """A voice of a version as a system runs it."""
    torch.manual_seed(0)
    s1 = settled(s1_factory.build(s1_config.v2()))
    s2 = settled(s2_factory.build(s2_config.PRESETS[version]()))
    models = EndToEndModels(s1, s2, "v2", 32000, 1280, "random")
    if system in ("fp32", "int8"):
        quick = quicken(models, system)
        assert isinstance(quick, EndToEndModels)
        return quick
    return models


def settled(model: Model) -> Model:
    """For inference, with weights whose outputs are about as large as their inputs."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0.0, parameter[0].numel() ** -0.5)
    return model.eval().requires_grad_(False)


def sentence(seed: int) -> S1Input:
    """Phonemes, features and a prompt."""
    generator = torch.Generator().manual_seed(seed)
    return S1Input(
        torch.randint(0, 700, (PHONES,), generator=generator),
        torch.randn(1024, PHONES, generator=generator),
        torch.randint(0, 1024, (PROMPT,), generator=generator),
    )


def condition(models: EndToEndModels) -> VoiceCondition:
    """A voice."""
    style = torch.randn(1, models.s2.style.leave.out_features, 1, generator=torch.Generator().manual_seed(1))
    return models.s2.condition_from(style)


def tokens(count: int, rows: int = 1) -> Tensor:
    """Random tokens: (rows, count)."""
    return torch.randint(0, 1024, (rows, count), generator=torch.Generator().manual_seed(2))


def twin(models: EndToEndModels) -> EndToEndModels:
    """An independent copy, for `quicken` takes what it is given."""
    return copy.deepcopy(models)
