"""All models of one published voice, in evaluation mode, shared by every request."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

from yinse.contracts.errors import CorruptFile, InvalidInput
from yinse.engine.audio.features import PROMPT_24K, PROMPT_32K
from yinse.engine.audio.mel import MelConfig
from yinse.engine.checkpoints.published import checkpoint as checkpoints
from yinse.engine.checkpoints.published.bundle import Bundle, Part
from yinse.engine.checkpoints.published.checkpoint import Kind
from yinse.engine.checkpoints.published.convert import hearing_model, load_model, outline_model
from yinse.engine.models.acoustic.s2.model import S2Model
from yinse.engine.models.acoustic.s2cfm import config as cfm_config
from yinse.engine.models.acoustic.s2cfm.model import S2CfmModel
from yinse.engine.models.layers.published.renames import Renames
from yinse.engine.models.layers.published.weight_norm import fold
from yinse.engine.models.layers.published.windowed import WindowState
from yinse.engine.models.semantic.s1.model import S1Model
from yinse.engine.models.speaker.eres2netv2 import config as eres_config
from yinse.engine.models.speaker.eres2netv2 import factory as eres_factory
from yinse.engine.models.speaker.eres2netv2 import legacy as eres_legacy
from yinse.engine.models.speaker.eres2netv2.model import Eres2NetV2
from yinse.engine.models.vocoder.bigvgan import config as bigvgan_config
from yinse.engine.models.vocoder.bigvgan import factory as bigvgan_factory
from yinse.engine.models.vocoder.bigvgan import legacy as bigvgan_legacy
from yinse.engine.models.vocoder.bigvgan.model import BigvganGenerator
from yinse.engine.models.vocoder.hifigan import config as hifigan_config
from yinse.engine.models.vocoder.hifigan import factory as hifigan_factory
from yinse.engine.models.vocoder.hifigan import legacy as hifigan_legacy
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator

Model = TypeVar("Model", bound=nn.Module)


class Vocoder(Protocol):
    """Log mel (1, M, F) to samples (1, 1, F * hop), whole or piece by piece."""

    def __call__(self, mel_BMF: Tensor, /) -> Tensor:
        """Whole."""
        ...

    def stream(
        self, mel_BMF: Tensor, state: WindowState | None, /, *, last: bool
    ) -> tuple[Tensor, WindowState]:
        """A piece; concatenated, the samples equal those of the whole."""
        ...


@dataclass(frozen=True, slots=True)
class EndToEndModels:
    """A voice of v1 to v2ProPlus: s2 speaks by itself."""

    s1: S1Model
    s2: S2Model
    symbols: str
    rate: int
    samples_per_token: int
    revision: str

    @property
    def wants_speaker(self) -> bool:
        """Whether every reference needs a speaker embedding."""
        return self.s2.speaker is not None


@dataclass(frozen=True, slots=True)
class FlowModels:
    """A voice of v3 or v4: s2 makes a mel spectrogram that a vocoder speaks."""

    s1: S1Model
    s2: S2CfmModel
    vocoder: Vocoder
    mel: MelConfig
    prompt_frames: int
    chunk_frames: int
    steps: int
    """Steps of the flow unless others are asked for."""
    symbols: str
    rate: int
    revision: str

    @property
    def wants_speaker(self) -> bool:
        """Never: these versions hear the reference's spectrogram alone."""
        return False


PublishedModels = EndToEndModels | FlowModels


@dataclass(frozen=True, slots=True)
class FlowExtras:
    """What v3 and v4 need beside the bundle: a vocoder, and for adapters the base they were trained on."""

    vocoder: Vocoder
    base: Part | None = None


def load_models(
    bundle: Bundle, extras: FlowExtras | None = None, *, speaking: bool = True
) -> PublishedModels:
    """Models of a bundle that speak, or only encode references and have no numbers for anything else.

    Raises `InvalidInput` where v3 or v4 lack their vocoder or base.
    """
    s1 = load_model(bundle.parts[Kind.S1]) if speaking else outline_model(bundle.parts[Kind.S1])
    part, base = bundle.parts[Kind.S2], extras.base if extras else None
    s2 = load_model(part, base=base) if speaking else hearing_model(part, base=base)
    revision = "+".join(sorted(one.manifest.sha256[:16] for one in bundle.parts.values()))
    if not isinstance(s1, S1Model):
        raise CorruptFile("The s1 part of the bundle is of another kind.")
    if isinstance(s2, S2Model):
        rate = int(part.manifest.sizes["rate"])
        hop = 2 * s2.decoder.hop
        return EndToEndModels(s1, s2, part.identity.symbols, rate, hop, revision)
    if not isinstance(s2, S2CfmModel):
        raise CorruptFile("The s2 part of the bundle is of another kind.")
    if extras is None:
        raise InvalidInput(
            f"{part.manifest.version} needs its vocoder (yinse weights pull {part.manifest.version}).",
            code="vocoder_missing",
        )
    return flow_models(s1, s2, part.manifest.version, extras.vocoder, revision)


def flow_models(s1: S1Model, s2: S2CfmModel, version: str, vocoder: Vocoder, revision: str) -> FlowModels:
    """Put the models of a v3 or v4 voice together."""
    sizes = cfm_config.PRESETS[version]()
    mel, rate, steps = {"v3": (PROMPT_24K, 24000, 32), "v4": (PROMPT_32K, 48000, 8)}[version]
    return FlowModels(
        s1, s2, vocoder, mel, sizes.prompt_frames, sizes.chunk_frames, steps, "v2", rate, revision
    )


def load_vocoder(version: str, path: Path) -> Vocoder:
    """The vocoder of v3 (BigVGAN) or v4 from its published file."""
    if version == "v3":
        state = checkpoints.read_state(path, "generator")
        return _filled(outline_vocoder(version), bigvgan_legacy.renames(bigvgan_config.v3()), state)
    state = checkpoints.read_state(path)
    return _filled(outline_vocoder(version), hifigan_legacy.renames(hifigan_config.v4()), state)


def outline_vocoder(version: str) -> BigvganGenerator | HifiganGenerator:
    """The vocoder of v3 or v4 before it has weights: it takes no memory and cannot be run."""
    with torch.device("meta"):
        if version == "v3":
            return bigvgan_factory.build(bigvgan_config.v3()).eval()
        return hifigan_factory.build(hifigan_config.v4()).eval()


def load_speaker(path: Path) -> Eres2NetV2:
    """ERes2NetV2 from its published file."""
    with torch.device("meta"):
        model = eres_factory.build(eres_config.w24s4ep4())
    return _filled(model, eres_legacy.RENAMES, checkpoints.read_state(path))


def _filled(model: Model, renames: Renames, state: Mapping[str, Tensor]) -> Model:
    ours = fold(renames.import_(state))
    try:
        model.load_state_dict(
            {name: t.float() if t.is_floating_point() else t for name, t in ours.items()}, assign=True
        )
    except RuntimeError as error:
        raise InvalidInput(f"The file does not hold this model: {error}", code="wrong_shape") from error
    return model.eval().requires_grad_(False)
