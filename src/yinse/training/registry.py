"""Parts by name: how each recipe becomes a task and its batches."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from yinse.contracts.errors import InvalidInput
from yinse.corpus.store import CorpusStore
from yinse.training.loop import Assembly, sub_state
from yinse.training.recipe import Recipe

Builder = Callable[[Recipe, CorpusStore], Assembly]


def configure(preset: Any, options: dict[str, Any]) -> Any:
    """Override fields of a frozen preset, checking names and types."""
    unknown = set(options) - set(preset.__dataclass_fields__)
    if unknown:
        known = ", ".join(preset.__dataclass_fields__)
        raise InvalidInput(f"{type(preset).__name__} has no {', '.join(sorted(unknown))}; it has {known}")
    try:
        return TypeAdapter(type(preset)).validate_python(asdict(replace(preset, **options)))
    except ValidationError as error:
        raise InvalidInput(f"{type(preset).__name__}: {error.errors()[0]['msg']}") from error


def part_configs(recipe: Recipe) -> dict[str, Any]:
    """Configurations of the modules that a recipe trains, by the name they are exported under."""
    from yinse.engine.models.acoustic.codec import config as posterior
    from yinse.engine.models.acoustic.sovits import config as sovits
    from yinse.engine.models.content.phonetic import config as content
    from yinse.engine.models.semantic.monotonic import config as semantic
    from yinse.engine.models.speaker.ecapa import config as ecapa
    from yinse.engine.models.vocoder.istft import config as istft
    from yinse.engine.text.inventory import SYMBOLS

    presets = {
        "content": content.base(len(SYMBOLS)),
        "speaker": ecapa.base(),
        "semantic": semantic.base(len(SYMBOLS)),
        "acoustic": sovits.base(len(SYMBOLS)),
        "posterior": posterior.base(),
        "decoder": istft.base(),
    }
    return {name: configure(preset, recipe.model.get(name, {})) for name, preset in presets.items()}


def _codec(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.codec import CodecCrops, CodecTask

    configs = part_configs(recipe)
    data = {"batch": 16, "frames": 64, "weights": {}, **recipe.data}
    task = CodecTask(configs["posterior"], configs["decoder"], **recipe.task)
    train = CodecCrops(store, seed=recipe.seed, split="train", **data)
    valid = CodecCrops(store, seed=recipe.seed, split="valid", **data)
    return Assembly(task, train, valid)


def _content(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.content import ContentTask, Utterances

    data = {"frames": 7000, "weights": {}, **recipe.data}
    task = ContentTask(part_configs(recipe)["content"], **recipe.task)
    train = Utterances(store, seed=recipe.seed, split="train", **data)
    valid = Utterances(store, seed=recipe.seed, split="valid", augment=False, **data)
    return Assembly(task, train, valid)


def _speaker(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.speaker import SpeakerCrops, SpeakerTask

    data = {"speakers": 32, "crops": 2, "frames": 240, **recipe.data}
    train = SpeakerCrops(store, seed=recipe.seed, split="train", **data)
    valid = SpeakerCrops(store, seed=recipe.seed, split="unseen", **{**data, "speakers": 16, "crops": 4})
    return Assembly(
        SpeakerTask(part_configs(recipe)["speaker"], len(train.names), **recipe.task), train, valid
    )


def _semantic(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.semantic import Dialogues, SemanticTask

    model = part_configs(recipe)["semantic"]
    data = {"frames": 2400, "longest": 500, "weights": {}, "longest_step": model.longest_step, **recipe.data}
    train = Dialogues(store, seed=recipe.seed, split="train", **data)
    valid = Dialogues(store, seed=recipe.seed, split="valid", **data)
    return Assembly(SemanticTask(model, **recipe.task), train, valid)


def _acoustic(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.acoustic import AcousticTask, ReferencePairs

    data = {"batch": 12, "tokens": 40, "memory": 100, "weights": {}, **recipe.data}
    options = dict(recipe.task)
    codec = options.pop("codec", None)
    if codec is None:
        raise InvalidInput("the acoustic recipe needs `task.codec`: the weights of a trained codec")
    configs = part_configs(recipe)
    task = AcousticTask(configs["acoustic"], configs["posterior"], **options)
    task.posterior.load_state_dict(sub_state(Path(codec), "posterior"))
    train = ReferencePairs(store, seed=recipe.seed, split="train", **data)
    valid = ReferencePairs(store, seed=recipe.seed, split="valid", **data)
    return Assembly(task, train, valid)


PARTS: dict[str, Builder] = {
    "codec": _codec,
    "content": _content,
    "speaker": _speaker,
    "semantic": _semantic,
    "acoustic": _acoustic,
}


def assemble(recipe: Recipe) -> Assembly:
    """Build the task and the batches that a recipe names."""
    if recipe.part not in PARTS:
        raise InvalidInput(f"there is no part {recipe.part}; there are {', '.join(PARTS)}")
    return PARTS[recipe.part](recipe, CorpusStore(recipe.corpus))
