"""Consents put together from real recordings of strangers: two sentences as the lead, two as the random words.

Nobody in the data reads our sentence, so theirs stand in: the check knows no more of one text than of the other.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.voice.sentences import SINGLE_WORDS
from benchmarks.voice.speech import SpeechData, Utterance
from yinse.contracts.enrolment import ConsentCheck
from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import KeyChain, ObjectRef, WrappedKey
from yinse.corpus.build import heldout_speakers
from yinse.engine.audio.waveform import Waveform

SAMPLE_SECONDS = 40.0
LEAD_SENTENCES, NONCE_SENTENCES = 2, 2
"""Two sentences have about as many phonemes as our six words, 30 to 40."""
SEPARATOR = ". "
PAUSE = 0.3
_VOICE = SealedVoice("voice", 1, KeyChain("acct", WrappedKey("1", b""), None), {})
_REF = ObjectRef("acct", "voice", "obj", "consent")


@dataclass(frozen=True, slots=True)
class Consent:
    """One recording, what it should say, and by whom."""

    speaker: str
    spoken: Waveform
    check: ConsentCheck


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody no model heard in training: samples as a voice has them, and consents from other recordings."""

    name: str
    samples: tuple[Waveform, ...]
    consents: tuple[Consent, ...]


def strangers(data: SpeechData, *names: str) -> list[Stranger]:
    """Everybody held out of training with enough English sentences, or only those named."""
    heldout, own = heldout_speakers(), defaultdict(list)
    for utterance in data.utterances:
        if (
            utterance.speaker in heldout
            and utterance.language == "en"
            and utterance.source not in SINGLE_WORDS
        ):
            own[utterance.speaker].append(utterance)
    pool = tuple(word for _, rows in sorted(own.items()) for row in rows for word in words(row).split())
    wanted = ((name, rows) for name, rows in sorted(own.items()) if not names or name in names)
    found = (_stranger(data, name, rows, pool) for name, rows in wanted)
    return [one for one in found if one is not None]


def words(utterance: Utterance) -> str:
    """A text as the words that are spoken, without marks."""
    return " ".join(re.findall(r"[a-z']+", utterance.text.lower()))


def _stranger(
    data: SpeechData, name: str, rows: Sequence[Utterance], pool: tuple[str, ...]
) -> Stranger | None:
    samples, rest, seconds = list[Utterance](), list[Utterance](), 0.0
    for row in rows:
        (samples if seconds < SAMPLE_SECONDS else rest).append(row)
        seconds += row.seconds
    consents = tuple(_consents(data, name, rest, pool))
    return Stranger(name, (data.in_a_row(samples, PAUSE),), consents) if consents else None


def _consents(
    data: SpeechData, name: str, rows: Sequence[Utterance], pool: tuple[str, ...]
) -> Iterator[Consent]:
    size = LEAD_SENTENCES + NONCE_SENTENCES
    for start in range(0, len(rows) - size + 1, size):
        taken = rows[start : start + size]
        lead, rest = taken[:LEAD_SENTENCES], taken[LEAD_SENTENCES:]
        text, nonce = SEPARATOR.join(words(row) for row in lead), tuple(" ".join(map(words, rest)).split())
        check = ConsentCheck(_VOICE, _REF, (_REF,), f"{text}. {', '.join(nonce)}.", "en", text, nonce, pool)
        yield Consent(name, data.in_a_row(taken, PAUSE), check)
