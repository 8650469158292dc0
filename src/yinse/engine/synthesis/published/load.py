"""Imported voices from disk to what speaks."""

from pathlib import Path

from yinse.engine.checkpoints.memory import settle
from yinse.engine.checkpoints.published import checkpoint
from yinse.engine.checkpoints.published.bundle import Bundle, Part
from yinse.engine.checkpoints.published.catalogue import FAMILIES, base_file
from yinse.engine.checkpoints.published.checkpoint import Kind
from yinse.engine.checkpoints.published.convert import to_part
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.checkpoints.published.models import (
    FlowExtras,
    PublishedModels,
    load_models,
    load_vocoder,
    outline_vocoder,
)
from yinse.engine.checkpoints.published.precision import Precision, quicken
from yinse.engine.checkpoints.published.version import BY_FLOW
from yinse.engine.models.acoustic.s2cfm.legacy import FLOW
from yinse.engine.synthesis.published.synthesizer import PublishedSynthesizer
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.zh.g2pw import G2pw
from yinse.engine.text.zh.resolver import LazyResolver, PolyphoneResolver
from yinse.engine.voice.published.conditioning import load_text
from yinse.engine.voice.published.prompt import PublishedPrompt
from yinse.engine.voice.published.store import PublishedHome, library


def open_voice(
    name: str,
    *,
    precision: Precision = "fp32",
    home: PublishedHome | None = None,
    shared: Library | None = None,
) -> tuple[PublishedSynthesizer, PublishedPrompt]:
    """What speaks in an imported voice, and its prompt.

    Raises `NotFound` for a voice, a reference or a shared model that is not here (the message says how to get it), and
    `CorruptFile`.
    """
    home, shared = home or PublishedHome(), shared or library()
    prompt = home.prompt(name)
    models = quicken(models_of(home.bundle(name), shared), precision)
    settle()
    text = load_text(shared, precision)
    return PublishedSynthesizer(models, frontend_of(shared), text), prompt


def frontend_of(shared: Library) -> TextFrontend:
    """The house's frontend; G2PW reads polyphones where it was pulled, loaded by the first Chinese text."""
    family = FAMILIES["g2pw"]
    if shared.missing(family):
        return TextFrontend()

    def load() -> PolyphoneResolver:
        tokenizer = shared.require("roberta", "chinese-roberta-wwm-ext-large/tokenizer.json")
        return G2pw.load(shared.path(family.name, family.files[0]).parent, tokenizer)

    return TextFrontend(polyphones=LazyResolver(load))


def models_of(bundle: Bundle, shared: Library, *, speaking: bool = True) -> PublishedModels:
    """The models of a bundle, with what its version takes from the library.

    Not `speaking` they only encode references; what they will need to speak must be there, but is not read.
    Raises `NotFound`.
    """
    identity = bundle.parts[Kind.S2].identity
    if identity.version not in BY_FLOW:
        return load_models(bundle, speaking=speaking)
    file = _vocoder_file(identity.version, shared)
    vocoder = load_vocoder(identity.version, file) if speaking else outline_vocoder(identity.version)
    base = base_part(identity.version, shared, speaking=speaking) if identity.lora else None
    return load_models(bundle, FlowExtras(vocoder, base), speaking=speaking)


def base_part(version: str, shared: Library, *, speaking: bool) -> Part:
    """The full weights that adapters of a version were trained on; only to hear, the flow needs no numbers."""
    path = shared.require(version, base_file(version))
    return to_part(
        checkpoint.read(path, outlined=None if speaking else FLOW), version=version, digested=False
    )


def _vocoder_file(version: str, shared: Library) -> Path:
    (family,) = FAMILIES[version].needs
    (file,) = FAMILIES[family].files
    return shared.require(family, file)
