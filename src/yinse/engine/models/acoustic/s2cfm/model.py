"""s2 of v3 and v4: tokens and phonemes to features, features and a mel prompt to mel frames.

Legend: B batch, t tokens (25 Hz), L phonemes, C hidden channels, E feature channels, N feature and mel
frames, M mel bands, G style channels.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.acoustic.s2.model import at_speed
from yinse.engine.models.acoustic.s2cfm.cfm import sample
from yinse.engine.models.acoustic.s2cfm.dit import Dit
from yinse.engine.models.acoustic.s2cfm.state import Continuation
from yinse.engine.models.layers.published.content_encoder import ContentEncoder
from yinse.engine.models.layers.published.style import StyleEncoder
from yinse.engine.models.layers.published.tokenizer import ContentTokenizer
from yinse.engine.models.layers.published.wavenet import WaveNet

Noise = Callable[[tuple[int, ...]], Tensor]
"""Gives standard normal noise of a shape."""


class Smoother(nn.Module):
    """A WaveNet between two projections: (B, E, N) -> (B, E, N)."""

    def __init__(self, channels: int, network: WaveNet) -> None:
        super().__init__()
        self.enter = nn.Conv1d(channels, channels, 1)
        self.network = network
        self.leave = nn.Conv1d(channels, channels, 1)

    def forward(self, x_BEN: Tensor, style_BG1: Tensor, mask_B1N: Tensor | None = None) -> Tensor:
        """Smooth; the mask is 1 on real frames."""
        x_BEN = self.enter(x_BEN) if mask_B1N is None else self.enter(x_BEN) * mask_B1N
        out: Tensor = self.leave(self.network(x_BEN, style_BG1, mask_B1N))
        return out if mask_B1N is None else out * mask_B1N


class S2CfmModel(nn.Module):
    """Tokens and phonemes to mel frames that continue a prompt."""

    def __init__(
        self,
        *,
        tokenizer: ContentTokenizer,
        style: StyleEncoder,
        encoder: ContentEncoder,
        bridge: nn.Conv1d,
        smoother: Smoother,
        mel_head: nn.Conv1d,
        dit: Dit,
        stretch: float,
    ) -> None:
        super().__init__()
        self.tokenizer = tokenizer
        self.style = style
        self.encoder = encoder
        self.bridge = bridge
        self.smoother = smoother
        self.mel_head = mel_head
        """Travels in every file, speaks in none."""
        self.dit = dit
        self.stretch = stretch

    def features(
        self, tokens_Bt: Tensor, phones_BL: Tensor, style_BG1: Tensor, *, speed: float = 1.0
    ) -> Tensor:
        """Feature frames of tokens and phonemes: (B, E, N)."""
        content = self.tokenizer.embed(tokens_Bt).repeat_interleave(2, 2)
        hidden = at_speed(self.encoder(content, phones_BL, style_BG1), speed)
        bridged = F.leaky_relu(self.bridge(hidden), 0.01)
        stretched = F.interpolate(bridged, scale_factor=self.stretch, mode="nearest")
        features: Tensor = self.smoother(stretched, style_BG1)
        return features

    def chunks(
        self,
        features_BEN: Tensor,
        prompt: Continuation,
        *,
        chunk_frames: int,
        steps: int,
        noise: Noise,
        guidance: float = 0.0,
    ) -> Iterator[Tensor]:
        """Normalised mel frames, chunk by chunk; each chunk continues the one before it.

        A run of the flow holds at most `chunk_frames` frames, prompt included.
        """
        length = chunk_frames - prompt.frames
        if length <= 0:
            raise ValueError(f"a prompt of {prompt.frames} frames leaves no room in {chunk_frames}")
        for start in range(0, features_BEN.shape[2], length):
            chunk = features_BEN[:, :, start : start + length]
            mel = self._continue(chunk, prompt, steps, noise, guidance)
            yield mel
            prompt = Continuation(mel[:, :, -prompt.frames :], chunk[:, :, -prompt.frames :])

    def _continue(
        self, chunk_BEN: Tensor, prompt: Continuation, steps: int, noise: Noise, guidance: float
    ) -> Tensor:
        condition = torch.cat([prompt.features_BEP, chunk_BEN], 2)
        shape = (len(chunk_BEN), prompt.mel_BMP.shape[1], condition.shape[2])
        start = noise(shape).to(chunk_BEN)
        result = sample(self.dit, condition, prompt.mel_BMP, start, steps=steps, guidance=guidance)
        return result[:, :, prompt.frames :]
