"""The base voice's models: built from a bundle's configuration and filled with its weights."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from torch import nn

from yinse.contracts.errors import CorruptFile, NotFound
from yinse.engine.checkpoints.bundle import MANIFEST, Manifest, Prior, load_module, read_manifest, read_part
from yinse.engine.checkpoints.bundled import default_weights as default_weights
from yinse.engine.models.acoustic.codec.config import PosteriorConfig
from yinse.engine.models.acoustic.codec.model import PosteriorEncoder
from yinse.engine.models.acoustic.sovits.config import SovitsConfig
from yinse.engine.models.acoustic.sovits.model import Sovits
from yinse.engine.models.content.phonetic.config import ContentConfig
from yinse.engine.models.content.phonetic.model import ContentEncoder
from yinse.engine.models.semantic.monotonic.config import SemanticConfig
from yinse.engine.models.semantic.monotonic.model import MonotonicGpt
from yinse.engine.models.speaker.ecapa.config import EcapaConfig
from yinse.engine.models.speaker.ecapa.model import EcapaTdnn
from yinse.engine.models.vocoder.istft.config import IstftDecoderConfig
from yinse.engine.models.vocoder.istft.model import IstftDecoder
from yinse.engine.text.inventory import SYMBOLS

FAMILY: Final = "yinse-base"
PARTS: Final[dict[str, tuple[type, type[nn.Module]]]] = {
    "content": (ContentConfig, ContentEncoder),
    "speaker": (EcapaConfig, EcapaTdnn),
    "semantic": (SemanticConfig, MonotonicGpt),
    "acoustic": (SovitsConfig, Sovits),
    "posterior": (PosteriorConfig, PosteriorEncoder),
    "decoder": (IstftDecoderConfig, IstftDecoder),
}


@dataclass(frozen=True, slots=True)
class BaseModels:
    """All parts of the base voice, in evaluation mode, shared by every voice and request."""

    content: ContentEncoder
    speaker: EcapaTdnn
    semantic: MonotonicGpt
    acoustic: Sovits
    posterior: PosteriorEncoder
    decoder: IstftDecoder
    revision: str
    prior: Prior = "diffusion"
    """Which prior speaks where a request names none."""


def symbols_digest() -> str:
    """Digest of the phoneme inventory that weights are bound to."""
    return hashlib.sha256("\n".join(SYMBOLS).encode()).hexdigest()


def build_part(name: str, config: dict[str, Any]) -> nn.Module:
    """A module of the base voice with the sizes a manifest gives; `CorruptFile` if nothing can be built of them."""
    config_type, module_type = PARTS[name]
    try:
        return module_type(TypeAdapter(config_type).validate_python(config))
    except (ValueError, TypeError, ArithmeticError, RuntimeError) as error:
        raise CorruptFile(f"{MANIFEST} is damaged: it gives the part {name} sizes that do not fit") from error


def load_base(folder: Path | None = None, *, verify: bool = True) -> BaseModels:
    """Load every part of the base voice from a bundle."""
    folder = folder or default_weights()
    manifest = read_manifest(folder)
    check_manifest(folder, manifest)
    modules: dict[str, Any] = {}
    for name in PARTS:
        module = build_part(name, manifest.parts[name].config)
        load_module(module, read_part(folder, manifest.parts[name], verify=verify), manifest.parts[name].file)
        modules[name] = module.eval().requires_grad_(False)
    return BaseModels(**modules, revision=manifest.revision, prior=manifest.prior)


def check_manifest(folder: Path, manifest: Manifest) -> None:
    """Refuse bundles of another family, with other symbols, or with parts missing."""
    if manifest.family != FAMILY:
        raise CorruptFile(f"{folder} holds weights of the family {manifest.family}, not {FAMILY}")
    if manifest.symbols_sha256 != symbols_digest():
        raise CorruptFile(f"the weights in {folder} were trained on another phoneme inventory")
    missing = sorted(set(PARTS) - set(manifest.parts))
    if missing:
        raise NotFound(f"the weights in {folder} lack {', '.join(missing)}")
