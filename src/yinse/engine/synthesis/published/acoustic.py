"""Tokens of one sentence to samples, whole or piece by piece, behind one interface for every version.

Legend: B batch (1), C hidden channels, F hidden frames (50 Hz), J output frames at the wanted speed, N samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import torch
from torch import Tensor

from yinse.engine.audio.waveform import Samples
from yinse.engine.checkpoints.published.models import EndToEndModels, FlowModels, PublishedModels
from yinse.engine.models.acoustic.s2.model import at_speed, fade_in
from yinse.engine.models.acoustic.s2.state import VoiceCondition
from yinse.engine.models.acoustic.s2cfm.cfm import denormalise
from yinse.engine.models.acoustic.s2cfm.state import Continuation
from yinse.engine.models.layers.published.windowed import WindowState
from yinse.engine.synthesis.published.options import PublishedOptions
from yinse.engine.voice.published.prompt import PublishedPrompt

CHUNKS: Final = (12, 24, 48)
"""Tokens of the first, second and later pieces: small first, to start soon."""
LOOKAHEAD: Final = 3
"""Tokens that a piece waits for, so that its last sounds know what follows."""
OVERLAP: Final = 4
"""Hidden frames (80 ms) over which pieces fade into one another."""
CONTEXT: Final = 48
"""Output frames before a piece that flow and decoder see again: all that they can see."""


class SentenceStream(Protocol):
    """Feed the tokens of one sentence; samples come back as soon as they are final."""

    def push(self, tokens: list[int]) -> Samples:
        """Feed tokens; returns what is ready, perhaps nothing."""
        ...

    def finish(self) -> Iterator[Samples]:
        """All samples that are left, as they are made."""
        ...


def open_stream(
    models: PublishedModels,
    prompt: PublishedPrompt,
    phones_L: Tensor,
    options: PublishedOptions,
    generator: torch.Generator,
) -> SentenceStream:
    """A stream for one sentence, whatever the version."""
    match models:
        case EndToEndModels():
            return EndToEndStream(models, voice_condition(prompt), phones_L, options, generator)
        case FlowModels():
            return FlowStream(models, prompt, phones_L, options, generator)


def voice_condition(prompt: PublishedPrompt) -> VoiceCondition:
    """The condition that a prompt holds."""
    return VoiceCondition(
        torch.from_numpy(prompt.style_G)[None, :, None], torch.from_numpy(prompt.encoder_G)[None, :, None]
    )


@torch.inference_mode()
def speak_whole(
    models: PublishedModels,
    prompt: PublishedPrompt,
    phones_L: Tensor,
    tokens: list[int],
    options: PublishedOptions,
    generator: torch.Generator,
) -> Samples:
    """Samples of a sentence whose tokens are all known."""
    match models:
        case EndToEndModels():
            condition = voice_condition(prompt)
            hidden = at_speed(
                models.s2.hidden(torch.tensor([tokens]), phones_L[None], condition), options.speed
            )
            noise = _whole_noise(hidden, options, generator)
            return _samples(models.s2.speak(hidden, condition, options.noise_scale, noise))
        case FlowModels():
            stream = FlowStream(models, prompt, phones_L, options, generator)
            return np.concatenate([stream.push(tokens), *stream.finish()])


def _whole_noise(hidden_BCJ: Tensor, options: PublishedOptions, generator: torch.Generator) -> Tensor:
    """Noise for a whole sentence; drawn channel by channel, as published, where that is asked for."""
    if options.compat:
        return torch.randn(hidden_BCJ.shape, generator=generator)
    return frame_noise(hidden_BCJ.shape[2], hidden_BCJ.shape[1], generator)


def frame_noise(frames: int, channels: int, generator: torch.Generator) -> Tensor:
    """Noise drawn frame by frame, so that its values do not depend on the pieces: (1, C, J)."""
    if not frames:
        return torch.zeros(1, channels, 0)
    return torch.stack([torch.randn(channels, generator=generator) for _ in range(frames)], 1)[None]


@dataclass(slots=True)
class EndToEndStream:
    """v1 to v2ProPlus. What has been spoken is kept as hidden frames, so later pieces continue exactly there."""

    models: EndToEndModels
    condition: VoiceCondition
    phones_L: Tensor
    options: PublishedOptions
    generator: torch.Generator
    _tokens: list[int] = field(default_factory=list)
    _pieces: int = 0
    _hidden_BCF: Tensor | None = None
    _noise_BCJ: Tensor | None = None
    _emitted: int = 0
    """Output frames that have left."""
    _held_N: Tensor | None = None
    """Samples of the next frames as the last piece made them, to be faded out."""

    @torch.inference_mode()
    def push(self, tokens: list[int]) -> Samples:
        """Feed tokens; a piece is spoken whenever enough are there."""
        done = []
        for token in tokens:
            self._tokens.append(token)
            if len(self._tokens) - self._decided() >= self._size() + LOOKAHEAD:
                done.append(self._speak(LOOKAHEAD, last=False))
        return np.concatenate(done) if done else np.zeros(0, np.float32)

    @torch.inference_mode()
    def finish(self) -> Iterator[Samples]:
        """Speak the rest."""
        yield self._speak(0, last=True)

    def _decided(self) -> int:
        return 0 if self._hidden_BCF is None else self._hidden_BCF.shape[2] // 2

    def _size(self) -> int:
        return CHUNKS[min(self._pieces, len(CHUNKS) - 1)]

    def _speak(self, lookahead: int, *, last: bool) -> Samples:
        self._pieces += 1
        hidden, decided = self._extend(lookahead)
        end = self._frames(hidden.shape[2], last=last)
        start = max(0, self._emitted - CONTEXT)
        stretched = sample_at(hidden, torch.arange(start, end) * self.options.speed)
        noise = self._noise(end, hidden.shape[1])[:, :, start:end]
        limit = end if last else self._frames(decided, last=False)
        wanted = (self._emitted - start, limit - start)
        samples = self.models.s2.speak(
            stretched, self.condition, self.options.noise_scale, noise, wanted=wanted
        )
        fresh = self._faded(samples[0, 0])
        kept = limit if last else max(self._emitted, limit - self._overlap())
        cut = (kept - self._emitted) * (self.models.samples_per_token // 2)
        self._held_N, self._emitted = fresh[cut:], kept
        return _samples(fresh[:cut])

    def _extend(self, lookahead: int) -> tuple[Tensor, int]:
        """Hidden frames, and how many of them are decided; the others only let the decoder see ahead.

        Frames that were spoken stay as they were, the last of them fading into new ones.
        """
        hidden: Tensor = self.models.s2.hidden(
            torch.tensor([self._tokens]), self.phones_L[None], self.condition
        )
        old = self._hidden_BCF
        if old is not None:
            kept = old.shape[2] - OVERLAP
            hidden = torch.cat([old[:, :, :kept], fade_in(hidden[:, :, kept:], old[:, :, kept:])], 2)
        decided = hidden.shape[2] - 2 * lookahead
        self._hidden_BCF = hidden[:, :, :decided]
        return hidden, decided

    def _frames(self, hidden: int, *, last: bool) -> int:
        """Output frames that so many hidden frames give."""
        if self.options.speed == 1.0:
            return hidden
        return int(hidden / self.options.speed) + 1 if last else int((hidden - 1) / self.options.speed)

    def _overlap(self) -> int:
        return round(OVERLAP / self.options.speed)

    def _noise(self, frames: int, channels: int) -> Tensor:
        known = 0 if self._noise_BCJ is None else self._noise_BCJ.shape[2]
        new = frame_noise(max(0, frames - known), channels, self.generator)
        self._noise_BCJ = new if self._noise_BCJ is None else torch.cat([self._noise_BCJ, new], 2)
        return self._noise_BCJ

    def _faded(self, fresh_N: Tensor) -> Tensor:
        held = self._held_N
        if held is None or not len(held):
            return fresh_N
        size = min(len(held), len(fresh_N))
        rising = torch.hann_window(2 * size, periodic=False)[:size]
        return torch.cat([held[:size] * (1 - rising) + fresh_N[:size] * rising, fresh_N[size:]])


def sample_at(hidden_BCF: Tensor, positions_J: Tensor) -> Tensor:
    """Hidden frames at fractional places, linear between neighbours, the last one beyond the end."""
    left = positions_J.floor().long().clamp_max(hidden_BCF.shape[2] - 1)
    right = (left + 1).clamp_max(hidden_BCF.shape[2] - 1)
    share = (positions_J - left).clamp(0, 1)
    return hidden_BCF[:, :, left] * (1 - share) + hidden_BCF[:, :, right] * share


@dataclass(slots=True)
class FlowStream:
    """v3 and v4: the flow wants whole sentences, but its chunks (about 5 s) leave as they are made."""

    models: FlowModels
    prompt: PublishedPrompt
    phones_L: Tensor
    options: PublishedOptions
    generator: torch.Generator
    _tokens: list[int] = field(default_factory=list)

    def push(self, tokens: list[int]) -> Samples:
        """Feed tokens; nothing is ready before the last."""
        self._tokens += tokens
        return np.zeros(0, np.float32)

    @torch.inference_mode()
    def finish(self) -> Iterator[Samples]:
        """Run the flow chunk by chunk; the vocoder follows each chunk as far as it can see."""
        state: WindowState | None = None
        style = torch.from_numpy(self.prompt.style_G)[None, :, None]
        features = self.models.s2.features(
            torch.tensor([self._tokens]), self.phones_L[None], style, speed=self.options.speed
        )
        left = features.shape[2]
        for mel in self._chunks(features):
            left -= mel.shape[2]
            samples, state = self.models.vocoder.stream(denormalise(mel), state, last=left == 0)
            yield _samples(samples)

    def _chunks(self, features: Tensor) -> Iterator[Tensor]:
        """Normalised mel frames of the sentence, each chunk continuing the one before."""
        start = Continuation(
            torch.from_numpy(self.prompt.mel_MF)[None], torch.from_numpy(self.prompt.context_CF)[None]
        )
        return self.models.s2.chunks(
            features,
            start,
            chunk_frames=self.models.chunk_frames,
            steps=self.options.steps or self.models.steps,
            noise=lambda shape: torch.randn(shape, generator=self.generator),
            guidance=self.options.guidance,
        )


def _samples(tensor: Tensor) -> Samples:
    samples: Samples = tensor.flatten().float().clamp(-1.0, 1.0).numpy()
    return samples
