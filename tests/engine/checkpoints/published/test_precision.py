from dataclasses import replace
from typing import Any

import pytest
import torch

import tiny_published as tiny
from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published import precision
from yinse.engine.checkpoints.published.models import EndToEndModels, FlowModels
from yinse.engine.models.acoustic.s2cfm.fast import HalfLinear
from yinse.engine.models.semantic.s1.quantised import Int8S1
from yinse.engine.models.vocoder.hifigan.fast import FastHifigan


def speak(models: EndToEndModels) -> torch.Tensor:
    tokens, phones = torch.arange(12)[None], torch.arange(9)[None]
    condition = models.s2.condition_from(torch.ones(1, 8, 1))
    return models.s2.decode(tokens, phones, condition, noise_scale=0.0)


@pytest.mark.parametrize("pro", [False, True])
def test_full_precision_sounds_the_same(pro: bool) -> None:
    quick = precision.quicken(tiny.end_to_end(pro=pro), "fp32")
    assert isinstance(quick, EndToEndModels)
    assert isinstance(quick.s2.decoder, FastHifigan)
    assert not isinstance(quick.s1, Int8S1)
    assert torch.allclose(speak(quick), speak(tiny.end_to_end(pro=pro)), atol=1e-6)


def test_int8_keeps_prompts_and_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    plain, quick = tiny.end_to_end(), precision.quicken(tiny.end_to_end(), "int8")
    assert isinstance(quick, EndToEndModels)
    assert isinstance(quick.s1, Int8S1)
    assert quick.revision == plain.revision
    assert quick.s2.tokenizer.codebook.vectors.dtype == torch.float32
    expected, actual = speak(plain), speak(quick)
    assert 0 < float((actual - expected).norm() / expected.norm()) < 0.05


def test_a_machine_without_bfloat16_keeps_float(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False)
    assert precision.working_type("int8") == torch.float32


def test_voices_by_flow_get_a_fast_vocoder_where_it_is_hifigan() -> None:
    quick = precision.quicken(tiny.by_flow(), "int8")
    assert isinstance(quick, FlowModels)
    assert isinstance(quick.vocoder, FastHifigan)
    assert isinstance(quick.s1, Int8S1)
    halved = isinstance(quick.s2.dit.blocks[0].attention.query, HalfLinear)
    assert halved == (precision.working_type("int8") == torch.bfloat16)
    other: Any = torch.nn.Identity()
    kept = precision.quicken(replace(tiny.by_flow(), vocoder=other), "fp32")
    assert isinstance(kept, FlowModels)
    assert kept.vocoder is other
    assert not isinstance(kept.s2.dit.blocks[0].attention.query, HalfLinear)


def test_an_unknown_precision_names_the_known() -> None:
    with pytest.raises(InvalidInput, match="'int4'; there are fp32, int8"):
        precision.quicken(tiny.end_to_end(), "int4")  # type: ignore[arg-type]
