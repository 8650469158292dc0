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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('你好。<break time="1s"/>再见。', [("你好。", 0.0, 1.0), ("再见。", 0.0, 0.0)]),
        ('Hi! <break time="2s"/> <break time="1s"/>\nBye.', [("Hi!", 0.0, 3.0), ("Bye.", 0.0, 0.0)]),
        ('<break time="1s"/>Bye.', [("Bye.", 1.0, 0.0)]),
        ('Bye<break time="1s"/>.', [("Bye", 0.0, 1.0)]),
        ('So, <break time="300ms"/> my friend. Bye.', [("So,", 0.0, 0.3), ("my friend.", 0.0, 0.0), ("Bye.", 0.0, 0.0)]),
    ],
)  # fmt: skip
def test_no_break_is_lost_and_every_segment_tells_its_own_text(
    text: str, expected: list[tuple[str, float, float]]
) -> None:
    segments = plan(TextFrontend(max_phonemes=120).analyse(text), text)
    assert [(one.text, one.lead, one.pause) for one in segments] == expected
    assert [text[slice(*one.span)] for one in segments] == [said for said, _, _ in expected]
