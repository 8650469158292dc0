"""Build either decoder of the base voice from its configuration."""

from yinse.engine.models.vocoder.decoder import HifiganDecoder
from yinse.engine.models.vocoder.hifigan import factory as hifigan
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig
from yinse.engine.models.vocoder.istft.config import IstftDecoderConfig
from yinse.engine.models.vocoder.istft.model import IstftDecoder

DecoderConfig = HifiganConfig | IstftDecoderConfig


def build(config: DecoderConfig) -> HifiganDecoder | IstftDecoder:
    """A decoder with fresh weights."""
    if isinstance(config, IstftDecoderConfig):
        return IstftDecoder(config)
    return HifiganDecoder(hifigan.build(config))
