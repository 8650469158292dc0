"""Models of the published family for `benchmarks.family.gpu`: the real sizes, and tiny ones of the same make."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor, nn

from yinse.engine.models.acoustic.s2 import config as s2_config
from yinse.engine.models.acoustic.s2 import factory as s2_factory
from yinse.engine.models.acoustic.s2.model import S2Model
from yinse.engine.models.acoustic.s2.state import VoiceCondition
from yinse.engine.models.acoustic.s2cfm import config as cfm_config
from yinse.engine.models.acoustic.s2cfm import factory as cfm_factory
from yinse.engine.models.acoustic.s2cfm.cfm import denormalise
from yinse.engine.models.acoustic.s2cfm.model import S2CfmModel
from yinse.engine.models.acoustic.s2cfm.state import Continuation
from yinse.engine.models.semantic.s1 import config as s1_config
from yinse.engine.models.semantic.s1 import factory as s1_factory
from yinse.engine.models.semantic.s1.model import S1Model
from yinse.engine.models.semantic.s1.state import S1Input
from yinse.engine.models.vocoder.bigvgan import config as bigvgan_config
from yinse.engine.models.vocoder.bigvgan import factory as bigvgan_factory
from yinse.engine.models.vocoder.hifigan import config as hifigan_config
from yinse.engine.models.vocoder.hifigan import factory as hifigan_factory

Model = TypeVar("Model", bound=nn.Module)

PHONES, PROMPT = 60, 125
"""A sentence of five seconds after a reference of five seconds."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The models of one run."""

    s1: s1_config.S1Config
    s2: dict[str, s2_config.S2Config]
    flow: dict[str, cfm_config.S2CfmConfig]
    vocoders: dict[str, bigvgan_config.BigvganConfig | hifigan_config.HifiganConfig]
    speech: int = 124
    """Tokens spoken, 4.96 s: what fits into one run of the flow of v3 beside the longest prompt."""

    @property
    def seconds(self) -> float:
        """Length of what is spoken."""
        return self.speech / 25


def real() -> Sizes:
    """As published."""
    return Sizes(
        s1_config.v2(),
        {name: s2_config.PRESETS[name]() for name in ("v2", "v2Pro")},
        {name: preset() for name, preset in cfm_config.PRESETS.items()},
        {"v3": bigvgan_config.v3(), "v4": hifigan_config.v4()},
    )


def tiny() -> Sizes:
    """Of the same make, small enough for a test."""
    second, third = s2_config.v2(), cfm_config.v3()
    encoder = replace(
        second.encoder, content_channels=12, channels=8, hidden=16, mixer_channels=8, mixer_heads=2
    )
    decoder = replace(
        second.decoder, inputs=8, channels=16, rates=(4, 2), kernels=(8, 4), block_kernels=(3,), condition=8
    )
    small = replace(second, encoder=encoder, decoder=decoder, style=8, latents=8)
    dit = replace(
        third.dit, condition=8, width=32, depth=1, heads=2, hidden=16, condition_layers=1,
        condition_hidden=16, time_channels=8, rotary=8,
    )  # fmt: skip
    return Sizes(
        replace(s1_config.v2(), width=16, heads=2, layers=2, hidden=32),
        {"v2": small, "v2Pro": replace(small, speaker_vector=6)},
        {
            name: replace(
                preset(),
                encoder=encoder,
                dit=dit,
                style=8,
                features=8,
                smoother_depth=2,
                prompt_frames=20,
                chunk_frames=60,
            )
            for name, preset in cfm_config.PRESETS.items()
        },
        {
            "v3": replace(bigvgan_config.v3(), channels=8, rates=(4, 2), kernels=(8, 4), block_kernels=(3,)),
            "v4": replace(hifigan_config.v4(), channels=8, rates=(4, 2), kernels=(8, 4), block_kernels=(3,)),
        },
        speech=10,
    )


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes models and inputs on one device in one precision, the same every time."""

    sizes: Sizes
    device: torch.device
    dtype: torch.dtype

    def s1(self) -> S1Model:
        """Text to tokens."""
        return self._settled(lambda: s1_factory.build(self.sizes.s1))

    def utterance(self, row: int) -> S1Input:
        """Phonemes, features and a prompt."""
        return S1Input(
            self.whole(PHONES, seed=row, below=700),
            self.random(1024, PHONES, seed=row),
            self.whole(PROMPT, seed=100 + row, below=1024),
        )

    def voice(self, version: str) -> "EndToEndVoice":
        """s2 of a version up to v2ProPlus."""
        config = self.sizes.s2[version]
        model = self._settled(lambda: s2_factory.build(config))
        condition = model.condition_from(self.random(1, config.style, 1, seed=1))
        return EndToEndVoice(model, condition, *self._spoken(config.codes))

    def flow_voice(self, version: str) -> "FlowVoice":
        """s2 and vocoder of v3 or v4, after the longest prompt."""
        config = self.sizes.flow[version]
        frames = config.prompt_frames
        prompt = Continuation(
            self.random(1, config.dit.bands, frames, seed=4).clamp(-1, 1),
            self.random(1, config.features, frames, seed=5),
        )
        style = self.random(1, config.style, 1, seed=1)
        model = self._settled(lambda: cfm_factory.build(config))
        vocoder = self._settled(lambda: _vocoder(self.sizes.vocoders[version]))
        return FlowVoice(model, vocoder, style, prompt, config.chunk_frames, *self._spoken(config.codes))

    def whole(self, *shape: int, seed: int, below: int) -> Tensor:
        """Whole numbers from 0."""
        generator = torch.Generator("cpu").manual_seed(seed)
        return torch.randint(0, below, shape, generator=generator).to(self.device)

    def random(self, *shape: int, seed: int) -> Tensor:
        """Standard normal numbers."""
        generator = torch.Generator("cpu").manual_seed(seed)
        return torch.randn(shape, generator=generator).to(self.device, self.dtype)

    def _spoken(self, codes: int) -> tuple[Tensor, Tensor]:
        return self.whole(1, self.sizes.speech, seed=2, below=codes), self.whole(
            1, PHONES // 2, seed=3, below=300
        )

    def _settled(self, build: Callable[[], Model]) -> Model:
        """For inference, made where it will run, with weights whose outputs are about as large as their inputs."""
        torch.manual_seed(0)
        with self.device:
            model = build().to(self.device)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.ndim > 1:
                    parameter.normal_(0.0, parameter[0].numel() ** -0.5)
        return model.eval().requires_grad_(False).to(self.dtype)


@dataclass(frozen=True, slots=True)
class EndToEndVoice:
    """Tokens to samples."""

    model: S2Model
    condition: VoiceCondition
    tokens_1t: Tensor
    phones_1L: Tensor

    def speak(self, noise_scale: float = 0.5) -> Tensor:
        """Samples (1, 1, N)."""
        return self.model.decode(self.tokens_1t, self.phones_1L, self.condition, noise_scale=noise_scale)


@dataclass(frozen=True, slots=True)
class FlowVoice:
    """Tokens to mel frames to samples."""

    model: S2CfmModel
    vocoder: nn.Module
    style_1G1: Tensor
    prompt: Continuation
    chunk_frames: int
    tokens_1t: Tensor
    phones_1L: Tensor

    def speak(self, steps: int) -> Tensor:
        """Samples (1, 1, N)."""
        samples: Tensor = self.vocoder(self.mel(steps))
        return samples

    def mel(self, steps: int) -> Tensor:
        """Log mel frames (1, M, N)."""
        features = self.model.features(self.tokens_1t, self.phones_1L, self.style_1G1)
        chunks = self.model.chunks(
            features, self.prompt, chunk_frames=self.chunk_frames, steps=steps, noise=self._noise
        )
        return denormalise(torch.cat(list(chunks), 2))

    def _noise(self, shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, device=self.style_1G1.device)


def _vocoder(config: bigvgan_config.BigvganConfig | hifigan_config.HifiganConfig) -> nn.Module:
    if isinstance(config, bigvgan_config.BigvganConfig):
        return bigvgan_factory.build(config)
    return hifigan_factory.build(config)
