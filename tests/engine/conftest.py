"""A base voice small enough to build in a blink, with random weights: it speaks noise, but by every rule."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest
import torch

from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.acoustic.codec.config import PosteriorConfig
from yinse.engine.models.acoustic.codec.model import PosteriorEncoder
from yinse.engine.models.acoustic.sovits.config import DiffusionConfig, FlowConfig, SovitsConfig
from yinse.engine.models.acoustic.sovits.model import Sovits
from yinse.engine.models.content.phonetic.config import ContentConfig
from yinse.engine.models.content.phonetic.model import ContentEncoder
from yinse.engine.models.semantic.monotonic.config import SemanticConfig
from yinse.engine.models.semantic.monotonic.model import MonotonicGpt
from yinse.engine.models.speaker.ecapa.config import EcapaConfig
from yinse.engine.models.speaker.ecapa.model import EcapaTdnn
from yinse.engine.models.vocoder.istft.config import IstftDecoderConfig
from yinse.engine.models.vocoder.istft.model import IstftDecoder
from yinse.engine.text.inventory import SYMBOL_IDS, SYMBOLS
from yinse.engine.voice.prompt import PromptUtterance, VoicePrompt

M = TypeVar("M", bound=torch.nn.Module)
LATENTS, SPEAKER = 16, 12
TINY_CONFIGS = {
    "content": ContentConfig(
        len(SYMBOLS), channels=16, hidden=16, heads=2, stem_depth=1, lower_depth=1, upper_depth=1
    ),
    "speaker": EcapaConfig(channels=16, pooled=16, attention=8, squeeze=8, embedding=SPEAKER),
    "semantic": SemanticConfig(
        len(SYMBOLS), channels=16, hidden=16, heads=2, encoder_depth=1, decoder_depth=2
    ),
    "acoustic": SovitsConfig(
        len(SYMBOLS),
        hop=441,
        inter_channels=LATENTS,
        hidden_channels=16,
        hidden=16,
        token_channels=16,
        token_hidden=16,
        token_depth=2,
        frame_depth=1,
        heads=2,
        speaker=SPEAKER,
        flow=FlowConfig(steps=2, channels=16, hidden=16, depth=1),
        diffusion=DiffusionConfig(channels=16, heads=2, depth=1, hidden=16, patch=2),
    ),
    "posterior": PosteriorConfig(inter_channels=LATENTS, channels=16, hidden=16, depth=1),
    "decoder": IstftDecoderConfig(latent_channels=LATENTS, channels=16, hidden=16, depth=2),
}


def _shaken(module: M) -> M:
    """Random weights where the model starts from zero, so that no path is silent."""
    with torch.no_grad():
        for parameter in module.parameters():
            if not parameter.any():
                parameter.normal_(std=0.05)
    return module.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def tiny_models() -> BaseModels:
    """All parts of the base voice, tiny and random."""
    torch.manual_seed(0)
    configs = TINY_CONFIGS
    return BaseModels(
        content=_shaken(ContentEncoder(configs["content"])),
        speaker=_shaken(EcapaTdnn(configs["speaker"])),
        semantic=_shaken(MonotonicGpt(configs["semantic"])),
        acoustic=_shaken(Sovits(configs["acoustic"])),
        posterior=_shaken(PosteriorEncoder(configs["posterior"])),
        decoder=_shaken(IstftDecoder(configs["decoder"])),
        revision="tiny",
    )


@pytest.fixture(scope="session")
def make_prompt() -> Callable[[int], VoicePrompt]:
    """A made-up voice of 30 reference tokens for every seed."""

    def make(seed: int) -> VoicePrompt:
        random = np.random.default_rng(seed)
        symbols = [SYMBOL_IDS[s] for s in ("<sp>", "zh/n", "zh/i3", "zh/h", "zh/ao3", ".")]
        pointer = np.sort(random.integers(0, len(symbols), 12))
        speaker = random.standard_normal(SPEAKER).astype(np.float32)
        utterance = PromptUtterance(
            tuple(symbols), tuple(pointer.tolist()), tuple(random.integers(0, 1000, 12).tolist()), "zh"
        )
        return VoicePrompt(
            speaker / np.linalg.norm(speaker),
            random.integers(0, 1000, 30).astype(np.int16),
            random.integers(0, len(SYMBOLS), 30).astype(np.int16),
            random.standard_normal((120, LATENTS)).astype(np.float16),
            (utterance,),
            "tiny",
        )

    return make


@pytest.fixture
def prompt(make_prompt: Callable[[int], VoicePrompt]) -> VoicePrompt:
    """One made-up voice."""
    return make_prompt(1)


@pytest.fixture
def babble() -> Waveform:
    """Three seconds of harmonics whose pitch and loudness move like speech, at 44.1 kHz."""
    time = np.arange(3 * 44100) / 44100
    phase = 2 * np.pi * np.cumsum(140 + 30 * np.sin(2 * np.pi * 0.7 * time)) / 44100
    tone = sum(np.sin(k * phase) / k for k in range(1, 12)) * (0.55 + 0.45 * np.sin(2 * np.pi * 3 * time))
    return Waveform((0.2 * tone).astype(np.float32), 44100)
