"""Recipes: strict, and the shipped ones are read whole."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.models.vocoder.hifigan import config as hifigan
from yinse.engine.models.vocoder.istft import config as istft
from yinse.training.options import keywords
from yinse.training.parts import acoustic, codec, content, semantic, speaker, utterances
from yinse.training.recipe import load_recipe
from yinse.training.registry import DRAWN, PARTS, assemble, part_configs

CLASSES = {
    "codec": (codec.CodecCrops, codec.CodecTask),
    "content": (utterances.Utterances, content.ContentTask),
    "speaker": (speaker.SpeakerCrops, speaker.SpeakerTask),
    "semantic": (semantic.Dialogues, semantic.SemanticTask),
    "acoustic": (acoustic.ReferencePairs, acoustic.AcousticTask),
}


def test_every_part_has_a_recipe_that_fits_its_code(root):
    recipes = [load_recipe(path) for path in sorted((root / "recipes").glob("*.yaml"))]
    assert {recipe.part for recipe in recipes} == set(PARTS)
    for recipe in recipes:
        source, task = CLASSES[recipe.part]
        keywords(source, recipe.data, "data", without=DRAWN)
        options = {name: value for name, value in recipe.task.items() if name != "codec"}
        keywords(task, options, "task")
        part_configs(recipe)


def test_the_two_codecs_differ_in_their_decoder_alone(root):
    one, other = (
        part_configs(load_recipe(root / "recipes" / f"{n}.yaml")) for n in ("codec", "codec_hifigan")
    )
    assert one["decoder"] == istft.base()
    assert other["decoder"] == hifigan.base()
    assert (other["decoder"].rates, other["decoder"].block_kernels) == ((8, 8, 2, 2), (3, 7))
    assert other["decoder"].hop == 256
    assert {**one, "decoder": None} == {**other, "decoder": None}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("part: codec\nsteps: 3", "steps: there is no such setting; there are part, "),
        ("part: codec\nrun: {minuts: 3}", r"run\.minuts: there is no such setting; there are .*minutes"),
        ("part: codec\noptimiser: {learning_rate: -1}", r"optimiser\.learning_rate: .*greater than 0"),
        ("part: codec\nrun: {steps: 0}", r"run\.steps: .*greater than 0"),
        ("part: codec\nrun: {minutes: 0}", r"run\.minutes: .*greater than 0"),
        ("seed: 1", "part: Field required"),
        ("part: [", "is not YAML"),
        ("- part", "valid dictionary|valid instance|Recipe"),
    ],
)
def test_mistakes_name_their_place(tmp_path, text, message):
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=message):
        load_recipe(path)


def test_a_recipe_in_another_encoding_says_so(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_bytes("part: 编码".encode("gbk"))
    with pytest.raises(InvalidInput, match="is not YAML"):
        load_recipe(path)


def test_no_recipe_says_so(tmp_path):
    with pytest.raises(NotFound, match=r"no recipe .*none\.yaml"):
        load_recipe(tmp_path / "none.yaml")


def changed(recipe, **sections):
    return recipe.model_copy(update=sections)


def test_what_a_part_does_not_know_is_named(make_recipe):
    recipe = make_recipe("codec")
    for sections, message in (
        ({"part": "codek"}, "there is no part codek; there are codec, content"),
        ({"model": {"decodr": {}}}, "model has no decodr"),
        ({"model": {"decoder": {"network": "wavenet"}}}, "'wavenet'; there are istft, hifigan"),
        ({"model": {"posterior": {"depht": 3}}}, r"model\.posterior has no depht"),
        ({"data": {"bach": 3}}, "data has no bach; it has weights, batch, frames"),
        ({"data": {"hop": 256}}, "data has no hop"),
        ({"task": {"mel": 3}}, "task has no mel; it has divergence_weight"),
        ({"model": {"posterior": {"inter_channels": 8}}}, "makes 8 latents, the decoder takes 192"),
    ):
        with pytest.raises(InvalidInput, match=message):
            assemble(changed(recipe, **sections))


def test_a_corpus_that_lacks_what_a_part_needs_says_so(make_recipe):
    recipe = make_recipe("codec")
    with pytest.raises(InvalidInput, match="no recording of more than 9000 frames in the split train"):
        assemble(changed(recipe, data={"frames": 9000}))
    with pytest.raises(InvalidInput, match="see the weights of the recipe"):
        assemble(changed(recipe, data={"weights": {"zh": 0, "en": 0, "ja": 0}}))
    with pytest.raises(InvalidInput, match="20 speakers is too large: the split train has 3"):
        assemble(changed(make_recipe("speaker"), data={"speakers": 20}))
    with pytest.raises(NotFound, match="yinse corpus build"):
        assemble(changed(recipe, corpus=recipe.corpus / "nowhere"))


def test_weights_of_absent_recordings_are_told(make_recipe, caplog):
    recipe = make_recipe("codec")
    assemble(changed(recipe, data={**recipe.data, "weights": {"zh": 2.0, "librispeech": 1.0}}))
    assert "does not hold: librispeech" in caplog.text


def test_the_acoustic_part_needs_a_codec_that_fits(make_recipe, tiny_codec, tmp_path):
    recipe = make_recipe("acoustic")
    with pytest.raises(InvalidInput, match=r"needs `task\.codec`"):
        assemble(changed(recipe, task={}))
    with pytest.raises(NotFound, match="there are no weights"):
        assemble(changed(recipe, task={"codec": str(tmp_path / "none.safetensors")}))
    model = {**recipe.model, "posterior": {**recipe.model["posterior"], "depth": 2}}
    with pytest.raises(CorruptFile, match="does not fit"):
        assemble(changed(recipe, model=model))
    task = assemble(recipe).task
    held = load_file(tiny_codec)["posterior.head.weight"]
    assert torch.equal(task.state_dict()["posterior.head.weight"], held)
    assert not any(name.startswith("decoder") for name in task.state_dict()), (
        "the ear is not part of the task"
    )


def test_sections_of_a_preset_keep_what_is_not_named(make_recipe):
    configs = part_configs(make_recipe("acoustic"))
    assert configs["acoustic"].diffusion.patch == 2
    assert configs["acoustic"].diffusion.timesteps == 1000
    assert replace(configs["acoustic"].flow, steps=4).kernel == 5
