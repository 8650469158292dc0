"""One prepared utterance: phonemes, text features, tokens, samples, and the speaker embedding where it is needed.

Legend: L phonemes, E text features, T tokens (25 Hz), N samples (32 kHz), V speaker embedding.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from yinse.contracts.errors import CorruptFile
from yinse.engine.audio.files import write_atomic

RATE: Final = 32000
TOKENS_PER_SECOND: Final = 25
SUFFIX: Final = ".safetensors"
SOURCE: Final = "source"
_SCALE: Final = 32767.0


@dataclass(frozen=True, slots=True)
class Item:
    """What training sees of one recording."""

    name: str
    phones_L: Tensor
    features_EL: Tensor
    tokens_T: Tensor
    samples_N: Tensor
    speaker_V: Tensor | None = None

    @property
    def seconds(self) -> float:
        """Duration of the recording."""
        return len(self.samples_N) / RATE


def save_item(item: Item, folder: Path, source: str = "") -> None:
    """Write one item, and of what it was made; its file appears whole or not at all."""
    tensors = {
        "phones": item.phones_L,
        "features": item.features_EL.half(),
        "tokens": item.tokens_T,
        "samples": (item.samples_N.clamp(-1, 1) * _SCALE).round().short(),
    }
    if item.speaker_V is not None:
        tensors["speaker"] = item.speaker_V
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(
        folder / (item.name + SUFFIX),
        save({key: t.contiguous() for key, t in tensors.items()}, {SOURCE: source}),
    )


def source_of(path: Path) -> str | None:
    """Of what an item was made; None where there is no item, or none that can be read."""
    try:
        with safe_open(path, "pt") as file:
            return (file.metadata() or {}).get(SOURCE)
    except (SafetensorError, OSError):
        return None


def load_item(path: Path) -> Item:
    """Read one item. Raises `CorruptFile`."""
    try:
        held = load_file(path)
        return Item(
            path.name.removesuffix(SUFFIX),
            held["phones"],
            held["features"].float(),
            held["tokens"],
            held["samples"].float() / _SCALE,
            held.get("speaker"),
        )
    except (SafetensorError, KeyError, OSError) as error:
        raise CorruptFile(f"{path} is damaged; delete it and prepare the data again.") from error


def padded(rows: list[Tensor]) -> Tensor:
    """Stack tensors whose last dimension differs, zeros behind the shorter ones."""
    longest = max(row.shape[-1] for row in rows)
    return torch.stack([torch.nn.functional.pad(row, (0, longest - row.shape[-1])) for row in rows])
