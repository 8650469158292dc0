"""Which of these sentences was said? A closed grammar for `pocketsphinx` and its English acoustic model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.voice.figures import Figure, share
from benchmarks.voice.pronounce import PRONOUNCE, Unit
from benchmarks.voice.sounds import at_rate
from yinse.engine.audio.waveform import Waveform

Transition = tuple[int, int, float] | tuple[int, int, float, str]

PATIENT = {"beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-80, "maxhmmpf": -1, "bestpath": False}
"""Beams too wide to cut off an accent early; no second pass over the lattice, which drops last words."""


@cache
def dictionary_words() -> frozenset[str]:
    """English words the recogniser can pronounce."""
    from pocketsphinx import get_model_path

    lines = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text("utf-8").splitlines()
    return frozenset(line.split(" ", 1)[0] for line in lines)


class SentenceGrammar:
    """A recogniser that can hear exactly the given sentences."""

    def __init__(self, sentences: Sequence[str], language: str = "en") -> None:
        from pocketsphinx import Decoder

        self._decoder = Decoder(lm=None, loglevel="FATAL", **PATIENT)
        units = [PRONOUNCE[language](sentence) for sentence in sentences]
        self._learn({unit for sentence in units for unit in sentence})
        self._index = {tuple(unit.name for unit in sentence): i for i, sentence in enumerate(units)}
        if len(self._index) != len(sentences) or () in self._index:
            raise ValueError("the sentences of a grammar must differ in sound, and none may be empty")
        grammar = self._decoder.create_fsg("sentences", 0, 1, transitions(list(self._index)))
        self._decoder.add_fsg("sentences", grammar)
        self._decoder.activate_search("sentences")

    def _learn(self, units: set[Unit]) -> None:
        """Teach the dictionary the units it lacks; raises ValueError for an English word that it lacks."""
        unknown = {unit.name for unit in units if unit.phones is None} - dictionary_words()
        if unknown:
            raise ValueError(f"the recogniser's dictionary lacks: {', '.join(sorted(unknown))}")
        for unit in units:
            if unit.phones is not None:
                self._decoder.add_word(unit.name, " ".join(unit.phones), False)

    def choose(self, waveform: Waveform) -> int | None:
        """Index of the sentence heard, None when no sentence fits to its end."""
        pcm = np.round(at_rate(waveform).clip(-1, 1) * 32767).astype(np.int16)
        self._decoder.start_utt()
        self._decoder.process_raw(pcm.tobytes(), False, True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return None if hypothesis is None else self._index.get(tuple(hypothesis.hypstr.split()))


def transitions(sentences: Sequence[tuple[str, ...]]) -> list[Transition]:
    """Arcs of an automaton from state 0 to state 1, with one path of equal weight for each sentence."""
    arcs: list[Transition] = []
    fresh = 2
    for words in sentences:
        states = [0, *range(fresh, fresh + len(words) - 1), 1]
        fresh += len(words) - 1
        weights = [1 / len(sentences)] + [1.0] * (len(words) - 1)
        arcs += zip(states[:-1], states[1:], weights, words, strict=True)
    return arcs


@dataclass(frozen=True, slots=True)
class Identification:
    """What was heard for each waveform; waveform i said sentence i."""

    choices: tuple[int | None, ...]

    @property
    def accuracy(self) -> Figure:
        """Share of waveforms heard as their own sentence."""
        return share([choice == i for i, choice in enumerate(self.choices)])

    @property
    def floor(self) -> Figure:
        """The same share against shuffled texts: every waveform is held against its neighbour's sentence."""
        n = len(self.choices)
        return share([choice == (i + 1) % n for i, choice in enumerate(self.choices)])


def identify(waveforms: Sequence[Waveform], sentences: Sequence[str], language: str = "en") -> Identification:
    """Let the recogniser say which of `sentences` each waveform is; waveform i said the i-th.

    Sentences beyond the last waveform are distractors: they make the choice harder.
    """
    if len(waveforms) > len(sentences):
        raise ValueError(f"{len(waveforms)} waveforms for {len(sentences)} sentences")
    grammar = SentenceGrammar(sentences, language)
    return Identification(tuple(grammar.choose(waveform) for waveform in waveforms))
