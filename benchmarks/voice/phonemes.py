"""How many phonemes are wrong? By our own recogniser: not independent, so natural speech stands beside it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.voice.figures import Figure, ratio
from yinse.engine.audio.waveform import Waveform
from yinse.engine.text.distance import edit_distance

Recognise = Callable[[Waveform], list[str]]
"""A waveform to the phonemes heard, as symbols of the inventory."""

Phonemise = Callable[[str, str], list[str]]
"""A text and its language to the phonemes it should hold; marks and pauses are ignored."""


def spoken(symbols: Sequence[str]) -> list[str]:
    """Only symbols with a sound of their own: `zh/a1`, not `,` or `<sp>`."""
    return [symbol for symbol in symbols if "/" in symbol]


def toneless(symbols: Sequence[str]) -> list[str]:
    """Symbols without tone, stress or pitch."""
    return [re.sub(r"\d$", "", symbol) for symbol in symbols]


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was heard and what should have been, for each waveform."""

    heard: tuple[tuple[str, ...], ...]
    wanted: tuple[tuple[str, ...], ...]

    @property
    def error_rate(self) -> Figure:
        """Errors per wanted phoneme, pooled over the waveforms."""
        return _rate(self.heard, self.wanted)

    @property
    def toneless_error_rate(self) -> Figure:
        """The same with tone, stress and pitch forgiven."""
        return _rate([toneless(h) for h in self.heard], [toneless(w) for w in self.wanted])

    @property
    def floor(self) -> Figure:
        """The error rate against shuffled texts: every waveform is held against its neighbour's phonemes."""
        return _rate(self.heard, [*self.wanted[1:], self.wanted[0]])


def _rate(heard: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]]) -> Figure:
    errors = [edit_distance(h, w) for h, w in zip(heard, wanted, strict=True)]
    return ratio(errors, [len(w) for w in wanted])


def transcribe(
    waveforms: Sequence[Waveform],
    texts: Sequence[str],
    language: str,
    recognise: Recognise,
    phonemise: Phonemise,
) -> Transcription:
    """Recognise every waveform; waveform i says text i."""
    heard = tuple(tuple(spoken(recognise(waveform))) for waveform in waveforms)
    wanted = tuple(tuple(spoken(phonemise(text, language))) for text in texts)
    if not all(wanted):
        raise ValueError("every text must hold phonemes")
    return Transcription(heard, wanted)
