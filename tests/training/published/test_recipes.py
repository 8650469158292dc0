from pathlib import Path

import pytest
import yaml

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.training.published.recipe import AMOUNTS, load_recipe

SHIPPED = sorted((Path(__file__).parents[3] / "recipes" / "published").glob("*.yaml"))
S1 = {"part": "s1", "version": "v2", "base": "a.ckpt", "tokenizer": "g.pth", "data": "my.list"}


def write(path: Path, **content: object) -> Path:
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_recipes_are_valid(path: Path) -> None:
    assert load_recipe(path).amounts == AMOUNTS[load_recipe(path).part]


def test_there_is_a_recipe_for_every_part() -> None:
    assert {load_recipe(path).part for path in SHIPPED} == set(AMOUNTS)


def test_defects_are_repeated_only_when_asked_for(tmp_path: Path) -> None:
    fixed = load_recipe(write(tmp_path / "a.yaml", **S1))
    published = load_recipe(write(tmp_path / "b.yaml", **S1, defects="published"))
    assert not fixed.rules.loss_over_padding
    assert not fixed.rules.mask_from_left
    assert published.rules.loss_over_padding
    assert published.rules.mask_from_left


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"epoch": 3}, "epoch: there is no such setting; there are .*part"),
        ({"part": "lora"}, "s2 of v3 and v4 is trained as lora"),
        ({"part": "s2", "version": "v4"}, "s2 of v3 and v4 is trained as lora"),
        ({"part": "s2", "tokenizer": None, "discriminator": 3}, "discriminator"),
        ({"name": "../up"}, "name: String should match"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        load_recipe(write(tmp_path / "a.yaml", **{**S1, **change}))


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_recipe(tmp_path / "none.yaml")
    (tmp_path / "a.yaml").write_text("part: [")
    with pytest.raises(InvalidInput, match="is not YAML"):
        load_recipe(tmp_path / "a.yaml")
