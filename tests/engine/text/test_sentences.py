import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinse.engine.text.sentences import split_sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("你好。我很好！真的？", ["你好。", "我很好！", "真的？"]),
        ("He left. She stayed! Why?", ["He left.", " She stayed!", " Why?"]),
        (
            "3.14 is pi. Version 2.0.1 is out, e.g. now! OK",
            ["3.14 is pi.", " Version 2.0.1 is out, e.g. now!", " OK"],
        ),
        ("Mr. Smith met Dr. Jones. They spoke.", ["Mr. Smith met Dr. Jones.", " They spoke."]),
        ("See ch. 3, p. 10 and nos. 1-3. Then Sec. 4.", ["See ch. 3, p. 10 and nos. 1-3.", " Then Sec. 4."]),
        ("J. K. Rowling wrote it. Yes.", ["J. K. Rowling wrote it.", " Yes."]),
        ("At 9 a.m. he left the U.S. for good. End.", ["At 9 a.m. he left the U.S. for good.", " End."]),
        ("“走！”他说。完了。", ["“走！”他说。", "完了。"]),
        ("「行こう！」と言った。終わり。", ["「行こう！」と言った。", "終わり。"]),
        ("她问：“好吗？” 没人答。", ["她问：“好吗？”", " 没人答。"]),
        ("“Really?” she asked. Yes.", ["“Really?” she asked.", " Yes."]),
        ("Wait... what? Yes... OK", ["Wait... what?", " Yes...", " OK"]),
        ("什么？！真的！！！好", ["什么？！", "真的！！！", "好"]),
        ("一行\n两行\n\n三行", ["一行\n", "两行\n", "\n", "三行"]),
        ("a wrapped\nline of text. Next", ["a wrapped\nline of text.", " Next"]),
        ("你好.他来了", ["你好.", "他来了"]),
        ("没有标点的一句话", ["没有标点的一句话"]),
        ("走……一起——出发", ["走……一起——出发"]),
        ("1. Open it.\n2. Log in.", ["1. Open it.", "\n", "2. Log in."]),
        ("先 1.打开 2.点击。好", ["先 1.打开 2.点击。", "好"]),
        ("He got 12. They won.", ["He got 12.", " They won."]),
        ("Main St., Apt. 4B. Yes.", ["Main St., Apt. 4B.", " Yes."]),
        ("No. I said no. See No. 5 here.", ["No.", " I said no.", " See No. 5 here."]),
        ("He left the U.S. He is back.", ["He left the U.S.", " He is back."]),
        ("We met on Sun. Then it rained.", ["We met on Sun.", " Then it rained."]),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


@settings(max_examples=200)
@given(st.text(alphabet='ab A.!?。！？\n"”」…e.g1 Mr,，\t好', max_size=60))
def test_no_character_is_lost_or_doubled(text: str) -> None:
    bounds = list(split_sentences(text))

    assert "".join(text[start:end] for start, end in bounds) == text
    assert all(start < end for start, end in bounds)
