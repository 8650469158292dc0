"""A service's whole way at its real size: a voice on disk, opened and spoken with, and one imported, as any user's are.

`write` lays out what that takes with random weights in the published half precision; `measure` and `measure_import` run in
processes that have seen nothing else, so their memory is that of a service and of `yinse weights import`.
"""

import math
import time
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from benchmarks.family import voices
from benchmarks.family.clock import clocked, peak_mb, resident_mb
from benchmarks.family.measured import Measured
from yinse.cli.main import cli
from yinse.engine.audio.encode import write_wav
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.published import writer
from yinse.engine.checkpoints.published.bundle import Bundle
from yinse.engine.checkpoints.published.catalogue import FAMILIES
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.convert import to_part
from yinse.engine.checkpoints.published.families import POSTERIOR, family_of
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.checkpoints.published.models import EndToEndModels, load_models
from yinse.engine.checkpoints.published.version import Identity
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.published.speaker import open_speaker
from yinse.engine.synthesis.result import AudioPiece
from yinse.engine.voice.home import VoiceHome, yinse_home
from yinse.engine.voice.published.conditioning import RATE
from yinse.engine.voice.published.prompt import PublishedPrompt
from yinse.engine.voice.published.store import SHARED, PublishedHome

NAME: Final = "random"
FILES: Final = {Kind.S1: "random.ckpt", Kind.S2: "random.pth"}
REFERENCE: Final = "reference.wav"
SHORT: Final = "今天天气很好。"
"""Random weights do not know where to end: of this they speak the seven seconds that its length allows at most."""
S1_SETTINGS: Final = {
    "model": {
        "vocab_size": 1025, "phoneme_vocab_size": 732, "embedding_dim": 512, "hidden_dim": 512,
        "head": 16, "linear_units": 2048, "n_layer": 24, "dropout": 0, "EOS": 1024,
    },
    "data": {"max_sec": 54},
}  # fmt: skip
"""Those of the published s1 (`s1longer-v2`)."""


def write(home: Path, version: str) -> None:
    """A voice of a version, the files that it came from, and the models that listen and read, in a home of their own."""
    torch.manual_seed(0)
    published = {kind: _checkpoint(kind, version) for kind in FILES}
    bundle = Bundle({kind: to_part(one) for kind, one in published.items()})
    models = load_models(bundle)
    assert isinstance(models, EndToEndModels)
    PublishedHome(VoiceHome(home)).save(NAME, bundle, _prompt(models), 5.0)
    for kind, one in published.items():
        writer.write(one, home / FILES[kind])
    write_wav(home / REFERENCE, Waveform(voices.reference()[: 5 * RATE].numpy(), RATE))
    voices.write_reader(_shared(home, "roberta").parent)
    voices.write_listener(_shared(home, "hubert").parent)
    if models.wants_speaker:
        voices.write_speaker_listener(_shared(home, "eres2netv2"))


def _shared(home: Path, family: str) -> Path:
    return Library(home / SHARED).path(family, FAMILIES[family].files[0])


def _checkpoint(kind: Kind, version: str) -> Checkpoint:
    identity = Identity(kind, "v2" if kind is Kind.S1 else version)
    settings = S1_SETTINGS if kind is Kind.S1 else {"model": {"version": version}}
    family = family_of(identity, settings)
    with torch.device("meta"):
        layout = family.build(True).state_dict()
    tensors = {
        family.renames.to_published(name): _value(name, tensor.shape)
        for name, tensor in layout.items()
        if not name.startswith(POSTERIOR)
    }
    return Checkpoint(kind, tensors, settings, "random", "PK")


def _value(name: str, shape: torch.Size) -> Tensor:
    """Weights whose outputs are about as large as their inputs, biases of zero, scales of one."""
    if name.endswith("bias"):
        return torch.zeros(shape).half()
    if len(shape) < 2 or name.endswith("weight_g"):
        return torch.ones(shape).half()
    return torch.randn(shape).mul_(math.prod(shape[1:]) ** -0.5).half()


def _prompt(models: EndToEndModels) -> PublishedPrompt:
    one, condition = voices.sentence(0), voices.condition(models)
    nothing = np.zeros((0, 0), np.float32)
    return PublishedPrompt(
        tokens_P=one.prompt_P.numpy(),
        phones_L=one.phones_L[: voices.PHONES // 2].numpy(),
        features_EL=one.features_EL[:, : voices.PHONES // 2].half().numpy(),
        style_G=condition.style_BG1[0, :, 0].numpy(),
        encoder_G=condition.encoder_BE1[0, :, 0].numpy(),
        mel_MF=nothing,
        context_CF=nothing,
        transcript="随机",
        language="zh",
        reference="random",
        revision=models.revision,
    )


def measure(text: str, rounds: int) -> list[Measured]:
    """Open the voice of this process's home and stream: time until it can, memory after some seconds, first audio of a text."""
    begin = time.perf_counter()
    speaker = open_speaker(NAME)
    opened = time.perf_counter() - begin
    for _ in speaker.stream(SHORT, SpeechOptions(language="zh")):
        pass
    held = resident_mb()

    def first() -> None:
        next(
            event
            for event in speaker.stream(text, SpeechOptions(language="zh"))
            if isinstance(event, AudioPiece)
        )

    timing = clocked(first, rounds)
    return [
        Measured("voice opened", "s", opened, opened),
        Measured(
            "first audio, from text",
            "ms",
            *(1000 * x for x in (timing.median, timing.best, timing.processor)),
        ),
        Measured("service memory", "MB", held, held),
        Measured("service memory, peak", "MB", peak_mb(), peak_mb()),
    ]


def measure_import(text: str) -> list[Measured]:
    """Import the files in this process's home with a reference that says a text: time, and the most memory it took."""
    home = yinse_home()
    begin = time.perf_counter()
    cli.main(
        ["weights", "import", *(str(home / file) for file in FILES.values()), "--voice", "imported",
         "--replace", "--reference", str(home / REFERENCE), "--prompt-text", text],
        standalone_mode=False,
    )  # fmt: skip
    taken = time.perf_counter() - begin
    return [
        Measured("import with a transcript", "s", taken, taken),
        Measured("import, peak", "MB", peak_mb(), peak_mb()),
    ]
