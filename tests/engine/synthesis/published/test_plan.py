"""What is spoken in one go, where it stands in the text, and the stops that the published models want around it."""

import pytest
import torch

import tiny_published as tiny
from yinse.engine.synthesis.published.plan import Sentence, plan
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.symbols import table

STOP, COMMA = table("v2").ids(".,")


def planned(text: str, **settings: int) -> list[Sentence]:
    return list(plan(TextFrontend(**settings).analyse(text), table("v2"), tiny.read))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('你好。<break time="1s"/>再见。', [("你好。", 0.0, 1.0), ("再见。", 0.0, 0.0)]),
        ('你好<break time="500ms"/>再见。', [("你好", 0.0, 0.5), ("再见。", 0.0, 0.0)]),
        ('<break time="1s"/>Bye.', [("Bye.", 1.0, 0.0)]),
        ('<break time="1s"/>\n<break time="2s"/> Bye<break time="1s"/>.', [("Bye", 3.0, 1.0)]),
        ('Hi! <break time="2s"/> <break time="1s"/>\nBye.', [("Hi!", 0.0, 3.0), ("Bye.", 0.0, 0.0)]),
    ],
)
def test_no_break_is_lost_and_every_sentence_tells_its_own_text(
    text: str, expected: list[tuple[str, float, float]]
) -> None:
    sentences = planned(text)
    assert [(one.utterance.text, one.lead, one.pause) for one in sentences] == expected
    assert [text[slice(*one.utterance.span)] for one in sentences] == [said for said, _, _ in expected]


def test_very_short_readings_begin_with_a_stop_and_all_end_on_a_mark() -> None:
    (short,), (long,), (asked,) = planned("你"), planned("今天天气很好"), planned("今天天气很好？")
    assert short.phones_L[0] == short.phones_L[-1] == STOP
    assert long.phones_L[0] != STOP
    assert long.phones_L[-1] == STOP
    assert asked.phones_L[-1] == table("v2").ids("?")[0]
    for one in (short, long, asked):
        assert one.features_EL.shape == (1024, len(one.phones_L))


def test_chinese_is_read_with_the_stops_around_it() -> None:
    """The published code adds them to the text that it reads, so the models know their features, too."""
    (short,) = planned("你")
    features = tiny.read(".你.")
    assert torch.equal(short.features_EL, features[:, [0, 1, 1, 2]])
    (english,) = planned("Hi")
    assert not english.features_EL.any()


def test_a_sentence_that_is_cut_at_a_comma_ends_on_it() -> None:
    first, second = planned("苹果和香蕉，我都喜欢吃。", max_phonemes=12)
    assert first.phones_L[-2:].tolist() != [COMMA, STOP]
    assert first.phones_L[-1] == COMMA
    assert second.phones_L[-1] == STOP
