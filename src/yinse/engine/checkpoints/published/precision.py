"""Loaded voices made faster: 8-bit weights where they bound the speed, bfloat16 where arithmetic does."""

from dataclasses import replace
from typing import Final, Literal, get_args

import torch

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published.models import EndToEndModels, FlowModels, PublishedModels
from yinse.engine.models.acoustic.s2cfm.fast import halve
from yinse.engine.models.semantic.s1.model import S1Model
from yinse.engine.models.vocoder.hifigan.fast import FastHifigan
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator

Precision = Literal["fp32", "int8"]
PRECISIONS: Final = get_args(Precision)


def quicken(models: PublishedModels, precision: Precision) -> PublishedModels:
    """The same voice for the CPU, its models taken over from what is given, which must not be used any more.

    `fp32` changes nothing but the layout: the sound is the same to rounding. `int8` gives s1 8-bit weights, and
    everything that is bound by arithmetic bfloat16, where the machine multiplies that natively. Prompts fit both: what
    makes them is not touched.
    """
    if precision not in PRECISIONS:
        raise InvalidInput(f"There is no precision {precision!r}; there are {', '.join(PRECISIONS)}.")
    dtype = working_type(precision)
    s1 = models.s1 if precision == "fp32" else _int8(models.s1, dtype)
    match models:
        case EndToEndModels():
            models.s2.decoder = FastHifigan(models.s2.decoder, dtype=dtype)
            return replace(models, s1=s1)
        case FlowModels(vocoder=vocoder):
            if dtype != torch.float32:
                halve(models.s2.dit, dtype)
            if isinstance(vocoder, HifiganGenerator):
                vocoder = FastHifigan(vocoder, dtype=dtype)
            return replace(models, s1=s1, vocoder=vocoder)


def _int8(model: S1Model, dtype: torch.dtype) -> S1Model:
    from yinse.engine.models.semantic.s1.quantised import Int8S1  # brings the compiler with it

    return Int8S1(model, dtype=dtype)


def working_type(precision: Precision) -> torch.dtype:
    """What layers that are bound by arithmetic compute in on this machine."""
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if precision == "int8" and native else torch.float32
