"""Build s2 from its configuration."""

from yinse.engine.models.acoustic.s2.config import ContentEncoderConfig, S2Config
from yinse.engine.models.acoustic.s2.model import S2Model, SpeakerFusion
from yinse.engine.models.layers.published.content_encoder import ContentEncoder, TextToContent
from yinse.engine.models.layers.published.encoder import Encoder
from yinse.engine.models.layers.published.flow import Flow, MeanCoupling, PosteriorEncoder
from yinse.engine.models.layers.published.relative_attention import CrossAttention
from yinse.engine.models.layers.published.style import StyleEncoder
from yinse.engine.models.layers.published.tokenizer import ContentTokenizer
from yinse.engine.models.layers.published.wavenet import WaveNet
from yinse.engine.models.vocoder.hifigan import factory as hifigan


def build(config: S2Config, *, posterior: bool = False, weight_norm: bool = False) -> S2Model:
    """A model with fresh weights. Training needs the posterior encoder and weight normalisation."""
    speaker = None
    if config.speaker_vector:
        speaker = SpeakerFusion(config.speaker_vector, config.style, config.encoder.mixer_channels)
    return S2Model(
        tokenizer=ContentTokenizer(config.encoder.content_channels, config.codes),
        style=StyleEncoder(config.reference_bins, config.style, dropout=config.style_dropout),
        encoder=content_encoder(config.encoder),
        flow=Flow([_coupling(config, weight_norm) for _ in range(config.flow_layers)]),
        decoder=hifigan.build(config.decoder, weight_norm=weight_norm),
        speaker=speaker,
        posterior=_posterior(config, weight_norm) if posterior else None,
    )


def content_encoder(config: ContentEncoderConfig) -> ContentEncoder:
    """The encoder that s2 of every version shares."""

    def stack(depth: int) -> Encoder:
        return Encoder(
            config.channels,
            config.hidden,
            config.heads,
            depth,
            kernel=config.kernel,
            window=config.window,
            dropout=config.dropout,
        )

    attention = CrossAttention(config.mixer_channels, config.mixer_heads)
    return ContentEncoder(
        stack(config.content_layers),
        stack(config.text_layers),
        TextToContent(config.channels, attention, config.mixer_channels),
        stack(config.joint_layers),
        content_channels=config.content_channels,
        symbols=config.symbols,
        channels=config.channels,
    )


def _coupling(config: S2Config, weight_norm: bool) -> MeanCoupling:
    channels = config.encoder.channels
    network = WaveNet(
        channels, config.kernel, config.flow_depth, condition=config.style, weight_norm=weight_norm
    )
    return MeanCoupling(config.latents, channels, network)


def _posterior(config: S2Config, weight_norm: bool) -> PosteriorEncoder:
    channels = config.encoder.channels
    network = WaveNet(
        channels, config.kernel, config.posterior_depth, condition=config.style, weight_norm=weight_norm
    )
    return PosteriorEncoder(config.spectrum_bins, config.latents, channels, network)
