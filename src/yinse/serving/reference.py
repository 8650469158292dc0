"""Which stretch of a voice's recordings should it speak after?

A prompt keeps several, the clearest recording first. What is clearest to the recogniser is not always what is best to
speak after, so each is tried: it speaks the same texts with the same seeds, and what comes out is heard again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yinse.engine.synthesis.synthesizer import Synthesizer
    from yinse.engine.voice.prompt import VoicePrompt

MARGIN = 0.02
"""How much better another reference must be to be worth a comparison by ear."""
_SEEDS, _FRESH_SEEDS = (1, 2), (3, 4)


@dataclass(frozen=True, slots=True)
class BestReference:
    """The prompt with the best reference in front, and how good (0..1) the present one and that one are."""

    prompt: "VoicePrompt"
    before: float
    after: float
    improved: bool


def best_reference(synthesizer: "Synthesizer", prompt: "VoicePrompt", texts: Sequence[str]) -> BestReference:
    """Try every reference of the texts' main language. Raises `InvalidInput` for texts that cannot be spoken."""
    language = _main_language(synthesizer, texts)
    places = [place for place, u in enumerate(prompt.utterances) if u.language == language]
    tried = [_first(prompt, place) for place in places or range(len(prompt.utterances))]
    goodness = [_goodness(synthesizer, one, texts, _SEEDS) for one in tried]
    best = max(range(len(tried)), key=goodness.__getitem__)
    if best == 0:
        return BestReference(tried[0], round(goodness[0], 4), round(goodness[0], 4), False)
    # The best of several draws was also the luckiest: it must be better once more, in draws that did not choose it.
    before, after = (round(_goodness(synthesizer, tried[at], texts, _FRESH_SEEDS), 4) for at in (0, best))
    return BestReference(tried[best], before, after, after - before >= MARGIN)


def _first(prompt: "VoicePrompt", place: int) -> "VoicePrompt":
    chosen = prompt.utterances[place]
    others = (u for index, u in enumerate(prompt.utterances) if index != place)
    return replace(prompt, utterances=(chosen, *others))


def _goodness(
    synthesizer: "Synthesizer", prompt: "VoicePrompt", texts: Sequence[str], seeds: Sequence[int]
) -> float:
    """Mean of how well the words were heard and how like the voice they sound, both 0..1."""
    from yinse.engine.synthesis.options import SpeechOptions
    from yinse.engine.voice.listen import embed_speaker, level

    found = []
    for text in texts:
        for seed in seeds:
            speech = synthesizer.speak(text, prompt, SpeechOptions(seed=seed, retries=0))
            words = fmean(segment.score for segment in speech.report.segments)
            likeness = float(embed_speaker(synthesizer.models, [level(speech.audio)]) @ prompt.speaker_E)
            found.append((words + max(0.0, likeness)) / 2)
    return fmean(found)


def _main_language(synthesizer: "Synthesizer", texts: Sequence[str]) -> str:
    from yinse.engine.text.inventory import language_of

    spoken = [
        language
        for text in texts
        for utterance in synthesizer.frontend.analyse(text, "auto")
        for symbol in utterance.symbols
        if (language := language_of(symbol))
    ]
    return max(sorted(set(spoken)), key=spoken.count, default="")
