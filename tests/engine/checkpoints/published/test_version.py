"""Versions are found from tensors; headers and settings only settle what tensors leave open."""

from dataclasses import replace

import pytest
import torch

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.version import identify

ROWS = "enc_p.text_embedding.weight"
REFERENCE = "ref_enc.spectral.0.fc.weight"
STYLE = "ref_enc.fc.fc.weight"
DECODER = "dec.conv_pre.weight"


def s2(header: str = "PK", version: str | None = None, **shapes: tuple[int, ...]) -> Checkpoint:
    tensors = {name.replace("__", "."): torch.zeros(shape, device="meta") for name, shape in shapes.items()}
    config = {"model": {"version": version} if version else {}}
    return Checkpoint(Kind.S2, tensors, config, "", header)


def shapes(rows: int, bins: int, style: int, decoder: int | None) -> dict[str, tuple[int, ...]]:
    found = {ROWS: (rows, 192), REFERENCE: (128, bins), STYLE: (style, 128)}
    if decoder:
        found[DECODER] = (decoder, 192, 7)
    return {name.replace(".", "__"): shape for name, shape in found.items()}


@pytest.mark.parametrize(
    ("tensors", "version"),
    [
        (shapes(322, 1025, 512, 512), "v1"),
        (shapes(732, 704, 512, 512), "v2"),
        (shapes(732, 704, 1024, 512), "v2Pro"),
        (shapes(732, 704, 1024, 768), "v2ProPlus"),
    ],
)
@pytest.mark.parametrize("header", ["PK", "03", "06"])
def test_tensors_prove_the_version_whatever_the_file_claims(tensors, version, header):
    assert identify(s2(header, "v4", **tensors)).version == version


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_settings_tell_flow_versions_apart(version):
    tensors = {**shapes(732, 704, 512, None), "cfm__estimator__proj_out__weight": (100, 1024)}
    assert identify(s2(version=version, **tensors)).version == version
    assert identify(s2(**tensors), told=version).version == version


@pytest.mark.parametrize(("header", "version"), [("03", "v3"), ("04", "v4")])
def test_headers_tell_adapters_apart(header, version):
    name = "cfm__base_model__model__estimator__transformer_blocks__0__attn__to_q__lora_A__default__weight"
    found = identify(s2(header, **{name: (32, 1024)}))
    assert (found.version, found.lora) == (version, True)


def test_v3_and_v4_without_a_word_are_a_question():
    with pytest.raises(InvalidInput, match="v3 or v4") as caught:
        identify(s2(**shapes(732, 704, 512, None), cfm__x=(1,)))
    assert caught.value.code == "ambiguous_version"


def test_being_told_cannot_overrule_tensors():
    with pytest.raises(InvalidInput, match="v2 by its tensors, not v1"):
        identify(s2(**shapes(732, 704, 512, 512)), told="v1")


def test_tensors_of_two_versions_are_refused():
    with pytest.raises(InvalidInput, match="different versions"):
        identify(s2(**shapes(322, 704, 512, 512)))


@pytest.mark.parametrize("settings", [{}, {"model": 5}, {"model": {"phoneme_vocab_size": [732]}}])
def test_an_s1_file_that_does_not_say_its_symbols_is_refused(tiny_s1, settings):
    name = "model.ar_text_embedding.word_embeddings.weight"
    for tensors in ({}, {name: torch.zeros(())}):
        with pytest.raises(InvalidInput, match="no known version"):
            identify(replace(tiny_s1, tensors=tensors, config=settings))


@pytest.mark.parametrize(("rows", "version"), [(512, "v1"), (732, "v2")])
def test_s1_versions(tiny_s1, rows, version):
    name = "model.ar_text_embedding.word_embeddings.weight"
    tensors = {**tiny_s1.tensors, name: torch.zeros(rows, 64)}
    assert identify(replace(tiny_s1, tensors=tensors)).version == version


def test_unknown_s1_is_refused(tiny_s1):
    name = "model.ar_text_embedding.word_embeddings.weight"
    with pytest.raises(InvalidInput, match="600"):
        identify(replace(tiny_s1, tensors={**tiny_s1.tensors, name: torch.zeros(600, 64)}))
