"""The parts of SoVITS from one configuration: posterior encoder, priors, decoder."""

from dataclasses import replace
from math import prod

from yinse.engine.models.acoustic.codec.config import PosteriorConfig
from yinse.engine.models.acoustic.codec.model import PosteriorEncoder
from yinse.engine.models.acoustic.sovits.config import SovitsConfig
from yinse.engine.models.acoustic.sovits.model import Sovits
from yinse.engine.models.vocoder import factory as vocoder
from yinse.engine.models.vocoder.decoder import HifiganDecoder
from yinse.engine.models.vocoder.factory import DecoderConfig
from yinse.engine.models.vocoder.hifigan import config as hifigan
from yinse.engine.models.vocoder.istft.config import IstftDecoderConfig
from yinse.engine.models.vocoder.istft.model import IstftDecoder


def posterior_config(config: SovitsConfig) -> PosteriorConfig:
    """The posterior encoder that fits."""
    return PosteriorConfig(config.spec_channels, config.inter_channels)


def decoder_config(config: SovitsConfig) -> DecoderConfig:
    """The decoder that fits: as many latents in, `hop` samples out for each frame."""
    if config.decoder == "istft":
        return IstftDecoderConfig(config.inter_channels, n_fft=4 * config.hop, hop=config.hop)
    rates = config.upsample_rates
    if prod(rates) != config.hop:
        raise ValueError(
            f"upsample_rates {rates} give {prod(rates)} samples a frame, but hop is {config.hop}"
        )
    return replace(
        hifigan.base(),
        inputs=config.inter_channels,
        rates=rates,
        kernels=tuple(2 * rate + rate % 2 for rate in rates),
        block_kernels=config.resblock_kernels,
    )


def build_posterior(config: SovitsConfig) -> PosteriorEncoder:
    """A posterior encoder with fresh weights."""
    return PosteriorEncoder(posterior_config(config))


def build_priors(config: SovitsConfig) -> Sovits:
    """Condition encoder and priors with fresh weights."""
    return Sovits(config)


def build_decoder(config: SovitsConfig) -> HifiganDecoder | IstftDecoder:
    """The configured decoder with fresh weights."""
    return vocoder.build(decoder_config(config))
