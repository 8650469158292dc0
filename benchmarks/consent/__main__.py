"""`python -m benchmarks.consent`: who passes the check of a consent, and who does not; a table with intervals."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

import click
import numpy as np

from benchmarks.consent.trials import SEPARATOR, Consent, Stranger, strangers
from benchmarks.voice.figures import Figure, share
from benchmarks.voice.machine import this_machine
from benchmarks.voice.speech import SpeechData
from yinse.contracts.enrolment import ConsentCheck, ConsentDoubt, ConsentMatch
from yinse.engine.audio.waveform import Waveform
from yinse.engine.synthesis.synthesizer import Synthesizer
from yinse.engine.voice.listen import embed_speaker, level
from yinse.service.consents import phrases
from yinse.serving.consent import CLAUSE_CHANCE, NONCE_CHANCE, SIMILARITY, matched
from yinse.serving.enrolment import enrol

Trials = Iterator[tuple[Waveform, tuple[Waveform, ...], ConsentCheck]]
"""What was recorded, the voice's samples, and what should have been said."""


@dataclass(frozen=True, slots=True)
class Row:
    """How many of some trials were accepted, and why the others were not."""

    what: str
    accepted: Figure
    words: int
    nonce: int
    speaker: int


@click.command()
@click.option(
    "--speech-data", type=click.Path(path_type=Path), default=Path("../shared/data"), show_default=True
)
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True
)
@click.option("--trials", default=120, show_default=True, help="At most, of each kind.")
def main(speech_data: Path, results: Path, trials: int) -> None:
    """The check of a spoken consent on recordings of strangers, honest and not."""
    synthesizer, people = Synthesizer.load(), strangers(SpeechData(speech_data))
    click.echo(f"{len(people)} strangers, {sum(len(one.consents) for one in people)} consents")
    kinds: tuple[tuple[str, Callable[[], Trials]], ...] = (
        ("the right words by the right person", lambda: honest(people)),
        ("an older consent: the sentence, but other random words", lambda: older(people)),
        ("any other recording of the right person", lambda: replayed(people)),
        ("the right words, a clause left out", lambda: shortened(people)),
        ("the right words by another person", lambda: others(people)),
        ("all is right, but another person's recording is among the samples", lambda: mixed(people)),
        ("our own synthesis of our sentence in the person's voice", lambda: synthetic(synthesizer, people)),
    )
    rows = []
    for what, make in kinds:
        rows.append(judged(synthesizer, what, itertools.islice(make(), trials)))
        click.echo(line(rows[-1]))
    text = page(rows, speakers(synthesizer, people), synthesizer.models.revision)
    results.mkdir(parents=True, exist_ok=True)
    (results / "consent.md").write_text(text, "utf-8")
    click.echo(f"\n{text}")


def honest(people: Sequence[Stranger]) -> Trials:
    """Every consent as it is."""
    for one in people:
        for consent in one.consents:
            yield consent.spoken, one.samples, consent.check


def older(people: Sequence[Stranger]) -> Trials:
    """The recording was made for other random words."""
    chosen = Random(3)
    for _ in range(8):
        for one in people:
            for consent in one.consents:
                nonce = tuple(chosen.sample(consent.check.pool, len(consent.check.nonce)))
                yield consent.spoken, one.samples, replace(consent.check, nonce=nonce)


def replayed(people: Sequence[Stranger]) -> Trials:
    """The person is the right one, and speaks of something else."""
    for one in people:
        for consent, other in itertools.permutations(one.consents, 2):
            yield other.spoken, one.samples, consent.check


def shortened(people: Sequence[Stranger]) -> Trials:
    """A sentence more is asked for than was read, in the middle of the lead."""
    for one in people:
        foreign = next(c for c in _everyone(people) if c.speaker != one.name).check.lead.split(SEPARATOR)[0]
        for consent in one.consents:
            first, second = consent.check.lead.split(SEPARATOR)
            lead = SEPARATOR.join((first, foreign, second))
            yield consent.spoken, one.samples, replace(consent.check, lead=lead)


def others(people: Sequence[Stranger]) -> Trials:
    """The words are right, the voice is another's."""
    for one, other in itertools.permutations(people, 2):
        for consent in one.consents[:1]:
            yield consent.spoken, other.samples, consent.check


def mixed(people: Sequence[Stranger]) -> Trials:
    """All is right, but for a recording of somebody else among the samples."""
    for one, other in itertools.permutations(people, 2):
        for consent in one.consents[:1]:
            yield consent.spoken, (*one.samples, *other.samples), consent.check


def synthetic(synthesizer: Synthesizer, people: Sequence[Stranger]) -> Trials:
    """A voice made of the person's recordings reads the sentence, in three languages."""
    for one in people:
        voice = enrol(synthesizer.models, one.name, one.samples, [()] * len(one.samples), "benchmark").voice
        for language in ("zh", "en", "ja"):
            phrase = phrases.challenge(language, "Yinse", date(2026, 11, 27))
            parts, check = phrases.parts_of(phrase, language), one.consents[0].check
            asked = replace(
                check, phrase=phrase, language=language, lead=parts.lead, nonce=parts.nonce, pool=parts.pool
            )
            yield synthesizer.speak(phrase, voice).audio, one.samples, asked


def _everyone(people: Sequence[Stranger]) -> list[Consent]:
    return [consent for one in people for consent in one.consents]


def judged(synthesizer: Synthesizer, what: str, trials: Trials) -> Row:
    """Run the check as the service does."""
    found: list[ConsentMatch] = [
        matched(synthesizer, spoken, list(samples), check) for spoken, samples, check in trials
    ]

    def because(doubt: ConsentDoubt) -> int:
        return sum(doubt in match.doubts for match in found)

    accepted = share([match.accepted for match in found])
    return Row(
        what,
        accepted,
        because(ConsentDoubt.SENTENCE),
        because(ConsentDoubt.RANDOM_WORDS),
        because(ConsentDoubt.SPEAKER),
    )


def speakers(synthesizer: Synthesizer, people: Sequence[Stranger]) -> tuple[list[float], list[float]]:
    """Cosines of consents to their own person's samples, and to everybody else's."""
    models = synthesizer.models
    known = {one.name: embed_speaker(models, [level(take) for take in one.samples]) for one in people}
    same, different = list[float](), list[float]()
    for consent in _everyone(people):
        heard = embed_speaker(models, [level(consent.spoken)])
        for name, vector in known.items():
            (same if name == consent.speaker else different).append(float(vector @ heard))
    return same, different


def line(row: Row) -> str:
    """One line of the table."""
    f = row.accepted
    percent = f"{100 * f.value:.1f} % ({100 * f.low:.1f}-{100 * f.high:.1f})"
    return f"| {row.what} | {f.samples} | {percent} | {row.words} | {row.nonce} | {row.speaker} |"


def page(rows: Sequence[Row], cosines: tuple[list[float], list[float]], revision: str) -> str:
    """What the benchmark writes."""
    same, different = (np.array(values) for values in cosines)
    limits = (
        f"Limits: {100 * CLAUSE_CHANCE:.0f} % for a clause, {100 * NONCE_CHANCE:.1f} % for the random words, cosine {SIMILARITY}. "
        f"By the cosine alone {100 * np.mean(different >= SIMILARITY):.2f} % of strangers pass and "
        f"{100 * np.mean(same < SIMILARITY):.1f} % of the right people do not ({len(different)} and {len(same)} pairs)."
    )
    parts = [
        "# The check of a spoken consent\n",
        "`python -m benchmarks.consent` writes this page: English recordings of people held out of training, two of their "
        "sentences standing in for ours and two for the random words, against 40 s of samples from other recordings. "
        "Brackets: 95 % interval (Wilson). The last columns count why the others were refused.\n",
        f"{this_machine().sentence()}. Weights: {revision}.\n",
        limits + "\n",
        "| what was recorded | trials | accepted | words | random words | speaker |",
        "|---|---:|---:|---:|---:|---:|",
        *map(line, rows),
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
