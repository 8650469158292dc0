"""The same sentences in the same voices with every prior: phonemes wrong, likeness, time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.voice.figures import Figure, mean, ratio
from benchmarks.voice.likeness import Embed, Embedding
from benchmarks.voice.phonemes import Recognise, spoken
from benchmarks.voice.table import shown
from yinse.contracts.errors import InvalidInput
from yinse.engine.audio.waveform import Waveform
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.result import Speech
from yinse.engine.synthesis.synthesizer import Synthesizer
from yinse.engine.text.distance import edit_distance
from yinse.engine.text.phonemise import phonemise
from yinse.engine.voice.listen import hear, level
from yinse.engine.voice.prompt import VoicePrompt

STEPS: Final = (1, 2, 4, 8, 16)
"""Steps of the diffusion prior that are compared."""
NATURAL: Final = "natural speech"


@dataclass(frozen=True, slots=True)
class Setting:
    """A prior: the flow, or diffusion in so many steps."""

    name: str
    diffusion: bool
    steps: int = 1

    def options(self, language: str, seed: int) -> SpeechOptions:
        """One draw and no second try: a prior must not be mended by what listens to it."""
        return SpeechOptions(
            language=language, seed=seed, diffusion=self.diffusion, diffusion_steps=self.steps, retries=0
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and who is to say it."""

    text: str
    language: str
    voice: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Errors a phoneme by our own recogniser, cosine to the voice by an independent encoder, real-time factor."""

    name: str
    phoneme_error: Figure
    cosine: Figure
    real_time_factor: Figure | None = None


def settings(synthesizer: Synthesizer, steps: Sequence[int] = STEPS) -> list[Setting]:
    """Every prior that the weights have."""
    diffusions = [Setting(f"diffusion, {count} step{'s' * (count > 1)}", True, count) for count in steps]
    has_diffusion = synthesizer.models.acoustic.diffusion_prior is not None
    return [Setting("flow", False), *(diffusions if has_diffusion else ())]


def recogniser(synthesizer: Synthesizer) -> Recognise:
    """Phonemes that the content encoder's CTC head hears."""

    def recognise(waveform: Waveform) -> list[str]:
        return hear(synthesizer.models, level(waveform)).phonemes()

    return recognise


def judge(
    name: str, lines: Sequence[Line], audio: Sequence[Waveform], voices: Mapping[str, Embedding],
    recognise: Recognise, embed: Embed,
) -> Outcome:  # fmt: skip
    """Phoneme errors and likeness of speech, natural or not."""
    wanted = [spoken(phonemise(line.text, line.language)) for line in lines]
    errors = [
        edit_distance(spoken(recognise(one)), phonemes) for one, phonemes in zip(audio, wanted, strict=True)
    ]
    cosines = [float(np.dot(embed(one), voices[line.voice])) for one, line in zip(audio, lines, strict=True)]
    return Outcome(name, ratio(errors, [len(phonemes) for phonemes in wanted]), mean(cosines))


def measure(
    setting: Setting, lines: Sequence[Line], speak: Callable[[Line, SpeechOptions], Speech],
    voices: Mapping[str, Embedding], recognise: Recognise, embed: Embed,
) -> Outcome:  # fmt: skip
    """Speak every line with one prior and judge it; line i has seed i, so that all priors hear the same tokens."""
    if not lines:
        raise InvalidInput("there is nothing to say: raise --sentences")
    said = [speak(line, setting.options(line.language, seed)) for seed, line in enumerate(lines)]
    outcome = judge(setting.name, lines, [one.audio for one in said], voices, recognise, embed)
    time = ratio([one.report.compute_s for one in said], [one.report.audio_s for one in said])
    return Outcome(outcome.name, outcome.phoneme_error, outcome.cosine, time)


def speaker(
    synthesizer: Synthesizer, prompts: Mapping[str, VoicePrompt]
) -> Callable[[Line, SpeechOptions], Speech]:
    """The engine's front door, by the names of the voices."""

    def speak(line: Line, options: SpeechOptions) -> Speech:
        return synthesizer.speak(line.text, prompts[line.voice], options)

    return speak


def to_markdown(outcomes: Sequence[Outcome], heading: str) -> str:
    """One row a prior."""
    lines = [
        f"# Priors\n\n{heading}\n",
        "| prior | phoneme error (our CTC) | speaker cosine | real-time factor |",
        "|---|---|---|---|",
    ]
    for one in outcomes:
        time = "" if one.real_time_factor is None else shown(one.real_time_factor, "")
        lines.append(f"| {one.name} | {shown(one.phoneme_error, '%')} | {shown(one.cosine, '')} | {time} |")
    return "\n".join(lines) + "\n"
