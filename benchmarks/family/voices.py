"""Voices of the real size with random weights, in every way of running them that is compared."""

import copy
from typing import Final, Literal, TypeVar, get_args

import torch
from torch import Tensor, nn

from yinse.engine.checkpoints.memory import give_back, settle
from yinse.engine.checkpoints.published.models import EndToEndModels
from yinse.engine.checkpoints.published.precision import quicken, working_type
from yinse.engine.models.acoustic.s2 import config as s2_config
from yinse.engine.models.acoustic.s2 import factory as s2_factory
from yinse.engine.models.acoustic.s2.state import VoiceCondition
from yinse.engine.models.layers.int8 import store_int8
from yinse.engine.models.semantic.s1 import config as s1_config
from yinse.engine.models.semantic.s1 import factory as s1_factory
from yinse.engine.models.semantic.s1.state import S1Input
from yinse.engine.voice.published.conditioning import BERT_UNUSED, BertFeatures

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
        del models, s1, s2
        settle()
        return quick
    return models


def settled(model: Model) -> Model:
    """For inference, with weights whose outputs are about as large as their inputs."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0.0, parameter[0].numel() ** -0.5)
    return model.eval().requires_grad_(False)


def reader(system: System) -> BertFeatures:
    """chinese-roberta-wwm-ext-large as far as it is used, at its real size, random."""
    from transformers import BertConfig, BertModel

    layers = 24 - BERT_UNUSED
    config = BertConfig(
        vocab_size=21128, hidden_size=1024, num_hidden_layers=layers, num_attention_heads=16, intermediate_size=4096
    )  # fmt: skip
    with torch.device("meta"):
        model: nn.Module = BertModel(config, add_pooling_layer=False)
    model = model.to_empty(device="cpu")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.0, 0.02)
        for buffer in model.buffers():  # where tokens stand, and of which segment they are
            buffer.copy_(torch.arange(config.max_position_embeddings)[None])
        model.get_buffer("embeddings.token_type_ids").zero_()
    if system == "int8":
        dtype = working_type(system)
        model = store_int8(model.to(dtype), dtype)
    give_back()
    return BertFeatures(model, {"[CLS]": 101, "[SEP]": 102, "[UNK]": 100})


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
