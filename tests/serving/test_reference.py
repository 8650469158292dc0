"""Another reference is chosen when it speaks the same texts more clearly and more like the voice."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from yinse.engine.voice import listen
from yinse.serving.reference import best_reference


@dataclass(frozen=True)
class Utterance:
    name: str
    language: str = "zh"


@dataclass(frozen=True)
class Prompt:
    utterances: tuple
    speaker_E: np.ndarray


class Speaker:
    """Speaks as clearly as its reference's name says."""

    models = None
    scores: dict[str, float]

    def __init__(self, **scores):
        self.scores, self.tried = scores, []
        self.frontend = SimpleNamespace(analyse=lambda text, _: [SimpleNamespace(symbols=["zh/n", "zh/i3"])])

    def speak(self, text, prompt, options):
        name = prompt.utterances[0].name
        self.tried.append((name, text, options.seed))
        segment = SimpleNamespace(score=self.scores[name])
        return SimpleNamespace(audio=None, report=SimpleNamespace(segments=[segment]))


@pytest.fixture(autouse=True)
def alike(monkeypatch):
    monkeypatch.setattr(listen, "level", lambda audio: audio)
    monkeypatch.setattr(listen, "embed_speaker", lambda models, audio: np.array([1.0]))


def prompt(*utterances):
    return Prompt(utterances, np.array([0.8]))


def test_the_clearest_comes_first_and_the_others_stay():
    a, b, c = Utterance("a"), Utterance("b"), Utterance("c")
    speaker = Speaker(a=0.4, b=0.5, c=0.8)
    found = best_reference(speaker, prompt(a, b, c), ["你", "好"])
    assert found.prompt.utterances == (c, a, b)
    assert (found.before, found.after, found.improved) == (0.6, 0.8, True)
    assert len(speaker.tried) == len(set(speaker.tried)) == 3 * 2 * 2 + 2 * 2 * 2


def test_a_hair_better_is_not_better():
    found = best_reference(Speaker(a=0.5, b=0.51), prompt(Utterance("a"), Utterance("b")), ["你好"])
    assert not found.improved


def test_references_of_other_languages_are_left_alone():
    a, b, c = Utterance("a", "en"), Utterance("b"), Utterance("c")
    speaker = Speaker(a=0.9, b=0.4, c=0.7)
    found = best_reference(speaker, prompt(a, b, c), ["你好"])
    assert {name for name, _, _ in speaker.tried} == {"b", "c"}
    assert found.prompt.utterances == (c, a, b)
    only = best_reference(Speaker(a=0.9), prompt(a), ["你好"])
    assert not only.improved


def test_texts_without_a_sound_of_any_language_try_every_reference():
    speaker = Speaker(a=0.4, b=0.9)
    speaker.frontend = SimpleNamespace(analyse=lambda text, _: [SimpleNamespace(symbols=["sil"])])
    assert best_reference(speaker, prompt(Utterance("a", "en"), Utterance("b")), ["…"]).improved


def test_what_was_only_lucky_is_not_better():
    class Lucky(Speaker):
        def speak(self, text, prompt, options):
            self.scores = {"a": 0.5, "b": 0.9 if options.seed <= 2 else 0.5}
            return super().speak(text, prompt, options)

    found = best_reference(Lucky(), prompt(Utterance("a"), Utterance("b")), ["你好"])
    assert (found.before, found.after, found.improved) == (0.65, 0.65, False)
