"""Voices of the real size with random weights, in every way of running them that is compared."""

import copy
import json
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args

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
from yinse.engine.models.semantic.s1.model import PostNormBlock, S1Model
from yinse.engine.models.semantic.s1.state import S1Input
from yinse.engine.models.speaker.eres2netv2 import config as eres_config
from yinse.engine.models.speaker.eres2netv2 import factory as eres_factory
from yinse.engine.models.speaker.eres2netv2 import legacy as eres_legacy
from yinse.engine.voice.published.conditioning import (
    BERT_UNUSED,
    RATE,
    BertFeatures,
    HubertFeatures,
    SpeakerVector,
)
from yinse.engine.voice.published.encode import PROMPT_SILENCE

Model = TypeVar("Model", bound=nn.Module)
System = Literal["concatenating", "plain", "fp32", "int8"]
SYSTEMS: Final[tuple[System, ...]] = get_args(System)
"""The published loop; ours without anything special; and the two ways in which voices are loaded."""
VERSIONS: Final = ("v2", "v2Pro")
SPECIAL: Final = {"[CLS]": 101, "[SEP]": 102, "[UNK]": 100}
"""Words of the random BERT; every character is unknown to it, which costs the same."""
BERT: Final[dict[str, Any]] = {
    "vocab_size": 21128, "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096,
}  # fmt: skip
"""Sizes of chinese-roberta-wwm-ext-large."""
HUBERT: Final[dict[str, Any]] = {
    "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
}  # fmt: skip
"""Sizes of chinese-hubert-base; the others are those that `transformers` takes by default."""
DAMPED: Final = 0.3
"""As in the published fixtures."""
PHONES, PROMPT = 60, 125
"""A sentence of five seconds after a reference of five seconds: 30 + 30 phonemes, 125 tokens each."""


def build(version: str, system: System) -> EndToEndModels:
    """A voice of a version as a system runs it."""
    torch.manual_seed(0)
    s1 = told_apart(settled(s1_factory.build(s1_config.v2())))
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


@torch.no_grad()
def told_apart(s1: S1Model) -> S1Model:
    """Damp what every layer adds: at full level, 24 random layers that norm their sums make all positions alike."""
    for block in s1.blocks:
        assert isinstance(block, PostNormBlock)
        block.attention.output.weight.mul_(DAMPED)
        block.project.weight.mul_(DAMPED)
    return s1


def reader(system: System) -> BertFeatures:
    """chinese-roberta-wwm-ext-large as far as it is used, at its real size, random."""
    model = _filled(_bert(BERT_UNUSED))
    if system == "int8":
        dtype = working_type(system)
        model = store_int8(model.to(dtype), dtype)
    give_back()
    return BertFeatures(model, SPECIAL)


def write_reader(folder: Path) -> None:
    """The same as files: all layers, in half precision, as published."""
    _write(_filled(_bert()), folder)
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": SPECIAL}}), "utf-8")


def write_listener(folder: Path) -> None:
    """chinese-hubert-base as files, random, in half precision, as published."""
    _write(_hubert(), folder)


def write_speaker_listener(path: Path) -> None:
    """ERes2NetV2 as a file, random, in half precision."""
    model = settled(eres_factory.build(eres_config.w24s4ep4()))
    path.parent.mkdir(parents=True)
    torch.save(eres_legacy.RENAMES.export(model.half().state_dict()), path)


def _write(model: Any, folder: Path) -> None:
    folder.mkdir(parents=True)
    model.config.save_pretrained(folder)
    torch.save(model.half().state_dict(), folder / "pytorch_model.bin")


def _bert(unused: int = 0) -> nn.Module:
    from transformers import BertConfig, BertModel

    config = BertConfig(**{**BERT, "num_hidden_layers": BERT["num_hidden_layers"] - unused})
    with torch.device("meta"):
        return BertModel(config, add_pooling_layer=False)


def _hubert() -> nn.Module:
    from transformers import HubertConfig, HubertModel

    return HubertModel(HubertConfig(**HUBERT))


def _filled(model: nn.Module) -> nn.Module:
    """A BERT with random weights."""
    model = model.to_empty(device="cpu")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.0, 0.02)
        for buffer in model.buffers():  # where tokens stand, and of which segment they are
            buffer.copy_(torch.arange(buffer.shape[1])[None])
        model.get_buffer("embeddings.token_type_ids").zero_()
    return model


def listener() -> HubertFeatures:
    """chinese-hubert-base at its real size, random."""
    return HubertFeatures(_hubert())


def speaker_listener() -> SpeakerVector:
    """ERes2NetV2 at its real size, random."""
    return SpeakerVector(settled(eres_factory.build(eres_config.w24s4ep4())))


def reference() -> Tensor:
    """Five seconds of something at 16 kHz, (T,), and the silence that every reference is followed by."""
    generator = torch.Generator().manual_seed(3)
    return torch.cat([0.1 * torch.randn(5 * RATE, generator=generator), torch.zeros(PROMPT_SILENCE)])


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
