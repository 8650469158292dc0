"""A recipe's options: what does not exist or does not fit is named with its place."""

from dataclasses import dataclass, field

import pytest

from yinse.contracts.errors import InvalidInput
from yinse.training.options import configure, keywords


@dataclass(frozen=True)
class Inner:
    depth: int = 6
    patch: int = 1


@dataclass(frozen=True)
class Outer:
    width: int = 8
    kernels: tuple[int, ...] = (3, 7)
    inner: Inner = field(default_factory=lambda: Inner(patch=2))

    def __post_init__(self) -> None:
        if self.width < 0:
            raise ValueError("a negative width")


class Source:
    def __init__(
        self, store: str, *, seed: int, batch: int = 4, weights: dict[str, float] | None = None
    ) -> None:
        pass


def test_what_is_named_is_overridden_and_the_rest_of_a_section_stays():
    changed = configure(Outer(), {"kernels": [5], "inner": {"depth": 2}}, "model.x")
    assert changed == Outer(8, (5,), Inner(2, 2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widht": 3}, r"model\.x has no widht; it has width, kernels, inner"),
        ({"inner": {"patches": 3}}, r"model\.x\.inner has no patches; it has depth, patch"),
        ({"width": "wide"}, r"model\.x\.width: Input should be a valid integer"),
        ({"width": -1}, "a negative width"),
        ({"inner": 3}, r"model\.x\.inner must be a section"),
        ([1], r"model\.x must be a section"),
    ],
)
def test_mistakes_in_sizes_are_named(options, message):
    with pytest.raises(InvalidInput, match=message):
        configure(Outer(), options, "model.x")


def test_keywords_are_checked_by_the_signature():
    given = {"batch": 8, "weights": {"a": 2}}
    assert keywords(Source, given, "data", without={"seed"}) == {"batch": 8, "weights": {"a": 2.0}}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batches": 3}, "data has no batches; it has batch, weights"),
        ({"seed": 3}, "data has no seed"),
        ({"batch": "many"}, r"data\.batch: Input should be a valid integer"),
        ({"weights": {"a": "much"}}, r"data\.weights\.a: Input should be a valid number"),
        ("batch", "data must be a section"),
    ],
)
def test_mistakes_in_keywords_are_named(options, message):
    with pytest.raises(InvalidInput, match=message):
        keywords(Source, options, "data", without={"seed"})
