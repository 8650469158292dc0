"""Parts by name: how each recipe becomes a task and its batches."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from yinse.contracts.errors import InvalidInput
from yinse.corpus.store import CorpusStore
from yinse.engine.checkpoints.bundle import load_module, sub_state
from yinse.training.loop import Assembly
from yinse.training.options import configure, keywords
from yinse.training.recipe import Recipe

Builder = Callable[[Recipe, CorpusStore], Assembly]

DRAWN: Final = frozenset({"seed", "split"})
"""Arguments of every source of batches that are not the recipe's to give in `data`."""
UNSEEN_SPEAKERS, UNSEEN_CROPS = 16, 4
"""Speakers and crops of a validation batch of the speaker encoder."""

log = logging.getLogger(__name__)


def part_configs(recipe: Recipe) -> dict[str, Any]:
    """Configurations of the modules that a recipe trains, by the name they are exported under."""
    from yinse.engine.models.acoustic.codec import config as posterior
    from yinse.engine.models.acoustic.sovits import config as sovits
    from yinse.engine.models.content.phonetic import config as content
    from yinse.engine.models.semantic.monotonic import config as semantic
    from yinse.engine.models.speaker.ecapa import config as ecapa
    from yinse.engine.text.inventory import SYMBOLS

    options = dict(recipe.model)
    preset, options["decoder"] = _decoder(options.get("decoder", {}))
    presets = {
        "content": content.base(len(SYMBOLS)),
        "speaker": ecapa.base(),
        "semantic": semantic.base(len(SYMBOLS)),
        "acoustic": sovits.base(len(SYMBOLS)),
        "posterior": posterior.base(),
        "decoder": preset,
    }
    unknown = sorted(set(options) - set(presets))
    if unknown:
        raise InvalidInput(f"model has no {', '.join(unknown)}; it has {', '.join(presets)}")
    return {name: configure(one, options.get(name, {}), f"model.{name}") for name, one in presets.items()}


def _decoder(options: Any) -> tuple[Any, Any]:
    """The preset that `network` names, and the options that are left."""
    from yinse.engine.models.vocoder.hifigan import config as hifigan
    from yinse.engine.models.vocoder.istft import config as istft

    presets = {"istft": istft.base, "hifigan": hifigan.base}
    if not isinstance(options, dict):
        return istft.base(), options
    network = options.get("network", "istft")
    if network not in presets:
        raise InvalidInput(f"model.decoder.network is {network!r}; there are {', '.join(presets)}")
    return presets[network](), {name: value for name, value in options.items() if name != "network"}


def _data(
    kind: type, recipe: Recipe, store: CorpusStore, *, without: frozenset[str] = DRAWN
) -> dict[str, Any]:
    """The recipe's `data` as arguments of a source of batches."""
    data = keywords(kind, recipe.data, "data", without=without)
    absent = sorted(set(data.get("weights", {})) - {entry.shard for entry in store.entries})
    if absent:
        log.warning("data.weights names what the corpus does not hold: %s", ", ".join(absent))
    return data


def _codec(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.codec import CodecCrops, CodecTask

    configs = part_configs(recipe)
    data = _data(CodecCrops, recipe, store, without=DRAWN | {"hop"}) | {"hop": configs["decoder"].hop}
    task = CodecTask(configs["posterior"], configs["decoder"], **keywords(CodecTask, recipe.task, "task"))
    train = CodecCrops(store, seed=recipe.seed, split="train", **data)
    valid = CodecCrops(store, seed=recipe.seed, split="valid", **data)
    return Assembly(task, train, valid)


def _content(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.content import ContentTask
    from yinse.training.parts.utterances import Utterances

    data = _data(Utterances, recipe, store, without=DRAWN | {"augment"})
    task = ContentTask(part_configs(recipe)["content"], **keywords(ContentTask, recipe.task, "task"))
    train = Utterances(store, seed=recipe.seed, split="train", **data)
    valid = Utterances(store, seed=recipe.seed, split="valid", augment=False, **data)
    return Assembly(task, train, valid)


def _speaker(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.speaker import SpeakerCrops, SpeakerTask

    data = _data(SpeakerCrops, recipe, store)
    train = SpeakerCrops(store, seed=recipe.seed, split="train", **data)
    strangers = len({entry.speaker for entry in store.entries if entry.split == "unseen"})
    judged = {"speakers": min(UNSEEN_SPEAKERS, strangers), "crops": UNSEEN_CROPS}
    valid = SpeakerCrops(store, seed=recipe.seed, split="unseen", **data | judged)
    config, options = part_configs(recipe)["speaker"], keywords(SpeakerTask, recipe.task, "task")
    return Assembly(SpeakerTask(config, len(train.names), **options), train, valid)


def _semantic(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.semantic import Dialogues, SemanticTask

    model = part_configs(recipe)["semantic"]
    data = _data(Dialogues, recipe, store, without=DRAWN | {"longest_step"})
    data["longest_step"] = model.longest_step
    train = Dialogues(store, seed=recipe.seed, split="train", **data)
    valid = Dialogues(store, seed=recipe.seed, split="valid", **data)
    return Assembly(SemanticTask(model, **keywords(SemanticTask, recipe.task, "task")), train, valid)


def _acoustic(recipe: Recipe, store: CorpusStore) -> Assembly:
    from yinse.training.parts.acoustic import AcousticTask, ReferencePairs

    options = dict(recipe.task)
    codec = options.pop("codec", None)
    if codec is None:
        raise InvalidInput("the acoustic recipe needs `task.codec`: the weights of a trained codec")
    configs = part_configs(recipe)
    task = AcousticTask(configs["acoustic"], configs["posterior"], **keywords(AcousticTask, options, "task"))
    _take_codec(task, Path(codec), configs["decoder"])
    data = _data(ReferencePairs, recipe, store)
    train = ReferencePairs(store, seed=recipe.seed, split="train", **data)
    valid = ReferencePairs(store, seed=recipe.seed, split="valid", **data)
    return Assembly(task, train, valid)


def _take_codec(task: Any, weights: Path, decoder_config: Any) -> None:
    """Put a trained codec's posterior encoder into the task, and let samples be heard through its decoder."""
    from yinse.engine.models.vocoder import factory

    load_module(task.posterior, sub_state(weights, "posterior"), str(weights))
    decoder = factory.build(decoder_config)
    load_module(decoder, sub_state(weights, "decoder"), str(weights))
    task.listen_through(decoder)


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
