"""Tiny voices in the published file formats, and a library of tiny shared models, written by the tests themselves."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import tiny_published as tiny
from yinse.engine.audio.encode import write_wav
from yinse.engine.checkpoints.published import writer
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.families import POSTERIOR, family_of
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.checkpoints.published.version import Identity
from yinse.engine.models.acoustic.s2 import config as s2_config
from yinse.engine.models.acoustic.s2cfm import config as cfm_config
from yinse.engine.models.layers.published.renames import Renames
from yinse.engine.models.speaker.eres2netv2 import config as eres_config
from yinse.engine.models.speaker.eres2netv2 import factory as eres_factory
from yinse.engine.models.speaker.eres2netv2 import legacy as eres_legacy
from yinse.engine.models.vocoder.bigvgan import config as bigvgan_config
from yinse.engine.models.vocoder.bigvgan import factory as bigvgan_factory
from yinse.engine.models.vocoder.bigvgan import legacy as bigvgan_legacy
from yinse.engine.models.vocoder.hifigan import config as hifigan_config
from yinse.engine.models.vocoder.hifigan import factory as hifigan_factory
from yinse.engine.models.vocoder.hifigan import legacy as hifigan_legacy

RANK = 2
ERES = eres_config.Eres2NetV2Config(channels=8, base_width=16, scale=2, blocks=(1, 1, 1, 1))
BIGVGAN = bigvgan_config.BigvganConfig(
    channels=8, rates=(4, 2), kernels=(8, 4), block_kernels=(3,), dilations=(1, 3, 5)
)
S1_SETTINGS: dict[str, Any] = {
    "model": {
        "vocab_size": tiny.CODES + 1, "phoneme_vocab_size": 732, "embedding_dim": 16, "hidden_dim": 16,
        "head": 2, "linear_units": 2048, "n_layer": 2, "dropout": 0, "EOS": tiny.CODES,
    },
    "data": {"max_sec": 54},
}  # fmt: skip
VOCODER = hifigan_config.HifiganConfig(
    inputs=100, channels=8, rates=(4, 2), kernels=(8, 4), block_kernels=(3,)
)
HEADERS = {"v2Pro": "05", "v2ProPlus": "06"}
"""First two bytes of fine-tuned files; those of other versions are a zip's own."""
LORA_HEADERS = {"v3": "03", "v4": "04"}
VERSIONS = ("v1", "v2", "v2Pro", "v2ProPlus", "v3", "v4")


def shrink(patch: pytest.MonkeyPatch) -> None:
    """Let the versions have tiny sizes, so that whole files take milliseconds."""
    first = replace(tiny.S2, encoder=replace(tiny.ENCODER, symbols=322))
    patch.setitem(s2_config.PRESETS, "v1", lambda: first)
    patch.setitem(s2_config.PRESETS, "v2", lambda: tiny.S2)
    for version in ("v2Pro", "v2ProPlus"):
        patch.setitem(s2_config.PRESETS, version, lambda: replace(tiny.S2, speaker_vector=ERES.vector))
    patch.setitem(cfm_config.PRESETS, "v3", lambda: tiny.CFM)
    patch.setitem(cfm_config.PRESETS, "v4", lambda: replace(tiny.CFM, stretch=2.0))
    patch.setattr(bigvgan_config, "v3", lambda: BIGVGAN)
    patch.setattr(hifigan_config, "v4", lambda: VOCODER)
    patch.setattr(eres_config, "w24s4ep4", lambda: ERES)


def values(shapes: dict[str, torch.Size], seed: int) -> dict[str, Tensor]:
    """Half-precision tensors of given shapes."""
    generator = torch.Generator().manual_seed(seed)
    return {name: (0.1 * torch.randn(shape, generator=generator)).half() for name, shape in shapes.items()}


def shapes(identity: Identity, settings: dict[str, Any]) -> dict[str, torch.Size]:
    """Published names and shapes of everything a speaking model needs."""
    family = family_of(replace(identity, lora=False), settings)
    with torch.device("meta"):
        state = family.build(True).state_dict()
    return {
        family.renames.to_published(name): tensor.shape
        for name, tensor in state.items()
        if not name.startswith(POSTERIOR)
    }


def s1(seed: int = 0, *, symbols: str = "v2") -> Checkpoint:
    """An s1 file with the symbols of v1, or of all later versions."""
    rows = 512 if symbols == "v1" else 732
    settings = {**S1_SETTINGS, "model": {**S1_SETTINGS["model"], "phoneme_vocab_size": rows}}
    tensors = values(shapes(Identity(Kind.S1, symbols), settings), seed)
    return Checkpoint(Kind.S1, tensors, settings, "GPT-e15", "PK")


def s2(version: str, seed: int = 1) -> Checkpoint:
    """A full s2 file; those of v2Pro and v2ProPlus have their zip magic overwritten."""
    settings = {"model": {"version": version}, "train": {"epochs": 8}}
    tensors = values(shapes(Identity(Kind.S2, version), settings), seed)
    return Checkpoint(Kind.S2, tensors, settings, "8epoch_240iteration", HEADERS.get(version, "PK"))


def lora(version: str = "v3", seed: int = 2) -> Checkpoint:
    """A LoRA file: adapters, and full tensors of the parts trained beside them."""
    full = shapes(Identity(Kind.S2, version), {})
    kept = {
        name: shape
        for name, shape in full.items()
        if name.startswith(("ref_enc.", "bridge.", "wns1.", "linear_mel.", "quantizer."))
    }
    stem = "cfm.base_model.model.estimator.transformer_blocks"
    for block in range(tiny.CFM.dit.depth):
        for place in ("to_q", "to_k", "to_v", "to_out.0"):
            width = tiny.CFM.dit.width
            kept[f"{stem}.{block}.attn.{place}.lora_A.default.weight"] = torch.Size([RANK, width])
            kept[f"{stem}.{block}.attn.{place}.lora_B.default.weight"] = torch.Size([width, RANK])
    settings = {"model": {"version": version}, "train": {"lora_rank": RANK}}
    header = LORA_HEADERS[version]
    return Checkpoint(Kind.S2, values(kept, seed), settings, "2epoch_80iteration", header, lora_rank=RANK)


def made(kind: str) -> Checkpoint:
    """The s2 file of a version, or of an adapter: `v2`, `v3 LoRA`."""
    version, _, adapter = kind.partition(" ")
    return lora(version) if adapter else s2(version)


def pair(folder: Path, second: Checkpoint) -> tuple[Path, Path]:
    """Write the given s2 file and an s1 file that fits it."""
    first = second.config.get("model", {}).get("version") == "v1"
    writer.write(s1(symbols="v1" if first else "v2"), folder / "voice-e15.ckpt")
    writer.write(second, folder / "voice_e8.pth")
    return folder / "voice-e15.ckpt", folder / "voice_e8.pth"


def reference(folder: Path, name: str = "reference.wav", pitch: float = 140.0) -> Path:
    """Write a recording of four seconds."""
    write_wav(folder / name, tiny.recording(4.0, pitch=pitch))
    return folder / name


def fill(library: Library) -> None:
    """Write tiny versions of all shared models."""
    hubert(library.path("hubert", "chinese-hubert-base/config.json").parent)
    roberta(library.path("roberta", "chinese-roberta-wwm-ext-large/config.json").parent)
    _save(
        _published(eres_factory.build(ERES), eres_legacy.RENAMES),
        library.path("eres2netv2", "sv/pretrained_eres2netv2w24s4ep4.ckpt"),
    )
    generator = _published(bigvgan_factory.build(BIGVGAN, weight_norm=True), bigvgan_legacy.renames(BIGVGAN))
    _save({"generator": generator}, library.path("bigvgan", "bigvgan_generator.pt"))
    vocoder = _published(hifigan_factory.build(VOCODER), hifigan_legacy.renames(VOCODER))
    _save(vocoder, library.path("vocoder-v4", "gsv-v4-pretrained/vocoder.pth"))
    writer.write(s2("v3", seed=5), library.path("v3", "s2Gv3.pth"))
    writer.write(s2("v4", seed=6), library.path("v4", "gsv-v4-pretrained/s2Gv4.pth"))


def _published(model: torch.nn.Module, renames: Renames) -> dict[str, Tensor]:
    return {renames.to_published(name): tensor for name, tensor in model.state_dict().items()}


def _save(content: object, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)


def hubert(folder: Path) -> torch.nn.Module:
    """Write a model in the layout of chinese-hubert-base, its weight normalisation under the old names."""
    from transformers import HubertConfig, HubertModel

    config = HubertConfig(
        hidden_size=tiny.CONTENT, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        conv_dim=(8,) * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    config.save_pretrained(folder)
    stem = "encoder.pos_conv_embed.conv"
    old = {f"{stem}.parametrizations.weight.original{i}": f"{stem}.weight_{n}" for i, n in enumerate("gv")}
    model = HubertModel(config).eval()
    _save(
        {old.get(name, name): value for name, value in model.state_dict().items()},
        folder / "pytorch_model.bin",
    )
    return model


def roberta(folder: Path, *, layers: int = 3) -> torch.nn.Module:
    """Write a model in the layout of chinese-roberta-wwm-ext-large: half precision, with a head that is not used."""
    from transformers import BertConfig, BertForMaskedLM

    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"今天气很好你世界。,.!?"]
    config = BertConfig(
        vocab_size=len(tokens), hidden_size=1024, num_hidden_layers=layers, num_attention_heads=2,
        intermediate_size=8, max_position_embeddings=64,
    )  # fmt: skip
    config.save_pretrained(folder)
    vocabulary = {token: index for index, token in enumerate(tokens)}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}), "utf-8")
    model = BertForMaskedLM(config).eval().half()
    _save(model.state_dict(), folder / "pytorch_model.bin")
    return model.float()
