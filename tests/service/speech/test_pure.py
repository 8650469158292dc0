import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinse.contracts.speech import PhonemeTiming
from yinse.engine.text.markup import parse
from yinse.service.speech.alignment import characters_of, spoken_until
from yinse.service.speech.buffer import TextBuffer
from yinse.service.speech.parts import beginning, split

TEXTS = st.text(alphabet="你好世界。！？,，. \nabcXYZ…", max_size=400)


@given(TEXTS, st.integers(1, 60))
def test_parts_lose_and_double_nothing(text, most):
    parts = [part.text for part in split(text, most)]
    assert "".join(parts) == text
    assert all(parts)
    spoken = [part for part in parts if any(c.isalnum() for c in part)]
    assert all(sum(c.isalnum() for c in part) <= most for part in spoken)


def test_parts_end_at_sentences():
    assert wholes("一二三。四五六。七八九。", 8) == ["一二三。四五六。", "七八九。"]
    assert wholes("One. Two. 3.14 is pi.", 12) == ["One. Two.", " 3.14 is pi."]


def wholes(text, most):
    return [part.whole for part in split(text, most)]


@given(st.lists(TEXTS, max_size=12))
def test_the_buffer_speaks_every_word_once_and_in_order(tokens):
    buffer, pieces = TextBuffer((5, 10)), []
    for token in tokens:
        pieces += buffer.feed(token)
    pieces += buffer.flush()
    words = [c for c in "".join(tokens) if c.isalnum()]
    assert [c for c in "".join(pieces) if c.isalnum()] == words


def test_sentences_leave_at_once_and_fragments_wait():
    buffer = TextBuffer()
    assert buffer.feed("你好") == []
    assert buffer.feed("。今天") == ["你好。"]
    assert buffer.feed("3.14") == []
    assert buffer.flush() == ["今天3.14"]
    assert buffer.flush() == []


def test_a_long_clause_leaves_at_its_comma():
    buffer = TextBuffer((6, 20))
    assert buffer.feed("一二三四,五六七") == ["一二三四,"]
    assert buffer.feed("一二三四,五六七") == []


@given(st.lists(st.text(alphabet="字a ,", max_size=300), max_size=30), st.booleans())
def test_the_buffer_never_holds_much_whatever_comes(tokens, soon):
    buffer, longest = TextBuffer((5, 10)), 0
    for token in tokens:
        longest = max(longest, *map(len, buffer.feed(token, soon=soon)), 0)
    assert longest <= 1000
    assert len("".join(buffer.flush())) < 20


def test_text_without_marks_is_cut_at_a_space_or_anywhere():
    assert TextBuffer((6,)).feed("字" * 30) == ["字" * 12, "字" * 12]
    assert TextBuffer((6,)).feed("one two threefour")[0] == "one two "


def test_a_hurried_writer_is_heard_at_a_comma():
    text = "一二三四五六七八九十" * 5 + "，" + "好"
    assert TextBuffer((120,)).feed(text) == []
    assert TextBuffer((120,)).feed(text, soon=True) == [text[:-1]]


def test_barge_in_forgets_what_waits():
    buffer = TextBuffer()
    buffer.feed("never said")
    buffer.clear()
    assert buffer.flush() == []


def phone(start, end, text_start, text_end):
    return PhonemeTiming("a", text_start, text_end, start, end)


def test_characters_take_the_span_of_their_phonemes():
    found = characters_of("ab c", [phone(0, 0.1, 0, 1), phone(0.1, 0.2, 0, 2), phone(0.3, 0.4, 3, 4)])
    assert found.starts == (0, 0.2, 0.2, 0.3)
    assert found.ends == (0.2, 0.2, 0.2, 0.4)


@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9), st.integers(0, 9), st.integers(0, 12)), max_size=20)
)
def test_characters_never_run_backwards(raw):
    phonemes = [phone(min(a, b), max(a, b), min(i, j), max(i, j)) for a, b, i, j in raw]
    found = characters_of("0123456789", phonemes)
    times = [time for pair in zip(found.starts, found.ends, strict=True) for time in pair]
    assert times == sorted(times)
    assert len(found.characters) == 10


@pytest.mark.parametrize(("seconds", "count"), [(0, 0), (0.5, 3), (1.0, 3), (1.1, 5), (9, 5)])
def test_only_characters_that_were_heard_are_counted(seconds, count):
    assert spoken_until([phone(0, 1, 0, 3), phone(1, 2, 3, 5)], seconds) == count


DIRECTED = st.lists(
    st.sampled_from(
        [
            "你好，世界。",
            "Mr. Smith, who was here. ",
            "银行[yin2 hang2]长[zhang3]",
            '<break time="500ms"/>',
            '<sub alias="U.S. of A. Yes!">US</sub>',
            '<phoneme ph="ハ\'シ">箸</phoneme>',
            '<say-as interpret-as="digits">2024</say-as>',
            '<lang xml:lang="ja">東京です。はい、そうです。</lang>',
            '<speak version="1.1">全部。<lang xml:lang="en">All of it. And more.</lang></speak>',
            "字" * 70,
            "3 < 5, [sic] & so on. ",
        ]
    ),
    max_size=12,
).map("".join)


def said(text):
    """The text as the engine reads it, with one letter for each direction."""
    return re.sub("[\U000f0000-\U000fffff]", "D", parse(text).text.text)


@given(DIRECTED, st.integers(1, 90))
def test_every_part_of_a_text_with_directions_can_be_spoken_alone(text, most):
    parts = split(text, most)
    assert "".join(part.text for part in parts) == text
    assert "".join(said(part.whole) for part in parts) == said(text)
    assert beginning(text, most) == "" or parse(beginning(text, most))


@given(DIRECTED, st.integers(1, 9))
def test_directions_that_come_in_tokens_are_not_divided(text, size):
    buffer, pieces = TextBuffer(), []
    text += "完了。"
    for at in range(0, len(text), size):
        pieces += buffer.feed(text[at : at + size])
    pieces += buffer.flush()
    spoken = "".join(said(piece) for piece in pieces)
    assert [c for c in spoken if c.isalnum()] == [c for c in said(text) if c.isalnum()]


def test_a_part_inside_an_element_opens_it_again():
    text = '<lang xml:lang="ja">はい。いいえ。</lang>'
    assert wholes(text, 22) == ['<lang xml:lang="ja">はい。</lang>', '<lang xml:lang="ja">いいえ。</lang>']


def test_the_beginning_of_a_text_is_whole_sentences_with_their_directions():
    assert beginning("短。", 120) == "短。"
    assert beginning("一句话。" * 50, 120) == "一句话。" * 30
    assert beginning("字" * 200, 120) == "字" * 120
    assert beginning("长[zhang3]大。" * 40, 24) == "长[zhang3]大。" * 2
    assert beginning('<lang xml:lang="en">One. Two.</lang>', 25) == '<lang xml:lang="en">One.</lang>'
    assert beginning(f'<sub alias="{"x" * 200}">y</sub>', 120) == ""


def test_text_made_to_be_slow_is_cut_all_the_same():
    for hostile in (
        '<sub a="' * 20_000,
        "<lang " * 30_000,
        "[a1" * 60_000,
        "字[zi4]" * 30_000,
        '<lang xml:lang="ja">' * 9000,
    ):
        assert "".join(part.text for part in split(hostile)) == hostile
