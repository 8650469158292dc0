"""s2: tokens, phonemes and a voice to samples (GPT-SoVITS v1 to v2ProPlus; after Kim et al. 2021, VITS).

Legend: B batch, S content channels, T latent frames (50 Hz), t tokens (25 Hz), L phonemes, C latent channels,
G style channels, V speaker embedding, K bins, N samples.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.acoustic.s2.state import ChunkState, Reference, VoiceCondition
from yinse.engine.models.layers.published.content_encoder import ContentEncoder
from yinse.engine.models.layers.published.flow import Flow, PosteriorEncoder
from yinse.engine.models.layers.published.style import StyleEncoder
from yinse.engine.models.layers.published.tokenizer import ContentTokenizer
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator

NOISE_SCALE = 0.5
"""Share of the prior's deviation that is drawn; every published caller uses it."""


class SpeakerFusion(nn.Module):
    """Add a speaker embedding to the style and bend the sum: (B, G, 1), (B, V) -> (B, G, 1)."""

    def __init__(self, speaker: int, style: int, encoder: int) -> None:
        super().__init__()
        self.project = nn.Linear(speaker, style)
        self.activation = nn.PReLU(style)
        self.narrow = nn.Linear(style, encoder)

    def forward(self, style_BG1: Tensor, speaker_BV: Tensor) -> Tensor:
        """Fuse."""
        fused: Tensor = self.activation(style_BG1 + self.project(speaker_BV)[..., None])
        return fused

    def for_encoder(self, style_BG1: Tensor) -> Tensor:
        """The style in the content encoder's width."""
        narrow: Tensor = self.narrow(style_BG1[..., 0])[..., None]
        return narrow


class S2Model(nn.Module):
    """Tokens (B, t), phonemes (B, L) and a condition to samples (B, 1, t * samples_per_token)."""

    def __init__(
        self,
        *,
        tokenizer: ContentTokenizer,
        style: StyleEncoder,
        encoder: ContentEncoder,
        flow: Flow,
        decoder: HifiganGenerator,
        speaker: SpeakerFusion | None = None,
        posterior: PosteriorEncoder | None = None,
    ) -> None:
        super().__init__()
        self.tokenizer = tokenizer
        self.style = style
        self.encoder = encoder
        self.flow = flow
        self.decoder = decoder
        self.speaker = speaker
        self.posterior = posterior

    def style_of(self, reference: Reference) -> Tensor:
        """Style of one recording: (B, G, 1)."""
        style_BG1: Tensor = self.style(reference.spectrogram_BKF, reference.seen_BF)
        if self.speaker is None:
            return style_BG1
        if reference.speaker_BV is None:
            raise ValueError("this version needs a speaker embedding with every reference")
        fused: Tensor = self.speaker(style_BG1, reference.speaker_BV)
        return fused

    def condition(self, references: Sequence[Reference]) -> VoiceCondition:
        """The mean style of all recordings of a voice."""
        return self.condition_from(torch.stack([self.style_of(one) for one in references]).mean(0))

    def condition_from(self, style_BG1: Tensor) -> VoiceCondition:
        """A condition from a style."""
        narrow = style_BG1 if self.speaker is None else self.speaker.for_encoder(style_BG1)
        return VoiceCondition(style_BG1, narrow)

    def content(self, tokens_Bt: Tensor) -> Tensor:
        """Tokens to content vectors at the latent rate: (B, t) -> (B, S, 2 t)."""
        return self.tokenizer.embed(tokens_Bt).repeat_interleave(2, 2)

    def hidden(self, tokens_Bt: Tensor, phones_BL: Tensor, condition: VoiceCondition) -> Tensor:
        """Encode tokens and phonemes: (B, C, T)."""
        hidden: Tensor = self.encoder(self.content(tokens_Bt), phones_BL, condition.encoder_BE1)
        return hidden

    def decode(
        self,
        tokens_Bt: Tensor,
        phones_BL: Tensor,
        condition: VoiceCondition,
        *,
        speed: float = 1.0,
        noise_scale: float = NOISE_SCALE,
        noise_BCT: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Samples (B, 1, N). Noise is taken as given, or drawn from `generator`."""
        hidden = at_speed(self.hidden(tokens_Bt, phones_BL, condition), speed)
        return self.speak(hidden, condition, noise_scale, noise_BCT, generator)

    def hidden_so_far(
        self, tokens_Bt: Tensor, phones_BL: Tensor, condition: VoiceCondition, *, lookahead: int = 0
    ) -> Tensor:
        """Encode an utterance that is not finished; the last `lookahead` tokens only inform the ones before."""
        encoder = self.encoder
        mixed = encoder.mixer(
            encoder.encode_content(self.content(tokens_Bt)),
            encoder.encode_text(phones_BL),
            condition.encoder_BE1,
        )
        hidden: Tensor = encoder.joint(mixed[:, :, : mixed.shape[2] - 2 * lookahead])
        return hidden

    def decode_chunk(
        self,
        tokens_Bt: Tensor,
        phones_BL: Tensor,
        condition: VoiceCondition,
        state: ChunkState | None,
        *,
        keep: int,
        overlap: int,
        lookahead: int = 0,
        speed: float = 1.0,
        noise_scale: float = NOISE_SCALE,
        noise_BCT: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor, ChunkState]:
        """Samples and hidden frames of the last `keep` of all tokens so far.

        The first frames fade from the previous chunk's last `overlap` tokens; the last `lookahead` tokens
        only inform the encoder and are not spoken. Noise, where given, is that of the kept frames at their speed.
        """
        hidden = self.hidden_so_far(tokens_Bt, phones_BL, condition, lookahead=lookahead)[:, :, -2 * keep :]
        if state is not None:
            hidden = fade_in(hidden, state.overlap_BCT)
        samples = self.speak(at_speed(hidden, speed), condition, noise_scale, noise_BCT, generator)
        return samples, hidden, ChunkState(hidden[:, :, -2 * overlap :])

    def speak(
        self,
        hidden_BCT: Tensor,
        condition: VoiceCondition,
        noise_scale: float = NOISE_SCALE,
        noise_BCT: Tensor | None = None,
        generator: torch.Generator | None = None,
        *,
        wanted: tuple[int, int] | None = None,
    ) -> Tensor:
        """Hidden frames to samples: prior, flow, decoder. Only of the frames from `wanted[0]` to `wanted[1]`, if given."""
        mean, log_deviation = self.encoder.statistics(hidden_BCT)
        prior = mean
        if noise_scale:
            noise = draw(mean, generator) if noise_BCT is None else noise_BCT
            prior = mean + noise * log_deviation.exp() * noise_scale
        latents = self.flow.inverse(prior, condition.style_BG1)
        first, last = wanted or (0, latents.shape[2])
        return self.decoder.between(latents, first, last, condition.style_BG1)


def at_speed(hidden_BCT: Tensor, speed: float) -> Tensor:
    """Stretch hidden frames for a speaking speed: T -> int(T / speed) + 1 frames, unchanged at speed 1."""
    if speed == 1.0:
        return hidden_BCT
    return F.interpolate(hidden_BCT, size=int(hidden_BCT.shape[2] / speed) + 1, mode="linear")


def fade_in(new_BCT: Tensor, old_BCT: Tensor) -> Tensor:
    """Blend the first frames of a chunk out of the last ones before it, with the halves of a sine window."""
    size = old_BCT.shape[2]
    window = torch.sin(torch.arange(2 * size, device=new_BCT.device) * (math.pi / (2 * size))).to(new_BCT)
    blended = new_BCT[:, :, :size] * window[:size] + old_BCT * window[size:]
    return torch.cat([blended, new_BCT[:, :, size:]], 2)


def draw(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Standard normal noise in the shape of a tensor, reproducible on every device from a CPU generator."""
    if generator is None:
        return torch.randn_like(like)
    return torch.randn(like.shape, generator=generator, device=generator.device).to(like)
