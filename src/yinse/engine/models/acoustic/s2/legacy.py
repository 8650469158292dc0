"""Published parameter names of s2 (`weight` of an s2 `.pth`)."""

from typing import Final

from yinse.engine.models.acoustic.s2.config import S2Config
from yinse.engine.models.layers.published.renames import Renames, Rule, nested
from yinse.engine.models.vocoder.hifigan import legacy as hifigan

_ENCODER: Final[list[Rule]] = [
    ("attn_layers.*.emb_rel_k", "blocks.*.attention.relative_keys"),
    ("attn_layers.*.emb_rel_v", "blocks.*.attention.relative_values"),
    ("attn_layers.*.conv_q", "blocks.*.attention.query"),
    ("attn_layers.*.conv_k", "blocks.*.attention.key"),
    ("attn_layers.*.conv_v", "blocks.*.attention.value"),
    ("attn_layers.*.conv_o", "blocks.*.attention.output"),
    ("norm_layers_1.*.gamma", "blocks.*.attention_norm.weight"),
    ("norm_layers_1.*.beta", "blocks.*.attention_norm.bias"),
    ("ffn_layers.*.conv_1", "blocks.*.feedforward.expand"),
    ("ffn_layers.*.conv_2", "blocks.*.feedforward.project"),
    ("norm_layers_2.*.gamma", "blocks.*.feedforward_norm.weight"),
    ("norm_layers_2.*.beta", "blocks.*.feedforward_norm.bias"),
]

CONTENT_ENCODER: Final[list[Rule]] = [
    ("ssl_proj", "enter"),
    ("text_embedding", "symbols"),
    *nested("encoder_ssl", "content", _ENCODER),
    *nested("encoder_text", "text", _ENCODER),
    *nested("encoder2", "joint", _ENCODER),
    ("mrte.c_pre", "mixer.enter_content"),
    ("mrte.text_pre", "mixer.enter_text"),
    ("mrte.c_post", "mixer.leave"),
    ("mrte.cross_attention.conv_q", "mixer.attention.query"),
    ("mrte.cross_attention.conv_k", "mixer.attention.key"),
    ("mrte.cross_attention.conv_v", "mixer.attention.value"),
    ("mrte.cross_attention.conv_o", "mixer.attention.output"),
    ("proj", "leave"),
]

WAVENET: Final[list[Rule]] = [
    ("in_layers.*", "gates.*"),
    ("res_skip_layers.*", "mixers.*"),
    ("cond_layer", "condition"),
]

STYLE: Final[list[Rule]] = [
    ("spectral.0.fc", "enter"),
    ("spectral.3.fc", "mix"),
    ("temporal.*.conv1.conv", "temporal.*.conv"),
    ("slf_attn.w_qs", "attention.query"),
    ("slf_attn.w_ks", "attention.key"),
    ("slf_attn.w_vs", "attention.value"),
    ("slf_attn.fc", "attention.output"),
    ("fc.fc", "leave"),
]

TOKENIZER: Final[list[Rule]] = [
    ("ssl_proj", "tokenizer.projection"),
    ("quantizer.vq.layers.0._codebook.inited", "tokenizer.codebook.initialised"),
    ("quantizer.vq.layers.0._codebook.cluster_size", "tokenizer.codebook.usage"),
    ("quantizer.vq.layers.0._codebook.embed_avg", "tokenizer.codebook.sums"),
    ("quantizer.vq.layers.0._codebook.embed", "tokenizer.codebook.vectors"),
]

COMMON: Final[list[Rule]] = [
    *TOKENIZER,
    *nested("ref_enc", "style", STYLE),
    *nested("enc_p", "encoder", CONTENT_ENCODER),
]
"""What s2 of every version shares."""

_POSTERIOR: Final[list[Rule]] = [("pre", "enter"), ("proj", "leave"), *nested("enc", "network", WAVENET)]

_SPEAKER: Final[list[Rule]] = [
    ("sv_emb", "speaker.project"),
    ("prelu", "speaker.activation"),
    ("ge_to512", "speaker.narrow"),
]


def rules(config: S2Config) -> list[Rule]:
    """The table. Published couplings share their count with the flips between them."""
    table = [*COMMON, *_SPEAKER, *nested("enc_q", "posterior", _POSTERIOR)]
    table += nested("dec", "decoder", hifigan.rules(config.decoder))
    coupling = [("pre", "enter"), ("post", "leave"), *nested("enc", "network", WAVENET)]
    for index in range(config.flow_layers):
        table += nested(f"flow.flows.{2 * index}", f"flow.couplings.{index}", coupling)
    return table


def renames(config: S2Config) -> Renames:
    """The table of an s2 file."""
    return Renames(rules(config))
