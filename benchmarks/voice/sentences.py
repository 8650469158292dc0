"""What is said in the benchmark: sentences unseen in training, with and without natural recordings."""

import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import resources

from benchmarks.voice.pronounce import PRONOUNCE, Unit
from benchmarks.voice.speech import SpeechData, Utterance
from yinse.corpus.build import heldout_speakers, split_of

SEED = 7
LIMITS = (1.2, 12.0)
"""Shortest and longest recording of a test sentence, in seconds."""
ENROL_SECONDS, TEST_SECONDS = 60.0, 10.0
FIRST = ("librispeech_251_speakers", "ljspeech_coqui", "jenny_sample", "aishell_sample", "aishell3_samples")
"""Collections of sentences read by native speakers; the others only fill up the number."""

SINGLE_WORDS = frozenset({"dspspeech20"})
"""Lone words, half of it silence: the encoder hears these speakers at cosine 0.73 and confuses some."""


def written(language: str) -> list[str]:
    """Sixty everyday sentences written for this benchmark."""
    text = resources.files("benchmarks.voice").joinpath(f"data/{language}.txt").read_text("utf-8")
    return text.splitlines()


def plain(text: str) -> str:
    """A text without case, spaces and marks: what two transcripts of one sentence share."""
    return re.sub(r"[\W_]", "", text).casefold()


def training_texts(data: SpeechData) -> frozenset[str]:
    """Every text that training may have seen, in its plain form."""
    heldout = heldout_speakers()
    return frozenset(plain(u.text) for u in data.utterances if _split(u, heldout) == "train")


def _split(utterance: Utterance, heldout: frozenset[str]) -> str:
    return split_of(utterance.id, utterance.speaker, heldout)


def unseen(data: SpeechData, language: str, known_words: Collection[str], count: int) -> list[Utterance]:
    """Recorded sentences whose text is not in training, native readers first, all different in sound."""
    seen = training_texts(data)
    heldout = heldout_speakers()
    candidates = [
        utterance
        for utterance in shuffled(data.utterances)
        if utterance.language == language
        and _split(utterance, heldout) != "train"
        and LIMITS[0] <= utterance.seconds <= LIMITS[1]
        and plain(utterance.text) not in seen
    ]
    candidates.sort(key=lambda utterance: utterance.source not in FIRST)
    return distinct(candidates, language, known_words)[:count]


def shuffled(utterances: Sequence[Utterance]) -> list[Utterance]:
    """The same utterances in an order that is the same every time."""
    order = list(utterances)
    random.Random(SEED).shuffle(order)
    return order


def distinct(utterances: Sequence[Utterance], language: str, known_words: Collection[str]) -> list[Utterance]:
    """Those that the recogniser can hear at all, and only one of each sound."""
    kept: dict[tuple[Unit, ...], Utterance] = {}
    for utterance in utterances:
        if is_plain(utterance.text, language):
            units = PRONOUNCE[language](utterance.text)
            if len(units) >= 3 and all(unit.phones or unit.name in known_words for unit in units):
                kept.setdefault(units, utterance)
    return list(kept.values())


def is_plain(text: str, language: str) -> bool:
    """Whether a text holds one script and no digits."""
    pattern = r"[a-zA-Z\s\W]+" if language == "en" else r"[\u3040-\u30ff\u4e00-\u9fff、。，？！：；“”]+"
    return re.fullmatch(pattern, text) is not None


def with_distractors(texts: Sequence[str], language: str, count: int) -> list[str]:
    """The texts and, until there are `count`, written sentences that nobody says."""
    return [*texts, *(text for text in written(language) if text not in texts)][: max(count, len(texts))]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A speaker no model has heard: about a minute to enrol, and the rest to test."""

    name: str
    language: str
    enrol: tuple[Utterance, ...]
    test: tuple[Utterance, ...]


def strangers(data: SpeechData) -> list[Stranger]:
    """Held-out readers of sentences with enough speech to enrol and to test."""
    heldout = heldout_speakers()
    recordings: dict[str, list[Utterance]] = {}
    for utterance in data.utterances:
        if utterance.speaker in heldout and utterance.source not in SINGLE_WORDS:
            recordings.setdefault(utterance.speaker, []).append(utterance)
    split = (divide(name, utterances) for name, utterances in recordings.items())
    return [stranger for stranger in split if sum(u.seconds for u in stranger.enrol) >= 0.6 * ENROL_SECONDS]


def divide(name: str, utterances: Sequence[Utterance]) -> Stranger:
    """The last utterances, `TEST_SECONDS` of them, are to test; a minute of the first is to enrol."""
    rest, test = list(utterances), list[Utterance]()
    while rest and sum(u.seconds for u in test) < TEST_SECONDS:
        test.append(rest.pop())
    enrol: list[Utterance] = []
    for utterance in rest:
        if sum(u.seconds for u in enrol) < ENROL_SECONDS:
            enrol.append(utterance)
    return Stranger(name, utterances[0].language, tuple(enrol), tuple(test))
