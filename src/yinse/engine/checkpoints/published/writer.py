"""Write the published containers back, so that a voice stays usable elsewhere."""

import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import torch

from yinse.engine.audio.files import write_atomic
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind


class _HyperParameters:
    """Written down as `utils.HParams`, the class that published tools expect."""


class _Pickler(pickle._Pickler):
    """A pickler that can name a class which is not installed here."""

    def save_global(self, obj: Any, name: str | None = None) -> None:
        if obj is not _HyperParameters:
            super().save_global(obj, name)  # type: ignore[misc]
            return
        self.write(pickle.GLOBAL + b"utils\nHParams\n")  # type: ignore[attr-defined]
        self.memoize(obj)  # type: ignore[attr-defined]

    def save_type(self, obj: Any) -> None:
        """Classes go through the method above."""
        self.save_global(obj)

    dispatch: ClassVar[dict[type, Any]] = {**pickle._Pickler.dispatch, type: save_type}


_PICKLE = SimpleNamespace(Pickler=_Pickler, __name__="pickle")


def write(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint in the container it came in; the file appears whole or not at all.

    Raises `StorageFull`.
    """
    weights = OrderedDict(checkpoint.tensors) if checkpoint.kind is Kind.S1 else dict(checkpoint.tensors)
    content: OrderedDict[str, Any] = OrderedDict(
        weight=weights, config=_settings(checkpoint), info=checkpoint.info
    )
    if checkpoint.lora_rank is not None:
        content["lora_rank"] = checkpoint.lora_rank
    buffer = io.BytesIO()
    torch.save(content, buffer, pickle_module=_PICKLE)
    buffer.getbuffer()[:2] = checkpoint.header.encode("ascii")
    write_atomic(path, buffer.getvalue())


def _settings(checkpoint: Checkpoint) -> object:
    return checkpoint.config if checkpoint.kind is Kind.S1 else _hyper_parameters(checkpoint.config)


def _hyper_parameters(settings: Mapping[str, Any]) -> _HyperParameters:
    made = _HyperParameters()
    for key, value in settings.items():
        setattr(made, key, _hyper_parameters(value) if isinstance(value, Mapping) else value)
    return made
