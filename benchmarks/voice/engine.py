"""Yinse itself as a system under test, with either prior."""

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.voice.system import Recording, System
from yinse.engine.audio.mel import ACOUSTIC_MEL
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import load_base
from yinse.engine.synthesis import synthesizer as synthesis
from yinse.engine.synthesis.acoustic import AcousticStream
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.pace import at_own_pace
from yinse.engine.synthesis.result import AudioPiece
from yinse.engine.synthesis.synthesizer import TOKEN_SECONDS, Synthesizer
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.phonemise import phonemise
from yinse.engine.voice.enrol import Slice, build_prompt
from yinse.engine.voice.listen import encode_latents, hear, level
from yinse.engine.voice.prompt import VoicePrompt


def system() -> System:
    """The bundled base voice as it ships."""
    return Yinse(diffusion=None).as_system("yinse")


def flow() -> System:
    """The fast path: the flow prior alone."""
    return Yinse(diffusion=False).as_system("yinse flow")


def diffusion() -> System:
    """The diffusion prior with its default number of steps."""
    return Yinse(diffusion=True).as_system("yinse diffusion")


def diffusion_one_step() -> System:
    """The diffusion prior in a single step."""
    return Yinse(diffusion=True, steps=1).as_system("yinse diffusion 1 step")


def diffusion_many_steps() -> System:
    """The diffusion prior in sixteen steps."""
    return Yinse(diffusion=True, steps=16).as_system("yinse diffusion 16 steps")


@dataclass(frozen=True, slots=True)
class OwnVoice:
    """A stranger's voice and the models that speak it: the shared ones, or fine-tuned ones."""

    prompt: VoicePrompt
    speaker: Synthesizer


class Yinse:
    """The base voice with one setting of its priors."""

    def __init__(self, *, diffusion: bool | None, steps: int | None = None) -> None:
        self.base = Synthesizer.load(compiled=True)
        self._diffusion, self._steps = diffusion, steps

    def as_system(self, name: str) -> System:
        """What the benchmark asks for."""
        return System(
            name,
            self.enrol,
            self.speak,
            adapt=self.adapt,
            recognise=self.recognise,
            phonemise=phonemise,
            resyntheses={"decoder": self.through_decoder},
            stream=self.stream,
            stages={
                "text": (TextFrontend, "analyse"),
                "semantic": (synthesis, "generate"),
                "acoustic and decoder": (AcousticStream, "_feed"),
                "listening back": (synthesis, "score_segment"),
            },
        )

    def _options(self, language: str, seed: int) -> SpeechOptions:
        options = SpeechOptions(language=language, seed=seed, diffusion=self._diffusion)
        return options if self._steps is None else replace(options, diffusion_steps=self._steps)

    def enrol(self, recordings: Sequence[Recording]) -> OwnVoice:
        """Digest a stranger's utterances with their transcripts."""
        prompt = build_prompt(self.base.models, slices_of(recordings), bandwidth=bandwidth_of(recordings))
        return OwnVoice(at_own_pace(self.base.models.semantic, prompt), self.base)

    def adapt(self, voice: OwnVoice, recordings: Sequence[Recording]) -> OwnVoice:
        """Fine-tune on the same utterances; the voice stays as it was where that does not help."""
        from yinse.training.adapt import adapt

        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "adapter.safetensors"
            slices, bandwidth = slices_of(recordings), bandwidth_of(recordings)
            outcome = adapt(load_base(), slices, bandwidth, target, Path(folder) / "work")
            return (
                OwnVoice(voice.prompt, Synthesizer.load(adapter=target, compiled=True))
                if outcome.kept
                else voice
            )

    def speak(self, text: str, language: str, voice: OwnVoice, seed: int) -> Waveform:
        """A whole utterance, bad segments drawn again."""
        return voice.speaker.speak(text, voice.prompt, self._options(language, seed)).audio

    def stream(self, text: str, language: str, voice: OwnVoice, seed: int) -> Iterator[Waveform]:
        """The pieces of an utterance as they are ready."""
        for event in voice.speaker.stream(text, voice.prompt, self._options(language, seed)):
            if isinstance(event, AudioPiece) and len(event.samples):
                yield Waveform(event.samples, voice.speaker.rate)

    def recognise(self, waveform: Waveform) -> list[str]:
        """Phonemes that the content encoder's CTC head hears."""
        return hear(self.base.models, level(waveform)).phonemes()

    def through_decoder(self, waveform: Waveform) -> Waveform:
        """Copy synthesis: a recording to latents and back, no text and no tokens between."""
        tokens = math.ceil(waveform.seconds / TOKEN_SECONDS)
        latents_FD = encode_latents(self.base.models, level(waveform), tokens, waveform.rate / 2)
        with torch.inference_mode():
            samples_1T = self.base.models.decoder(torch.from_numpy(latents_FD.astype(np.float32)).T[None])
        return Waveform(samples_1T[0].numpy(), ACOUSTIC_MEL.rate).slice_seconds(0, waveform.seconds)


def slices_of(recordings: Sequence[Recording]) -> list[Slice]:
    """Utterances as the engine takes them."""
    return [Slice(one.waveform, phonemise(one.text, one.language)) for one in recordings]


def bandwidth_of(recordings: Sequence[Recording]) -> float:
    """Highest frequency that all of them can hold, in Hz."""
    return min(one.waveform.rate for one in recordings) / 2
