"""Fixtures of the published family: where they lie, and the rule that regenerates their seeded weights.

`YINSE_PARITY` names the folder (default: `../shared/engine/parity` beside the repository);
`YINSE_PARITY_SALT` is put before every name from which weights are seeded, so that other sets run through the
same tests.
"""

import json
import os
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import Tensor, nn

from yinse.engine.models.layers.published.renames import Renames
from yinse.engine.models.layers.published.weight_norm import fold

_BESIDE = Path(__file__).parents[2] / "shared" / "engine" / "parity"
FOLDER = Path(os.environ.get("YINSE_PARITY", _BESIDE))
SALT = os.environ.get("YINSE_PARITY_SALT", "")
SCHEMAS = Path(os.environ.get("YINSE_SCHEMAS", _BESIDE.parent / "schemas"))


class Fixture(Mapping[str, Tensor]):
    """Tensors of one fixture file, read when asked for."""

    def __init__(self, path: Path) -> None:
        self._file = safe_open(path, "pt")
        self.metadata: dict[str, str] = self._file.metadata() or {}
        self._names = set(self._file.keys())

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._names:
            raise KeyError(name)
        tensor: Tensor = self._file.get_tensor(name)
        return tensor

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)


def path_of(name: str) -> Path:
    """Path of a fixture, or skip the test that wants it."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"parity fixture {name} is not at hand (set YINSE_PARITY)")
    return path


def load(name: str) -> Fixture:
    """Open `NAME.safetensors`, or skip."""
    return Fixture(path_of(f"{name}.safetensors"))


def close(actual: Tensor, expected: Tensor, tolerance: float = 1e-4, *, relative: bool = False) -> None:
    """Assert equal shapes and a maximal difference, absolute or relative to the largest expected value."""
    assert actual.shape == expected.shape
    scale = float(expected.abs().max()) if relative else 1.0
    difference = float((actual - expected).detach().abs().max())
    assert difference <= tolerance * scale, f"differs by {difference:.3g}, allowed {tolerance * scale:.3g}"


def seeded(
    build: Callable[[bool], nn.Module],
    renames: Renames,
    *,
    prefix: str = "",
    weight_norm: bool = True,
    only: Callable[[str], bool] = lambda _: True,
) -> nn.Module:
    """A model for inference whose weights follow the rule under their published names.

    `build` takes whether to construct with weight normalisation. The path is that of a real checkpoint:
    published names are generated, renamed strictly, folded and loaded.
    """
    with torch.device("meta"):
        layout = build(weight_norm).state_dict()
        model = build(False)
    names = {renames.to_published(name): tensor for name, tensor in layout.items()}
    shapes = {prefix + name: tuple(tensor.shape) for name, tensor in names.items() if only(name)}
    own = _own_values(build, layout, names, prefix)
    published = {name.removeprefix(prefix): _value(name, shapes, own) for name in shapes}
    state = fold(renames.import_(published))
    model.load_state_dict(state, assign=True)
    return model.eval().requires_grad_(False)


def _own_values(
    build: Callable[[bool], nn.Module], layout: Mapping[str, Tensor], names: Mapping[str, Tensor], prefix: str
) -> dict[str, Tensor]:
    wanted = [name for name in names if name.endswith(("inv_freq", ".filter", "freqs_cis"))]
    if not wanted:
        return {}
    state = build(False).state_dict() if any(t.is_meta for t in layout.values()) else layout
    ours = dict(zip(names, layout, strict=True))
    return {prefix + name: state[ours[name]] for name in wanted}


def ruled(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """What the rule gives for published names, none of which keeps a value of its own."""
    return {name: _value(name, shapes, {}) for name in shapes}


def _normal(name: str, shape: tuple[int, ...]) -> Tensor:
    seed = zlib.crc32((SALT + name).encode())
    return torch.randn(shape, generator=torch.Generator("cpu").manual_seed(seed), dtype=torch.float32)


def _value(name: str, shapes: Mapping[str, tuple[int, ...]], own: Mapping[str, Tensor]) -> Tensor:
    """The rule, first matching line first."""
    shape = shapes[name]
    leaf = name.rsplit(".", 1)[-1]
    if name in own:
        return own[name]
    if leaf == "num_batches_tracked":
        return torch.zeros(shape, dtype=torch.int64)
    if leaf in ("inited", "cluster_size"):
        return torch.ones(shape)
    if leaf == "embed_avg":
        return _normal(name.removesuffix("_avg"), shape)
    if leaf == "embed":
        return _normal(name, shape)
    if leaf == "weight_g":
        direction = name.removesuffix("_g") + "_v"
        norm = _value(direction, shapes, own).flatten(1).norm(dim=1).reshape(shape)
        return norm * (1 + 0.1 * _normal(name, shape))
    return _scaled(name, leaf, shape)


def _scaled(name: str, leaf: str, shape: tuple[int, ...]) -> Tensor:
    r = _normal(name, shape)
    bias = leaf == "beta" or leaf.startswith("bias") or leaf.endswith("bias")
    if leaf == "running_mean":
        return 0.1 * r
    if leaf == "running_var":
        return 1 + 0.1 * r.abs()
    if leaf in ("emb_rel_k", "emb_rel_v"):
        return r * shape[-1] ** -0.5
    if "position.alpha" in name:
        return 1 + 0.1 * r
    if leaf == "alpha" or (leaf == "beta" and ".act." in name):
        return 0.1 * r
    if leaf in ("gamma", "beta") and len(shape) == 3:
        return 0.1 * r
    if leaf == "gamma":
        return 1 + 0.1 * r
    if bias:
        return 0.02 * r
    if name.endswith("prelu.weight"):
        return 0.25 + 0.02 * r
    if len(shape) == 1:
        return 1 + 0.1 * r
    if name.endswith(("embedding.weight", "embeddings.weight")):
        return r
    fan_in = float(torch.tensor(shape[1:]).prod())
    small = 0.3 if name.endswith(("linear2.weight", "self_attn.out_proj.weight")) else 1.0
    return r / fan_in**0.5 * small


def schema(name: str) -> dict[str, tuple[int, ...]]:
    """Every published parameter name of a model and its shape, or skip."""
    path = SCHEMAS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"schema {path.name} is not at hand (set YINSE_SCHEMAS)")
    tensors = json.loads(path.read_text("utf-8"))["tensors"]
    return {key: tuple(entry["shape"]) for key, entry in tensors.items()}


def assert_same_layout(
    build: Callable[[], nn.Module], renames: Renames, published: Mapping[str, tuple[int, ...]]
) -> None:
    """Both directions of a table are strict: same names, same shapes, and back again."""
    with torch.device("meta"):
        ours = {name: tuple(tensor.shape) for name, tensor in build().state_dict().items()}
    assert {renames.to_ours(name): shape for name, shape in published.items()} == ours
    assert {renames.to_published(name): shape for name, shape in ours.items()} == published
