"""From an official file to a model that can be trained, and from what was trained to a published file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from torch import Tensor, nn

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published import checkpoint as checkpoints
from yinse.engine.checkpoints.published.bundle import Part
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.convert import to_part
from yinse.engine.checkpoints.published.families import (
    POSTERIOR,
    TOKENIZER,
    Family,
    family_of,
    layout,
    missing,
    partial_model,
)
from yinse.engine.models.acoustic.s2cfm.legacy import LORA_RENAMES
from yinse.engine.models.layers.published.tokenizer import ContentTokenizer

HEADERS: Final = {"v2Pro": "05", "v2ProPlus": "06"}
"""First two bytes of fine-tuned files; those of the others are a zip's own."""
LORA_HEADERS: Final = {"v3": "03", "v4": "04"}


@dataclass(frozen=True, slots=True)
class Base:
    """An official file, recognised."""

    part: Part
    family: Family

    @property
    def version(self) -> str:
        """Its version."""
        return self.part.manifest.version

    def require_trainable(self) -> None:
        """Raise `InvalidInput` where the file lacks what only training needs."""
        if any(name.startswith(POSTERIOR) and name not in self.part.tensors for name in layout(self.family)):
            raise InvalidInput(
                "This s2 file cannot be trained: it was exported to speak, without what training needs. "
                "Begin from the official s2G file.",
                code="not_trainable",
            )

    def model(self) -> nn.Module:
        """The model for training, with the file's weights. Raises `InvalidInput` where some are absent."""
        self.require_trainable()
        model = self.family.build(True)
        model.load_state_dict({name: tensor.float() for name, tensor in self.part.tensors.items()})
        return model

    def tokenizer(self) -> ContentTokenizer:
        """What makes tokens of speech, alone."""
        model = partial_model(self.family, self.part.tensors, [TOKENIZER])
        tokenizer = model.get_submodule(TOKENIZER)
        if not isinstance(tokenizer, ContentTokenizer):
            raise TypeError(f"{type(tokenizer).__name__} is no tokenizer")
        return tokenizer


def load_base(path: Path, kind: Kind, version: str) -> Base:
    """Read an official file. Raises `NotFound`, `CorruptFile`; `InvalidInput` where it is another or not whole."""
    checkpoint = checkpoints.read(path)
    if checkpoint.kind is not kind:
        raise InvalidInput(
            f"'{path.name}' is {checkpoint.kind}, but {kind} is to be trained.", code="wrong_base"
        )
    part = to_part(checkpoint, version=version if kind is Kind.S2 else None, digested=False)
    identity, family = part.identity, family_of(part.identity, part.manifest.settings)
    if identity.lora or (kind is Kind.S2 and identity.version != version):
        found = f"{identity.version}{' adapter' if identity.lora else ''}"
        raise InvalidInput(f"'{path.name}' is {found}; the full {version} file is needed.", code="wrong_base")
    if absent := missing(identity, family, part.tensors):
        raise InvalidInput(
            f"'{path.name}' is incomplete: '{absent[0]}' is absent.", code="incomplete_checkpoint"
        )
    return Base(part, family)


def exported(base: Base, tensors: Mapping[str, Tensor], info: str) -> Checkpoint:
    """The published file of trained tensors under our names; what only training needs is left out."""
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith(POSTERIOR)}
    manifest = base.part.manifest
    header = HEADERS.get(base.version, "PK") if manifest.kind is Kind.S2 else "PK"
    return Checkpoint(
        manifest.kind, halved(base.family.renames.export(kept)), manifest.settings, info, header
    )


def exported_adapter(base: Base, tensors: Mapping[str, Tensor], info: str, rank: int) -> Checkpoint:
    """The published LoRA file of an adapter and the parts that were trained beside it."""
    settings = base.part.manifest.settings
    model = {**settings.get("model", {}), "version": base.version, "lora_rank": rank}
    return Checkpoint(
        Kind.S2,
        halved(LORA_RENAMES.export(tensors)),
        {**settings, "model": model},
        info,
        LORA_HEADERS[base.version],
        rank,
    )


def halved(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """As published files hold them: half precision, on the CPU."""
    return {name: tensor.detach().cpu().half().contiguous() for name, tensor in tensors.items()}
