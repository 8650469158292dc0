"""Tiny published voices with random weights, and listeners that need no weights: for behaviour, not for sound."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from yinse.engine.audio.features import PROMPT_24K
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.published.models import EndToEndModels, FlowModels
from yinse.engine.models.acoustic.s2 import factory as s2_factory
from yinse.engine.models.acoustic.s2.config import ContentEncoderConfig, S2Config
from yinse.engine.models.acoustic.s2cfm import factory as cfm_factory
from yinse.engine.models.acoustic.s2cfm.config import DitConfig, S2CfmConfig
from yinse.engine.models.semantic.s1 import factory as s1_factory
from yinse.engine.models.semantic.s1.config import S1Config
from yinse.engine.models.vocoder.hifigan import factory as hifigan_factory
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig
from yinse.engine.voice.published.conditioning import Conditioning

CODES = 40
CONTENT = 12
ENCODER = ContentEncoderConfig(
    symbols=732, content_channels=CONTENT, channels=8, hidden=16, mixer_channels=8, mixer_heads=2, dropout=0.0
)
S1 = S1Config(symbols=732, codes=CODES, width=16, heads=2, layers=2, hidden=32)
DECODER = HifiganConfig(
    inputs=8, channels=16, rates=(4, 2), kernels=(8, 4), block_kernels=(3,), condition=8, output_bias=False
)
S2 = S2Config(
    encoder=ENCODER, decoder=DECODER, codes=CODES, reference_bins=32, style=8, latents=8, rate=400,
    posterior_depth=2, flow_depth=2,
)  # fmt: skip
CFM = S2CfmConfig(
    encoder=ENCODER,
    dit=DitConfig(
        condition=8, width=16, depth=1, heads=2, hidden=16, condition_layers=1, condition_hidden=16,
        position_groups=4, time_channels=8, rotary=8,
    ),
    codes=CODES, reference_bins=32, style=8, features=8, smoother_depth=2, prompt_frames=12, chunk_frames=40,
)  # fmt: skip
VOCODER = HifiganConfig(inputs=100, channels=8, rates=(4, 2), kernels=(8, 4), block_kernels=(3,))


def end_to_end(*, pro: bool = False, seed: int = 0) -> EndToEndModels:
    """A voice like v2, or like v2Pro."""
    torch.manual_seed(seed)
    sizes = replace(S2, speaker_vector=6) if pro else S2
    s1 = s1_factory.build(S1).eval().requires_grad_(False)
    s2 = s2_factory.build(sizes).eval().requires_grad_(False)
    return EndToEndModels(s1, s2, "v2", 400, 16, "tiny")


def by_flow(seed: int = 0) -> FlowModels:
    """A voice like v3."""
    torch.manual_seed(seed)
    s1 = s1_factory.build(S1).eval().requires_grad_(False)
    s2 = cfm_factory.build(CFM).eval().requires_grad_(False)
    vocoder = hifigan_factory.build(VOCODER).eval().requires_grad_(False)
    return FlowModels(s1, s2, vocoder, PROMPT_24K, 12, 40, 2, "v2", 750, "tiny")


def listen(samples_T: Tensor) -> Tensor:
    """Content features 50 a second, made of the signal's level."""
    frames = samples_T[: len(samples_T) // 320 * 320].reshape(-1, 320).abs().mean(1)
    return torch.sin(torch.arange(CONTENT)[:, None] * (1 + 40 * frames))[None]


def read(text: str) -> Tensor:
    """A feature vector a character, made of its code."""
    codes = torch.tensor([ord(char) % 97 for char in text])
    return torch.sin(torch.arange(1024)[:, None] * 0.01 * codes)


def hear_speaker(samples_T: Tensor) -> Tensor:
    """A speaker embedding, made of the signal's level."""
    return torch.sin(samples_T.abs().mean() * torch.arange(6))[None]


CONDITIONING = Conditioning(listen, read, hear_speaker)


def recording(seconds: float = 4.0, rate: int = 16000, pitch: float = 140.0) -> Waveform:
    """A buzzing sound with syllables."""
    time = np.arange(int(seconds * rate)) / rate
    envelope = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * time)
    buzz = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 9))
    return Waveform((0.2 * envelope * buzz).astype(np.float32), rate)
