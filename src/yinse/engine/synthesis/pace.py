"""How slowly a voice speaks: the semantic model is held to the pace of the recording.

Drawn durations are steadier and shorter than recorded ones, the more so the slower a person speaks. The recording's own
sentences, said by the model after its other sentences, show by how much; a bias on the logit of staying on a sound
takes it away.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import torch

from yinse.engine.models.semantic.monotonic.model import MonotonicGpt
from yinse.engine.synthesis.options import SamplingOptions
from yinse.engine.synthesis.tokens import generate, prefix_of
from yinse.engine.text.inventory import SYMBOL_IDS, SYMBOLS, is_spoken
from yinse.engine.voice.prompt import USUAL_DURATION_BIAS, PromptUtterance, VoicePrompt, manner

BIAS_RANGE: Final = (-0.3, 1.2)
"""Beyond it durations no longer follow, and sounds are drawn out that nobody draws out."""
SLOPE: Final = 0.35
"""Growth of the logarithm of durations with the bias over 14 strangers: the guess from which a voice's own is measured."""
LEAST_SLOPE: Final = 0.15
CLOSE: Final = 0.1
"""A guess that small is within what drawing the sentences again would change."""
FEWEST_SOUNDS: Final = 40
"""Fewer say nothing about a pace."""
MOST_UTTERANCES: Final = 4
END: Final = SYMBOL_IDS["."]


def at_own_pace(model: MonotonicGpt, voice: VoicePrompt) -> VoicePrompt:
    """The voice with the duration bias that fits its recording; the usual one where that does not tell.

    A recording whose words were not given does not: what was only heard lacks sounds, and seems slow.
    """
    known = [utterance for utterance in voice.utterances if utterance.known]
    return replace(voice, duration_bias=_fitted(model, known[:MOST_UTTERANCES]))


def _fitted(model: MonotonicGpt, utterances: Sequence[PromptUtterance]) -> float:
    """The bias with which `model` says utterances as slowly as they were recorded."""
    sounds = sum(len(_sounds(one)) for one in utterances)
    if len(utterances) < 2 or sounds < FEWEST_SOUNDS:
        return USUAL_DURATION_BIAS
    recorded = sum(_frames(model, one.symbols, one.pointer, one.tokens) for one in utterances)
    least, most = BIAS_RANGE

    def missing(bias: float) -> float:
        said = sum(_said(model, utterances, place, bias) for place in range(len(utterances)))
        return math.log(max(recorded, 1) / max(said, 1))

    without = missing(0.0)
    guess = min(max(without / SLOPE, least), most)
    if abs(guess) < CLOSE:
        return 0.0
    slope = max((without - missing(guess)) / guess, LEAST_SLOPE)
    return round(min(max(without / slope, least), most), 3)


def _said(model: MonotonicGpt, utterances: Sequence[PromptUtterance], place: int, bias: float) -> int:
    """Frames of sound when the model says the utterance at `place` after the others."""
    phonemes = [*_sounds(utterances[place]), END]
    others = manner([*utterances[place + 1 :], *utterances[:place]])
    generator = torch.Generator().manual_seed(place)
    walked = list(generate(model, prefix_of(others, bias), phonemes, SamplingOptions(), generator))
    return _frames(model, phonemes, [one.phoneme for one in walked], [one.token for one in walked])


def _sounds(utterance: PromptUtterance) -> list[int]:
    return [symbol for symbol in utterance.symbols if is_spoken(SYMBOLS[symbol])]


def _frames(
    model: MonotonicGpt, symbols: Sequence[int], pointer: Sequence[int], tokens: Sequence[int]
) -> int:
    """Frames in which a sound is heard: neither at a mark nor silent."""
    silent = frozenset(model.config.silent)
    return sum(
        is_spoken(SYMBOLS[symbols[place]]) and token not in silent
        for place, token in zip(pointer, tokens, strict=True)
    )
