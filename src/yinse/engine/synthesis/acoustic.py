"""Semantic tokens to samples, piece by piece: condition, prior, decoder, each holding only what it needs.

The pieces depend on the tokens alone, never on when they arrive: streamed or not, the samples are the same.

Legend: D latent channels, H condition channels, F latent frames, T samples.
"""

from dataclasses import dataclass, field
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
DIFFUSED_FROM: Final = 0.6
"""Diffusion time from which the diffusion prior goes on with what the flow prior drew; see docs/adr/0155."""
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
    _diffusing: torch.Generator = field(init=False)
    _hidden_1HF: Tensor | None = None
    _draft_1DF: Tensor | None = None
    _known_1DF: Tensor | None = None
    _pieces: int = 0
    _frames_in: int = 0
    _samples_out: int = 0

    def __post_init__(self) -> None:
        # Of its own, since the flow's noise is drawn as tokens arrive, and that of the diffusion by the piece.
        self._diffusing = torch.Generator()
        if self.options.diffusion:
            self._diffusing.manual_seed(int(torch.randint(2**62, (), generator=self.generator)))

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
        latents, self._flow = self.models.acoustic.flow_prior.stream(
            self._noise(hidden, self.generator),
            hidden,
            self._flow,
            last=last,
            temperature=self.options.flow_temperature,
        )
        if self.options.diffusion and self.models.acoustic.diffusion_prior is not None:
            latents = self._diffuse(hidden, latents, last=last)
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
        spoken = np.arange(int(begin / speed), int(end / speed) + 2)
        # One rule for all frames, whatever piece they come in: a quotient at an edge would be rounded in its own way.
        source = np.floor(spoken * speed).astype(np.int64)
        index = source[(source >= begin) & (source < end)] - begin
        return hidden_1HF[:, :, torch.from_numpy(index)]

    def _noise(self, like_1XF: Tensor, generator: torch.Generator) -> Tensor:
        """Noise frame by frame, so that its values do not depend on the pieces."""
        channels = self.models.acoustic.config.inter_channels
        rows = torch.randn(like_1XF.shape[2], channels, generator=generator)
        return rows.T[None]

    def _diffuse(self, hidden_1HF: Tensor, draft_1DF: Tensor, *, last: bool) -> Tensor:
        """Sample whole pieces over what the flow drew, which lags behind `hidden_1HF`; what does not fill one waits, unless
        nothing follows.
        """
        held = hidden_1HF if self._hidden_1HF is None else torch.cat([self._hidden_1HF, hidden_1HF], 2)
        draft = draft_1DF if self._draft_1DF is None else torch.cat([self._draft_1DF, draft_1DF], 2)
        done = [draft[:, :, :0]]
        known = 0 if self._known_1DF is None else self._known_1DF.shape[2]
        while draft.shape[2] - known >= self._piece() or (last and draft.shape[2] > known):
            end = known + min(self._piece(), draft.shape[2] - known)
            latents = self._sample(held[:, :, :end], draft[:, :, :end])
            done.append(latents[:, :, known:])
            known = min(PREFIX_FRAMES, end)
            self._known_1DF = latents[:, :, end - known :]
            held, draft = held[:, :, end - known :], draft[:, :, end - known :]
            self._pieces += 1
        self._hidden_1HF, self._draft_1DF = held, draft
        return torch.cat(done, 2)

    def _piece(self) -> int:
        return PIECE_FRAMES[min(self._pieces, len(PIECE_FRAMES) - 1)]

    def _sample(self, hidden_1HF: Tensor, draft_1DF: Tensor) -> Tensor:
        """Run the diffusion prior over known and new frames, padded to whole patches."""
        prior = self.models.acoustic.diffusion_prior
        assert prior is not None
        frames = hidden_1HF.shape[2]
        spare = -frames % prior.config.patch
        hidden, draft = (
            torch.cat([part, part[:, :, -1:].expand(-1, -1, spare)], 2) for part in (hidden_1HF, draft_1DF)
        )
        sampled = prior.sample(
            self._noise(hidden, self._diffusing) * self.options.flow_temperature,
            hidden,
            self._known_1DF,
            steps=self.options.diffusion_steps,
            draft_BDF=draft,
            begin=DIFFUSED_FROM,
        )
        return sampled[:, :, :frames]
