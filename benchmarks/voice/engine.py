"""Yinse itself as a system under test, with either prior."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.voice.system import Recording, System, Voice
from yinse.engine.audio.waveform import Waveform

if TYPE_CHECKING:
    from yinse.engine.checkpoints.base import BaseModels


def system() -> System:
    """The bundled base voice as it ships."""
    return _system("yinse", diffusion=None)


def flow() -> System:
    """The fast path: the flow prior alone."""
    return _system("yinse flow", diffusion=False)


def diffusion() -> System:
    """The diffusion prior with its default number of steps."""
    return _system("yinse diffusion", diffusion=True)


def diffusion_one_step() -> System:
    """The diffusion prior in a single step."""
    return _system("yinse diffusion 1 step", diffusion=True, steps=1)


def diffusion_many_steps() -> System:
    """The diffusion prior in sixteen steps."""
    return _system("yinse diffusion 16 steps", diffusion=True, steps=16)


def through_decoder(models: "BaseModels", waveform: Waveform) -> Waveform:
    """Copy synthesis: a recording to latents and back, no text and no tokens between."""
    import torch

    from yinse.engine.audio.mel import ACOUSTIC_MEL
    from yinse.engine.synthesis.synthesizer import TOKEN_SECONDS
    from yinse.engine.voice.listen import encode_latents, level

    tokens = math.ceil(waveform.seconds / TOKEN_SECONDS)
    latents_FD = encode_latents(models, level(waveform), tokens, waveform.rate / 2).astype(np.float32)
    with torch.inference_mode():
        samples_1T = models.decoder(torch.from_numpy(latents_FD).T[None])
    whole = Waveform(samples_1T[0].numpy(), ACOUSTIC_MEL.rate)
    return whole.slice_seconds(0, waveform.seconds)


def _system(name: str, *, diffusion: bool | None, steps: int = 4) -> System:
    from yinse.engine.synthesis import synthesizer as synthesis
    from yinse.engine.synthesis.acoustic import AcousticStream
    from yinse.engine.synthesis.options import SpeechOptions
    from yinse.engine.synthesis.result import AudioPiece
    from yinse.engine.text.phonemise import phonemise
    from yinse.engine.voice.enrol import Slice, build_prompt
    from yinse.engine.voice.listen import hear, level

    synthesizer = synthesis.Synthesizer.load()

    def options(language: str, seed: int) -> SpeechOptions:
        return SpeechOptions(language=language, seed=seed, diffusion=diffusion, diffusion_steps=steps)

    def enrol(recordings: Sequence[Recording]) -> Voice:
        slices = [Slice(one.waveform, phonemise(one.text, one.language)) for one in recordings]
        return build_prompt(synthesizer.models, slices, bandwidth=recordings[0].waveform.rate / 2)

    def speak(text: str, language: str, voice: Voice, seed: int) -> Waveform:
        return synthesizer.speak(text, voice, options(language, seed)).audio

    def stream(text: str, language: str, voice: Voice, seed: int) -> Iterator[Waveform]:
        for event in synthesizer.stream(text, voice, options(language, seed)):
            if isinstance(event, AudioPiece):
                yield Waveform(event.samples, synthesizer.rate)

    def recognise(waveform: Waveform) -> list[str]:
        return hear(synthesizer.models, level(waveform)).phonemes()

    return System(
        name,
        enrol,
        speak,
        recognise=recognise,
        phonemise=phonemise,
        resyntheses={"decoder": lambda waveform: through_decoder(synthesizer.models, waveform)},
        stream=stream,
        stages={
            "text": (synthesizer.frontend, "analyse"),
            "semantic": (synthesis, "generate"),
            "acoustic and decoder": (AcousticStream, "_feed"),
            "listening back": (synthesis, "score_segment"),
        },
    )
