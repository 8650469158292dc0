"""The official files that a recipe leaves out, from the library of pulled models."""

from pathlib import Path
from typing import Final

from yinse.contracts.errors import NotFound
from yinse.engine.checkpoints.published.catalogue import FAMILIES, base_file, s1_file
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.checkpoints.published.version import PRO
from yinse.engine.voice.published.conditioning import Conditioning, load_conditioning
from yinse.training.published.recipe import FineTune

JUDGE: Final = "discriminator-"


def with_official_files(recipe: FineTune, library: Library) -> FineTune:
    """The recipe with every file it needs. Raises `NotFound` that says how to get what is missing."""
    found: dict[str, Path] = {}
    if recipe.base is None:
        file = s1_file(recipe.version) if recipe.part == "s1" else base_file(recipe.version)
        found["base"] = library.require(recipe.version, file)
    if recipe.part == "s1" and recipe.tokenizer is None:
        found["tokenizer"] = library.require(recipe.version, base_file(recipe.version))
    if recipe.part == "s2" and recipe.discriminator is None:
        found["discriminator"] = _judge(recipe.version, library)
    return recipe.model_copy(update=found)


def conditioning_for(recipe: FineTune, library: Library) -> Conditioning:
    """The models that listen and read; who speaks is heard where s2 is to learn it."""
    return load_conditioning(library, speaker=recipe.part == "s2" and recipe.version in PRO)


def _judge(version: str, library: Library) -> Path:
    family = FAMILIES[JUDGE + version]
    (file,) = family.files
    try:
        return library.require(family.name, file)
    except NotFound as error:
        message = f"{error.message}, or write `discriminator: fresh` to begin without."
        raise NotFound(message, code=error.code) from error
