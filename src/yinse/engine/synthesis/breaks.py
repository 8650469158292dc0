"""Where a text asks for silence: what is spoken between its breaks, and how long they last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from yinse.engine.text.inventory import is_spoken
from yinse.engine.text.phoneme import Unit, Utterance
from yinse.engine.text.spanned import Span


@dataclass(frozen=True, slots=True)
class Stretch:
    """What no break cuts, with its own text and place; seconds of silence asked for before (of the first alone) and behind."""

    spoken: Utterance
    lead: float = 0.0
    pause: float = 0.0


def stretches(utterances: Sequence[Utterance]) -> list[Stretch]:
    """Cut utterances at their breaks. Breaks with nothing spoken between them add up, wherever a sentence ends."""
    found: list[Stretch] = []
    lead = 0.0
    for utterance in utterances:
        for part, seconds in _at_breaks(utterance):
            if any(is_spoken(symbol) for symbol in part.symbols):
                found.append(Stretch(part, pause=seconds))
            elif found:
                found[-1] = replace(found[-1], pause=found[-1].pause + seconds)
            else:
                lead += seconds
    return [replace(found[0], lead=lead), *found[1:]] if found else []


def _at_breaks(utterance: Utterance) -> Iterator[tuple[Utterance, float]]:
    """What stands before each break and behind the last one, and the seconds of the break behind it."""
    run: list[Unit] = []
    start = utterance.span[0]
    for is_break, group in groupby(utterance.units, key=_is_break):
        units = list(group)
        if not is_break:
            run = units
            continue
        yield _narrowed(utterance, run, (start, units[0].span[0])), sum(u.phonemes[0].seconds for u in units)
        run, start = [], units[-1].span[1]
    yield _narrowed(utterance, run, (start, utterance.span[1])), 0.0


def _is_break(unit: Unit) -> bool:
    return any(phoneme.is_break for phoneme in unit.phonemes)


def _narrowed(utterance: Utterance, units: Sequence[Unit], span: Span) -> Utterance:
    """Some units of an utterance with their text, white space at its ends left out."""
    text = utterance.text[span[0] - utterance.span[0] : span[1] - utterance.span[0]]
    start, end = span[0] + len(text) - len(text.lstrip()), span[1] - len(text) + len(text.rstrip())
    return Utterance(text.strip(), (start, end), tuple(units))
