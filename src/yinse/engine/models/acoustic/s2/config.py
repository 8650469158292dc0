"""Sizes of s2. Versions are presets that derive from one another."""

from dataclasses import dataclass, field, replace

from yinse.engine.models.vocoder.hifigan import config as hifigan
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig


@dataclass(frozen=True, slots=True)
class ContentEncoderConfig:
    """The encoder that joins content and phonemes."""

    symbols: int = 322
    content_channels: int = 768
    channels: int = 192
    hidden: int = 768
    heads: int = 2
    content_layers: int = 3
    text_layers: int = 6
    joint_layers: int = 3
    kernel: int = 3
    window: int = 4
    mixer_channels: int = 512
    """Width of the cross attention; the condition that reaches it has as many channels."""
    mixer_heads: int = 4
    dropout: float = 0.1


@dataclass(frozen=True, slots=True)
class S2Config:
    """An end-to-end decoder: 25 Hz tokens to audio at `rate` Hz."""

    encoder: ContentEncoderConfig = field(default_factory=ContentEncoderConfig)
    decoder: HifiganConfig = field(default_factory=hifigan.s2)
    codes: int = 1024
    spectrum_bins: int = 1025
    reference_bins: int = 1025
    """Lowest bins of the reference spectrogram that the style encoder hears."""
    style: int = 512
    """Channels of the global condition."""
    speaker_vector: int = 0
    """Channels of the speaker embedding that is added to the style; 0 for none."""
    latents: int = 192
    flow_layers: int = 4
    flow_depth: int = 4
    posterior_depth: int = 16
    kernel: int = 5
    rate: int = 32000
    style_dropout: float = 0.1

    @property
    def samples_per_token(self) -> int:
        """Samples of one token: two latent frames."""
        return 2 * self.decoder.hop


def v1() -> S2Config:
    """Chinese, English and Japanese with the 322-symbol table."""
    return S2Config()


def v2() -> S2Config:
    """The 732-symbol table; the style encoder hears 704 bins."""
    first = v1()
    return replace(first, encoder=replace(first.encoder, symbols=732), reference_bins=704)


def v2_pro() -> S2Config:
    """A speaker embedding joins the style."""
    second = v2()
    return replace(
        second,
        encoder=replace(second.encoder, dropout=0.0),
        decoder=hifigan.s2_pro(),
        style=1024,
        speaker_vector=20480,
    )


def v2_pro_plus() -> S2Config:
    """A wider decoder."""
    return replace(v2_pro(), decoder=hifigan.s2_pro_plus())


PRESETS = {"v1": v1, "v2": v2, "v2Pro": v2_pro, "v2ProPlus": v2_pro_plus}
"""Published version names."""
