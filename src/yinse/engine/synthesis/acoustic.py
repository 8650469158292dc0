"""Semantic tokens to samples, piece by piece: condition, prior, decoder, each holding only what it needs.

The pieces depend on the tokens alone, never on when they arrive: streamed or not, the samples are the same.

Legend: D latent channels, H condition channels, F latent frames, T samples.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from yinse.engine.audio.waveform import Samples
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.acoustic.sovits.condition import ConditionState, Voice
from yinse.engine.models.acoustic.sovits.model import PriorState
from yinse.engine.models.vocoder.istft.model import IstftState
from yinse.engine.synthesis.options import SpeechOptions

PIECE_FRAMES: Final = (24, 48, 96)
"""Latent frames of the first, second and later pieces of the diffusion prior: small first, to start soon."""
PREFIX_FRAMES: Final = 40
"""Known latents that a piece of the diffusion prior continues."""
FADE_SAMPLES: Final = 220
"""Samples (5 ms) over which a segment fades in and out: a voice of a noisy recording is not silent at its ends, and would click."""


@dataclass(slots=True)
class AcousticStream:
    """One segment on its way from tokens to samples. Feed `push`, then `finish`; both return samples."""

    models: BaseModels
    voice: Voice
    options: SpeechOptions
    generator: torch.Generator
    _condition: ConditionState | None = None
    _flow: PriorState | None = None
    _decoder: IstftState | None = None
    _hidden_1HF: Tensor | None = None
    _known_1DF: Tensor | None = None
    _pieces: int = 0
    _frames_in: int = 0
    _samples_out: int = 0

    @torch.inference_mode()
    def push(self, tokens: list[int], symbols: list[int]) -> Samples:
        """Feed tokens with the symbol each speaks; returns the samples that are ready, perhaps none."""
        return self._feed(tokens, symbols, last=False)

    @torch.inference_mode()
    def finish(self, tokens: list[int], symbols: list[int]) -> Samples:
        """Feed the last tokens (at least one) and return all samples that are left."""
        return self._feed(tokens, symbols, last=True)

    def _feed(self, tokens: list[int], symbols: list[int], *, last: bool) -> Samples:
        hidden, self._condition = self.models.acoustic.condition.stream(
            torch.tensor([tokens]), torch.tensor([symbols]), self.voice, self._condition, last=last
        )
        hidden = self._at_speed(hidden)
        if self.options.diffusion and self.models.acoustic.diffusion_prior is not None:
            latents = self._diffuse(hidden, last=last)
        else:
            latents, self._flow = self.models.acoustic.flow_prior.stream(
                self._noise(hidden), hidden, self._flow, last=last, temperature=self.options.flow_temperature
            )
        samples, self._decoder = self.models.decoder.stream(latents, self._decoder, last=last)
        clipped: Samples = samples[0].float().clamp(-1.0, 1.0).numpy()
        return self._faded(clipped, last=last)

    def _faded(self, samples_T: Samples, *, last: bool) -> Samples:
        """Fade in what comes first, and out what comes last."""
        gain_T = (
            np.arange(self._samples_out, self._samples_out + len(samples_T), dtype=np.float32) / FADE_SAMPLES
        )
        if last:
            gain_T = np.minimum(gain_T, np.arange(len(samples_T), dtype=np.float32)[::-1] / FADE_SAMPLES)
        self._samples_out += len(samples_T)
        return samples_T * np.minimum(gain_T, np.float32(1))

    def _at_speed(self, hidden_1HF: Tensor) -> Tensor:
        """Drop or repeat condition frames evenly so that speech runs `speed` times as fast."""
        speed = self.options.speed
        begin, end = self._frames_in, self._frames_in + hidden_1HF.shape[2]
        self._frames_in = end
        if speed == 1.0:
            return hidden_1HF
        first, last = (int(np.ceil(edge / speed)) for edge in (begin, end))
        index = (torch.arange(first, last) * speed).floor().long().clamp(begin, end - 1) - begin
        return hidden_1HF[:, :, index]

    def _noise(self, like_1HF: Tensor) -> Tensor:
        """Noise frame by frame, so that its values do not depend on the pieces."""
        channels = self.models.acoustic.config.inter_channels
        rows = torch.randn(like_1HF.shape[2], channels, generator=self.generator)
        return rows.T[None]

    def _diffuse(self, hidden_1HF: Tensor, *, last: bool) -> Tensor:
        """Sample whole pieces; what does not fill one waits, unless nothing follows."""
        held = hidden_1HF if self._hidden_1HF is None else torch.cat([self._hidden_1HF, hidden_1HF], 2)
        done: list[Tensor] = []
        known = 0 if self._known_1DF is None else self._known_1DF.shape[2]
        while held.shape[2] - known >= self._piece() or (last and held.shape[2] > known):
            take = min(self._piece(), held.shape[2] - known)
            latents = self._sample(held[:, :, : known + take])
            done.append(latents[:, :, known:])
            keep = min(PREFIX_FRAMES, latents.shape[2])
            self._known_1DF = latents[:, :, latents.shape[2] - keep :]
            held, known = held[:, :, known + take - keep :], keep
            self._pieces += 1
        self._hidden_1HF = held
        return (
            torch.cat(done, 2)
            if done
            else hidden_1HF.new_zeros(1, self.models.acoustic.config.inter_channels, 0)
        )

    def _piece(self) -> int:
        return PIECE_FRAMES[min(self._pieces, len(PIECE_FRAMES) - 1)]

    def _sample(self, hidden_1HF: Tensor) -> Tensor:
        """Run the diffusion prior over known and new frames, padded to whole patches."""
        prior = self.models.acoustic.diffusion_prior
        assert prior is not None
        frames = hidden_1HF.shape[2]
        spare = -frames % prior.config.patch
        padded = torch.cat([hidden_1HF, hidden_1HF[:, :, -1:].expand(-1, -1, spare)], 2)
        sampled = prior.sample(
            self._noise(padded), padded, self._known_1DF, steps=self.options.diffusion_steps
        )
        return sampled[:, :, :frames]
