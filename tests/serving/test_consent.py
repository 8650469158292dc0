"""What speaks against a spoken consent; how rarely each limit errs is measured by `benchmarks.consent`."""

from types import SimpleNamespace

import numpy as np
import pytest

from yinse.contracts.enrolment import ConsentCheck, ConsentDoubt
from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import KeyChain, ObjectRef, WrappedKey
from yinse.engine.audio.waveform import Waveform
from yinse.engine.text.inventory import SYMBOL_IDS, SYMBOLS
from yinse.engine.voice import listen
from yinse.serving import consent

VOICE = SealedVoice("voice_a", 1, KeyChain("acct_a", WrappedKey("1", b""), None), {})
REF = ObjectRef("acct_a", "voice_a", "obj_1", "recording")
SOUNDS = ["zh/n", "zh/i3", "zh/h", "zh/ao3"]
WORDS = {
    "我同意": ["zh/b", "zh/a1"],
    "今天": ["zh/p", "zh/a2"],
    "山": ["zh/m", "zh/a3"],
    "水": ["zh/f", "zh/a4"],
    "火": ["zh/d", "zh/i1"],
    "木": ["zh/t", "zh/i2"],
    "土": ["zh/n", "zh/i3"],
    "金": ["zh/l", "zh/i4"],
}
POOL = ("山", "水", "火", "木", "土", "金")


def check(lead="我同意，今天。", nonce=(), pool=()):
    return ConsentCheck(VOICE, REF, (REF,), "你好", "zh", lead, nonce, pool)


@pytest.fixture
def heard(monkeypatch):
    """What the models would say: every word right, by the same person, unless a test changes it."""
    found = SimpleNamespace(chances=(0.0, 0.0), likeness=(0.9, False))
    monkeypatch.setattr(listen, "hear", lambda *_: SimpleNamespace(scores_UV=None, phonemes=lambda: SOUNDS))
    monkeypatch.setattr(consent, "symbols_of", lambda *_: [*SOUNDS, "."])
    monkeypatch.setattr(consent, "_chances", lambda *_: found.chances)
    monkeypatch.setattr(consent, "least_likeness", lambda *_: found.likeness)
    return found


def matched(seconds=3.0):
    spoken = Waveform(np.zeros(round(seconds * 1000), np.float32), 1000)
    return consent.matched(SimpleNamespace(models=None, frontend=None), spoken, [], check())


def test_the_right_words_of_the_right_person_are_accepted(heard):
    found = matched()
    assert (found.accepted, found.doubts) == (True, ())
    assert (found.edit_distance, found.similarity, found.chance) == (0.0, 0.9, 0.0)


@pytest.mark.parametrize(
    ("change", "doubts"),
    [
        ({"chances": (0.06, 0.0)}, (ConsentDoubt.SENTENCE,)),
        ({"chances": (0.05, 0.005)}, ()),
        ({"chances": (0.0, 0.006)}, (ConsentDoubt.RANDOM_WORDS,)),
        ({"likeness": (0.64, False)}, (ConsentDoubt.SPEAKER,)),
        ({"likeness": (0.9, True)}, (ConsentDoubt.SPEAKER,)),
        (
            {"chances": (1.0, 1.0), "likeness": (0.1, True)},
            (ConsentDoubt.SENTENCE, ConsentDoubt.RANDOM_WORDS, ConsentDoubt.SPEAKER),
        ),
    ],
)
def test_each_limit_is_a_doubt_of_its_own(heard, change, doubts):
    vars(heard).update(change)
    found = matched()
    assert (found.accepted, found.doubts) == (not doubts, doubts)
    assert found.chance == max(heard.chances)


@pytest.mark.parametrize("seconds", [0.9, 60.1])
def test_what_is_too_short_or_too_long_is_not_listened_to(heard, seconds):
    found = matched(seconds)
    assert (found.accepted, found.doubts) == (False, (ConsentDoubt.LENGTH,))


def scores_of(sounds):
    """A recogniser that hears these sounds, four frames each."""
    scores_UV = np.full((4 * len(sounds) + 4, len(SYMBOLS)), -9.0, np.float32)
    for place, sound in enumerate(sounds):
        scores_UV[4 * place + 2 : 4 * place + 5, SYMBOL_IDS[sound]] = 0.0
    return scores_UV


@pytest.fixture
def words(monkeypatch):
    monkeypatch.setattr(consent, "symbols_of", lambda _, text, __: WORDS[text])
    monkeypatch.setattr(consent, "CLAUSE_DRAWS", 40)
    monkeypatch.setattr(consent, "NONCE_DRAWS", 40)


def chances_of(said, **told):
    sounds = [sound for word in said for sound in WORDS[word]]
    return consent._chances(SimpleNamespace(frontend=None), scores_of(sounds), check(**told))


def test_every_clause_and_the_random_words_are_looked_for(words):
    told = {"nonce": ("山", "水"), "pool": POOL}
    clauses, nonce = chances_of(["我同意", "今天", "山", "水"], **told)
    assert max(clauses, nonce) <= 0.1
    assert chances_of(["我同意", "山", "水"], **told)[0] > 0.5, "a clause was left out"
    clauses, nonce = chances_of(["我同意", "今天", "火", "木"], **told)
    assert clauses < 0.5 < nonce, "other words were drawn for somebody else"


def test_a_sentence_without_words_proves_nothing_and_one_without_random_words_needs_none(words):
    assert chances_of(["山"], lead="。", pool=POOL) == (1.0, 0.0)
