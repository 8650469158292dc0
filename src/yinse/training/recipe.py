"""Recipes: strict YAML files that say what is trained, on what, and for how long. A typo names itself."""

from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from yinse.contracts.errors import InvalidInput, NotFound


class Section(BaseModel):
    """A frozen part of a recipe that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Optimiser(Section):
    """AdamW with linear warm-up, then constant, then an optional linear decay to zero.

    The decay begins at a step (`decay_from_step`), or takes the last share of a run of so many minutes or steps.
    """

    learning_rate: float = Field(default=5e-4, gt=0)
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup_steps: int = Field(default=200, ge=0)
    decay_from_step: int | None = Field(default=None, description="optimiser step at which the decay begins")
    decay_steps: int = Field(default=1000, gt=0, description="length of the decay in optimiser steps")
    decay_share: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="share of the run's minutes or steps over which it decays, at the end",
    )
    clip: float = Field(default=1.0, gt=0, description="largest gradient norm")


class Run(Section):
    """Length and machinery of a run."""

    minutes: float | None = Field(
        default=None, gt=0, description="wall-clock budget; the run stops and stays resumable"
    )
    steps: int | None = Field(default=None, gt=0, description="optimiser steps in all, resumed ones included")
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    accelerator: Literal["auto", "cpu", "gpu"] = "auto"
    threads: int = Field(default=2, ge=1, description="CPU threads of the numerical kernels")
    workers: int = Field(
        default=0, ge=0, description="processes that prepare batches; a GPU wants a few, a CPU none"
    )
    ema: float = Field(
        default=0.999, ge=0, lt=1, description="decay of the averaged weights that are exported"
    )
    checkpoint_minutes: float = Field(default=4.0, gt=0)
    validate_steps: int = Field(default=500, gt=0, description="optimiser steps between validations")
    validate_batches: int = Field(default=8, gt=0)
    patience: int | None = Field(
        default=None,
        gt=0,
        description="validations in a row without a better score after which the run ends with its best weights",
    )
    log_steps: int = Field(default=50, gt=0)


class Recipe(Section):
    """One training run. `model`, `data` and `task` are read strictly by the part that is named."""

    part: str
    seed: int = 1
    corpus: Path = Path("runs/corpus")
    warm_start: Path | None = Field(
        default=None, description="`weights.safetensors` of another run to begin from"
    )
    model: dict[str, Any] = Field(default_factory=dict)
    data: dict[str, Any] = Field(default_factory=dict)
    task: dict[str, Any] = Field(default_factory=dict)
    optimiser: Optimiser = Optimiser()
    run: Run = Run()


Recipes = TypeVar("Recipes", bound=Section)


def load_recipe(path: Path) -> Recipe:
    """Parse a recipe, or raise `NotFound`, or `InvalidInput` with the place and the reason."""
    return parse(Recipe, path)


def parse(kind: type[Recipes], path: Path) -> Recipes:
    """Parse a strict YAML file. Raises `NotFound`; `InvalidInput` with the place and the reason."""
    if not path.is_file():
        raise NotFound(f"there is no recipe {path}")
    try:
        return kind.model_validate(yaml.safe_load(path.read_text("utf-8")) or {})
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not YAML: {error}") from error
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {_reason(kind, one)}" for one in error.errors()
        )
        raise InvalidInput(f"{path}: {reasons}") from error


def _reason(kind: type[BaseModel], error: ErrorDetails) -> str:
    """What is wrong, and for a name that does not exist, which do."""
    if error["type"] != "extra_forbidden":
        return error["msg"]
    for part in error["loc"][:-1]:
        field = kind.model_fields.get(str(part))
        if field is None or not (
            isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        ):
            return "there is no such setting"
        kind = field.annotation
    return f"there is no such setting; there are {', '.join(kind.model_fields)}"
