"""Text in the published spelling against what the published frontend gives, where that is right."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from published_parity import path_of
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.cutters import CUTTERS, split_long
from yinse.engine.text.published.spelling import spell
from yinse.engine.text.published.symbols import table

pytestmark = pytest.mark.parity

READ_BETTER = {
    "银行行长在重庆重新开会.": "行长 is no reduplication",
    "这本书是我们的,走了,看着,桌子上.": "上 after a noun is unstressed",
    "知道吃饭日子,自己,次数,四川.": "知道 ends unstressed",
    "百分之十二点五,一百零一.": "点五 is one phrase of two third tones",
    "蓝天白云!真的吗?对…好-的.": "a hyphen without spaces is not a pause",
}
"""Inputs that our frontend reads otherwise, and why."""

SAID_BETTER = {
    "今天是2024年3月5日，气温-3.5°C。",
    "电话13812345678或010-62781234。",
    "会议8:30-12:05开始，共3/4的人参加，增长12.5%。",
    "3+5=8，2×3=6，x²+y²",
    "比分是3-2，范围5~10",
    "价格￥99.9/kg，约10km，重5kg",
    "他說這個東西不錯，後來發現頭髮長了",
    "1,000,000人",
    "100001和10010和20和2两",
    "iPhone15很好用！",
    "5月1日 12:00:30",
    "～3~5公斤～",
    "400-800-1234",
    "90后和00后",
    "1/2杯水，负-5度，.5米",
    "嗯，呣～好的…",
    "你好!!!??",
    "A4纸和CPU。",
}
"""Inputs whose published normal form is wrong, loses text, or is a matter of taste."""


def cases(*keys: str) -> Iterator[tuple[str, Any, Any]]:
    content = json.loads(path_of("text.json").read_text("utf-8"))
    for key in keys:
        for entry in content[key]:
            yield key, entry["in"], entry["out"]


def published_symbols(text: str, name: str = "v2") -> list[str]:
    utterances = TextFrontend().analyse(text, "zh")
    return [symbol for one in utterances for symbol in spell(one, table(name)).symbols]


def toneless(symbols: list[str]) -> list[str]:
    return [symbol.rstrip("12345") for symbol in symbols]


def test_cutters():
    for key, text, expected in cases(*(f"segment.{name}" for name in CUTTERS)):
        assert CUTTERS[key.removeprefix("segment.")](text) == expected, (key, text)


def test_long_texts_are_split():
    for _, text, expected in cases("segment.split_big_text_20"):
        assert split_long(text, 20) == expected, text


def test_mandarin_symbols_and_counts():
    compared = 0
    for _, text, (symbols, counts) in cases("zh2.g2p_no_g2pw"):
        (utterance, *rest) = TextFrontend().analyse(text, "zh")
        if text in READ_BETTER or rest:
            ours, theirs = toneless(published_symbols(text)), toneless(symbols)
            assert [s for s in ours if s != "-"] == [s for s in theirs if s != "-"], text
            continue
        spelled = spell(utterance, table("v2"))
        assert list(spelled.symbols) == symbols, text
        assert [count for segment in spelled.segments for count in segment.counts] == counts, text
        compared += 1
    assert compared >= 7


def test_normal_forms():
    compared = 0
    for _, text, expected in cases("zh2.text_normalize"):
        if text not in SAID_BETTER:
            assert "".join(one.spoken for one in TextFrontend().analyse(text, "zh")) == expected
            compared += 1
    assert compared >= 4


@pytest.mark.parametrize("name", ["v1", "v2"])
def test_ids(name):
    for _, text, expected in cases(f"ids.{name}"):
        (utterance,) = TextFrontend().analyse(text, "zh")
        assert list(spell(utterance, table(name)).ids) == expected
