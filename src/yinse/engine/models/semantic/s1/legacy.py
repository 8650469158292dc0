"""Published parameter names of s1 (`weight` of an s1 `.ckpt`) and the sizes its configuration records."""

from collections.abc import Mapping
from typing import Final

from yinse.engine.models.layers.published.renames import Renames, nested
from yinse.engine.models.semantic.s1.config import S1Config

RENAMES: Final = Renames(
    [
        ("model.bert_proj", "features"),
        ("model.ar_text_embedding.word_embeddings", "phones"),
        ("model.ar_text_position", "text_position"),
        ("model.ar_audio_embedding.word_embeddings", "tokens"),
        ("model.ar_audio_position", "audio_position"),
        ("model.ar_predict_layer", "head"),
        *nested(
            "model.h.layers.*",
            "blocks.*",
            [
                ("self_attn.in_proj_weight", "attention.qkv.weight"),
                ("self_attn.in_proj_bias", "attention.qkv.bias"),
                ("self_attn.out_proj", "attention.output"),
                ("linear1", "expand"),
                ("linear2", "project"),
                ("norm1", "attention_norm"),
                ("norm2", "feedforward_norm"),
            ],
        ),
    ]
)


def config_from(model: Mapping[str, object]) -> S1Config:
    """Our configuration from the `model` section of a published one; its `linear_units` means nothing."""

    def size(key: str) -> int:
        value = model[key]
        if not isinstance(value, int):
            raise TypeError(f"{key} must be a whole number, got {value!r}")
        return value

    width = size("hidden_dim")
    return S1Config(
        symbols=size("phoneme_vocab_size"),
        codes=size("vocab_size") - 1,
        width=width,
        heads=size("head"),
        layers=size("n_layer"),
        hidden=4 * width,
    )
