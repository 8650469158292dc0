"""Pure, reversible tables from published parameter names to ours.

A table is a list of pairs of path templates. A template names the leading components of a dotted name; `*`
stands for one index and appears equally often on both sides. What follows a matched template is kept, except
that the two halves of a weight-normed tensor change between the old and the new spelling.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from yinse.contracts.errors import InvalidInput

Rule = tuple[str, str]

_WEIGHT_NORM = (
    ("weight_g", "parametrizations.weight.original0"),
    ("weight_v", "parametrizations.weight.original1"),
)


@dataclass(frozen=True, slots=True)
class _Template:
    pattern: re.Pattern[str]
    replacement: str

    @classmethod
    def between(cls, source: str, target: str) -> "_Template":
        pattern = re.escape(source).replace(r"\*", r"(\d+)")
        groups = iter(range(1, source.count("*") + 1))
        replacement = re.sub(r"\*", lambda _: rf"\g<{next(groups)}>", target)
        return cls(re.compile(rf"{pattern}(?=\.|$)"), replacement)

    def apply(self, name: str) -> str | None:
        match = self.pattern.match(name)
        return None if match is None else match.expand(self.replacement) + name[match.end() :]


def nested(published: str, ours: str, rules: Iterable[Rule]) -> list[Rule]:
    """Put a table under a prefix on both sides."""
    return [(f"{published}.{theirs}", f"{ours}.{name}") for theirs, name in rules]


class Renames:
    """A strict table: a name that no rule knows is an error in either direction."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        pairs = list(rules)
        for theirs, ours in pairs:
            if theirs.count("*") != ours.count("*"):
                raise ValueError(f"indices differ between '{theirs}' and '{ours}'")
        self._inward = [_Template.between(theirs, ours) for theirs, ours in pairs]
        self._outward = [_Template.between(ours, theirs) for theirs, ours in pairs]

    def to_ours(self, published: str) -> str:
        """Our name of a published parameter."""
        return _weight_norm(_first(self._inward, published), 0)

    def to_published(self, ours: str) -> str:
        """The published name of one of our parameters."""
        return _first(self._outward, _weight_norm(ours, 1))

    def import_(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Rename a published state; the tensors themselves are untouched."""
        return {self.to_ours(name): tensor for name, tensor in tensors.items()}

    def export(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Rename our state back to the published names."""
        return {self.to_published(name): tensor for name, tensor in tensors.items()}


def _first(templates: list[_Template], name: str) -> str:
    for template in templates:
        renamed = template.apply(name)
        if renamed is not None:
            return renamed
    raise InvalidInput(f"The weights hold a tensor the model does not know: '{name}'.", code="unknown_tensor")


def _weight_norm(name: str, source: int) -> str:
    for pair in _WEIGHT_NORM:
        if name.endswith("." + pair[source]):
            return name.removesuffix(pair[source]) + pair[1 - source]
    return name
