"""`python -m benchmarks.second_speaker`: does the live coach notice a second person, how soon, and does it cry wolf?

Legend: V embedded stretches of 1.5 s, D dimensions.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from benchmarks.noise.__main__ import PAUSE, recorded, steady_noises
from benchmarks.voice.figures import Figure, share
from benchmarks.voice.machine import this_machine
from benchmarks.voice.sentences import strangers
from benchmarks.voice.speech import SpeechData
from yinse.contracts.quality import Span
from yinse.engine.audio.vad import VoiceActivity
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import load_base
from yinse.quality.measures.speakers import other_speaker
from yinse.quality.observe.encoder import encoder_ruler
from yinse.quality.observe.voices import Embedding, SpeakerRuler, VoiceMeter, Voices
from yinse.quality.rules import RULES

LEVELS = (None, 25.0, 15.0)
"""dB of the speech over the noise; the first is the recording as it is."""
STEP = 0.75
"""Seconds of speech from one stretch to the next."""
ALONE = 24
"""Stretches that the first person reads alone: some eighteen seconds of speech."""
SECOND = (2, 4, 8, 16)
"""Stretches of the second person after which it is asked whether they are noticed."""
RULE = next(rule for rule in RULES if rule.id == "other_speaker")


@dataclass(frozen=True, slots=True)
class Row:
    """One level of noise: reports and whole takes of one person with a false alarm, and second people noticed."""

    level: float | None
    false_reports: Figure
    false_takes: Figure
    noticed: tuple[Figure, ...]


@click.command()
@click.option(
    "--speech-data", type=click.Path(path_type=Path), default=Path("../shared/data"), show_default=True
)
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True
)
def main(speech_data: Path, results: Path) -> None:
    """Strangers who read alone, and pairs of them one after the other, as the live coach hears them."""
    data = SpeechData(speech_data)
    people = [data.in_a_row(person.enrol, PAUSE) for person in strangers(data)]
    noises, ruler, rows = steady_noises(speech_data), encoder_ruler(load_base()), list[Row]()
    for level in LEVELS:
        rows.append(row(level, [voices_of(one, ruler) for one in recorded(people, noises, level)]))
        click.echo(line(rows[-1]))
    results.mkdir(parents=True, exist_ok=True)
    (results / "second_speaker.md").write_text(page(rows, len(people)), "utf-8")


def voices_of(recording: Waveform, ruler: SpeakerRuler) -> Voices:
    """Every stretch of a recording."""
    activity, meter = VoiceActivity(recording.rate), VoiceMeter(recording.rate, ruler.different_below)
    meter.push(recording.samples, activity.push(recording.samples))
    for stretch in meter.stretches():
        meter.tell(stretch.span, ruler.embed(stretch.speech))
    return meter.voices


def alarmed(embeddings_VD: Embedding, different_below: float) -> bool:
    """Whether somebody whose stretches these are is told of a second person; where they lie makes no difference."""
    spans = tuple(Span(STEP * number, STEP * (number + 2)) for number in range(len(embeddings_VD)))
    return RULE.crossed(other_speaker(Voices(embeddings_VD, spans, different_below)).value) is not None


def row(level: float | None, people: Sequence[Voices]) -> Row:
    """Every person alone, and every ordered pair."""
    takes = [list(reports(one)) for one in people]
    return Row(
        level,
        share(list(itertools.chain(*takes))),
        share([any(take) for take in takes]),
        tuple(
            share([noticed(*pair, count) for pair in itertools.permutations(people, 2)]) for count in SECOND
        ),
    )


def reports(voices: Voices) -> Iterator[bool]:
    """After each further stretch: whether there is an alarm."""
    for count in range(1, len(voices.embeddings) + 1):
        yield alarmed(voices.embeddings[:count], voices.different_below)


def noticed(one: Voices, other: Voices, count: int) -> bool:
    """Whether there is an alarm when another person has read so many stretches after the first."""
    together = np.concatenate([one.embeddings[:ALONE], other.embeddings[:count]])
    return alarmed(together, one.different_below)


def line(row: Row) -> str:
    """A row of the table."""
    level = "as it is" if row.level is None else f"{row.level:g} dB"
    shares = [_percent(figure) for figure in (row.false_reports, row.false_takes, *row.noticed)]
    return f"| {' | '.join([level, *shares])} |"


def _percent(figure: Figure) -> str:
    value, low, high = (100 * number for number in (figure.value, figure.low, figure.high))
    return f"{value:.1f} % ({low:.1f}-{high:.1f}, n {figure.samples})"


def page(rows: Sequence[Row], people: int) -> str:
    """The page that the benchmark writes."""
    after = [f"noticed after {count * STEP:.1f} s" for count in SECOND]
    parts = [
        "# A second person in a take\n",
        f"`python -m benchmarks.second_speaker` writes this page: {people} people who were held out of training, with a real "
        f"noise so far below their speech. Alone: reports of the live coach with a false alarm, and takes of a minute with one "
        f"at any time. In pairs: after {ALONE * STEP:.0f} s of speech another person reads on, and after so much of their speech "
        "the report tells of them. The likeness below which two people are heard was chosen with these people. "
        "Brackets: 95 % interval (Wilson).\n",
        f"{this_machine().sentence()}.\n",
        f"| noise below the speech | false reports | false takes | {' | '.join(after)} |",
        f"|---{'|---:' * (2 + len(SECOND))}|",
        *map(line, rows),
    ]
    return "\n".join([*parts, ""])


if __name__ == "__main__":
    main()
