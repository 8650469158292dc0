"""Segments and the pauses between them: a comma, a full stop, a paragraph, the end."""

import pytest

from yinse.engine.synthesis.plan import (
    REST,
    REST_AT_BREAK,
    REST_AT_END,
    REST_OF_PARAGRAPH,
    REST_OF_SENTENCE,
    plan,
)
from yinse.engine.text.frontend import TextFrontend


def rests(text: str, max_phonemes: int = 120) -> list[tuple[int, float]]:
    frontend = TextFrontend(max_phonemes=max_phonemes)
    return [(segment.rest, segment.pause) for segment in plan(frontend.analyse(text), text)]


@pytest.mark.parametrize("text", ["你好。再见。", "Hello! Bye.", "本当？はい。", "第一章\n今天天气好。"])
def test_a_sentence_is_followed_by_more_silence_than_the_end_needs(text: str) -> None:
    assert rests(text) == [(REST_OF_SENTENCE, 0.0), (REST_AT_END, 0.0)]
    assert REST_OF_SENTENCE > REST[","] > REST_AT_END


@pytest.mark.parametrize("gap", ["\n\n", " \n \n\n", "\r\n\r\n"])
def test_an_empty_line_is_a_longer_pause(gap: str) -> None:
    assert rests(f"你好。{gap}再见。") == [(REST_OF_PARAGRAPH, 0.0), (REST_AT_END, 0.0)]
    assert REST_OF_PARAGRAPH > REST_OF_SENTENCE


def test_a_long_sentence_that_is_cut_at_a_comma_goes_on_soon() -> None:
    assert rests("苹果和香蕉，我都喜欢吃。", max_phonemes=12) == [(REST[","], 0.0), (REST_AT_END, 0.0)]


def test_a_break_has_the_length_that_was_asked_for() -> None:
    assert rests('你好<break time="700ms"/>再见。') == [(REST_AT_BREAK, 0.7), (REST_AT_END, 0.0)]
