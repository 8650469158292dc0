"""Slices of a recording to a `VoicePrompt`."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from yinse.contracts.errors import RecordingRejected
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.content.phonetic.alignment import Timeline
from yinse.engine.text.inventory import SYMBOLS, language_of, main_language
from yinse.engine.voice.listen import Heard, embed_speaker, encode_latents, hear, level, place
from yinse.engine.voice.prompt import PromptUtterance, VoicePrompt

LONGEST_MEMORY_TOKENS: Final = 1500
"""One minute of reference is attended to; more adds time, not likeness."""
PROMPT_TOKENS: Final = (30, 160)
"""Shortest and longest prompt of the semantic model: 1.2 s to 6.4 s."""
PROMPTS_KEPT: Final = 6


@dataclass(frozen=True, slots=True)
class Slice:
    """A spoken slice of a recording, with its transcript as symbols where it is known."""

    waveform: Waveform
    symbols: list[str] | None = None


@dataclass(frozen=True, slots=True)
class _Reference:
    heard: Heard
    timeline: Timeline
    score: float
    waveform: Waveform
    known: bool


def build_prompt(models: BaseModels, slices: list[Slice], *, bandwidth: float = 22050.0) -> VoicePrompt:
    """Digest slices, clearest first, into a voice. `bandwidth` is the highest frequency they hold, in Hz."""
    references = sorted(
        filter(None, (_listen(models, one) for one in slices)), key=lambda r: r.score, reverse=True
    )
    if not references:
        raise RecordingRejected("no speech could be recognised in the recording; speak a few full sentences")
    kept: list[_Reference] = []
    total = 0
    for reference in references:
        if total + len(reference.heard.tokens_S) <= LONGEST_MEMORY_TOKENS or not kept:
            kept.append(reference)
            total += len(reference.heard.tokens_S)
    latents = [encode_latents(models, r.waveform, len(r.heard.tokens_S), bandwidth) for r in kept]
    return VoicePrompt(
        speaker_E=embed_speaker(models, [r.waveform for r in kept]),
        tokens_S=np.concatenate([r.heard.tokens_S for r in kept]).astype(np.int16),
        symbols_S=np.concatenate([_frame_symbols(r.timeline) for r in kept]),
        latents_FD=np.concatenate(latents),
        utterances=_prompts(references),
        revision=models.revision,
    )


def _listen(models: BaseModels, one: Slice) -> _Reference | None:
    waveform = level(one.waveform)
    heard = hear(models, waveform)
    known = place(heard, one.symbols) if one.symbols is not None else None
    placed = known or place(heard, None)
    if placed is None:
        return None
    return _Reference(heard, placed[0], placed[1].score, waveform, known is not None)


def _frame_symbols(timeline: Timeline) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.array(timeline.symbols)[timeline.pointer_T].astype(np.int16)


def _prompts(references: list[_Reference]) -> tuple[PromptUtterance, ...]:
    """The clearest utterances of a useful length; the clearest of all, cut, if none has it."""
    shortest, longest = PROMPT_TOKENS
    fitting = [r for r in references if shortest <= len(r.heard.tokens_S) <= longest] or references[:1]
    return tuple(_prompt(r, longest) for r in fitting[:PROMPTS_KEPT])


def _prompt(reference: _Reference, longest: int) -> PromptUtterance:
    pointer = reference.timeline.pointer_T[:longest]
    symbols = reference.timeline.symbols[: int(pointer[-1]) + 1]
    tokens = reference.heard.tokens_S[:longest]
    return PromptUtterance(
        symbols, tuple(pointer.tolist()), tuple(tokens.tolist()), _language(symbols), reference.known
    )


def _language(symbols: tuple[int, ...]) -> str:
    """The language most of the phonemes belong to."""
    return main_language(language_of(SYMBOLS[index]) for index in symbols) or "zh"
