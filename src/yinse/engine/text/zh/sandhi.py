"""Mandarin tone sandhi on the surface form: erhua, neutral tone, 不 and 一, third tone, in feeding order.

Each rule works on one clause (no mark inside), given as words of syllables, and returns new words.
After Duanmu, *The Phonology of Standard Chinese* (2007), chapters 11 and 12.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from yinse.engine.text.zh.syllable import CODA, Syllable

NEUTRAL: Final = 5
_DIGITS: Final = frozenset("零〇一二三四五六七八九幺")
_YI_STAYS_AFTER: Final = frozenset("第初十之") | _DIGITS
_YI_STAYS_BEFORE: Final = frozenset("月号楼班等级流十") | _DIGITS
_YI_STAYS_WORDS: Final = frozenset(
    "统一 唯一 单一 专一 划一 独一 逐一 归一 万一 不一 星期一 礼拜一 周一 高一 大一".split()
)
_YI_STAYS_BEFORE_WORDS: Final = ("年级", "季度", "单元", "车间")
_PREFIXES: Final = frozenset("小老好很纸副李马许吕")
"""First syllables that stand apart from the two after them: 小+老虎, 纸+老虎."""
_CHILD_AFTER: Final = frozenset("女男婴幼孤胎健少小妻宠弃血生产吾我之育")
"""After these 儿 is the noun 'child', not a suffix."""
_ERHUA_INSIDE: Final = (
    "今儿个",
    "明儿个",
    "昨儿个",
    "哥儿们",
    "哥儿俩",
    "姐儿俩",
    "玩儿命",
    "片儿汤",
    "片儿警",
    "一会儿",
)
_RESULTS: Final = frozenset("清过完起到动住开出进懂见成掉赢透够惯")
"""What a verb may fail to reach."""
_PLACES: Final = frozenset("上里")
_ASPECTS: Final = frozenset({"ul", "ug", "uz"})
_NOT_DOUBLED: Final = frozenset({"累累"})
"""Of the form of a doubled verb, but none."""
_DIRECTIONS: Final = frozenset(first + last for first in "上下进出回过起开" for last in "来去")


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word with its part of speech and one syllable a character; `fixed` marks a reading that the user gave."""

    text: str
    tag: str
    syllables: tuple[Syllable, ...]
    fixed: bool = False

    def with_syllables(self, syllables: Sequence[Syllable]) -> "SpokenWord":
        """The same word with other syllables."""
        return replace(self, syllables=tuple(syllables))

    def ending_in(self, tone: int) -> "SpokenWord":
        """The same word with another last tone."""
        return self.with_syllables((*self.syllables[:-1], self.syllables[-1].with_tone(tone)))


def apply(words: Sequence[SpokenWord]) -> list[SpokenWord]:
    """Apply every rule to the words of one clause."""
    return third_tone(bu_and_yi(neutral(merge_erhua(words))))


def merge_erhua(words: Sequence[SpokenWord]) -> list[SpokenWord]:
    """Fold a suffix 儿 into the syllable before it: 花儿 -> hua1 + rhotic coda. 女儿 and kin keep er2.

    The folded 儿 keeps its place as a bare coda, so that characters and syllables stay parallel.
    """
    result: list[SpokenWord] = []
    for word in words:
        before = result[-1].text if result else ""
        syllables = [
            CODA if char == "儿" and not word.fixed and _is_suffix(before, word.text, index) else syllable
            for index, (char, syllable) in enumerate(zip(word.text, word.syllables, strict=True))
        ]
        result.append(word.with_syllables(syllables))
    return result


def _is_suffix(before: str, word: str, index: int) -> bool:
    if word.startswith(_ERHUA_INSIDE):
        return index > 0
    if index != len(word) - 1:
        return False
    stem = word[:index] or before
    return bool(stem) and stem[-1] not in _CHILD_AFTER and stem[-1] not in _DIGITS


def neutral(words: Sequence[SpokenWord]) -> list[SpokenWord]:
    """Neutral tone by form and place: 看看, 我们, 桌子上, 站起来. Lexical neutral tones are in the word table."""
    return [
        _doubled(word) if _is_doubled_verb(word)
        else word.ending_in(NEUTRAL) if not word.fixed and _ends_neutral(words, index) else word
        for index, word in enumerate(words)
    ]  # fmt: skip


def _is_doubled_verb(word: SpokenWord) -> bool:
    doubled = len(word.text) == 2 and word.text[0] == word.text[1]
    return doubled and word.tag[:1] == "v" and not word.fixed and word.text not in _NOT_DOUBLED


def _doubled(word: SpokenWord) -> SpokenWord:
    """走走 -> zou2 zou5: the second syllable, though neutral, still raises a third tone before it."""
    first = word.syllables[0]
    return word.with_syllables((first.with_tone(2) if first.tone == 3 else first, first.with_tone(NEUTRAL)))


def _ends_neutral(words: Sequence[SpokenWord], index: int) -> bool:
    word = words[index]
    before = words[index - 1].tag[:1] if index else ""
    if word.text in _PLACES:
        after = words[index + 1].tag if index + 1 < len(words) else ""
        return before in ("n", "s") and after not in _ASPECTS and after[:1] != "n"
    if word.text in _DIRECTIONS:
        after_aspect = index > 0 and words[index - 1].text == "了" and word.text != "过去"
        return before in ("v", "a") or after_aspect
    if word.tag == "s" and word.text[-1] in _PLACES:
        return True
    return len(word.text) > 1 and word.text[-1] == "们"


def bu_and_yi(words: Sequence[SpokenWord]) -> list[SpokenWord]:
    """不 and 一 before their neighbours: 不 -> bu2 before tone 4, 一 -> yi2 before tone 4 else yi4."""
    text = "".join(word.text for word in words)
    flat = [syllable for word in words for syllable in word.syllables]
    kept = [
        word.fixed or word.text[: index + 1] in _YI_STAYS_WORDS
        for word in words
        for index in range(len(word.text))
    ]
    changed = list(flat)
    unable = _between_verb_and_result(words)
    for index, char in enumerate(text):
        if not kept[index] and char == "不" and flat[index].tone == 4:
            tone = NEUTRAL if index in unable else _tone_of_bu(text, flat, index)
            changed[index] = flat[index].with_tone(tone)
        elif not kept[index] and char == "一" and flat[index].tone == 1:
            changed[index] = flat[index].with_tone(_tone_of_yi(text, flat, index))
    return _regroup(words, changed)


def _between_verb_and_result(words: Sequence[SpokenWord]) -> set[int]:
    """Places of 不 that denies a result: 听不清, 打不过."""
    places: set[int] = set()
    start = 0
    for index, word in enumerate(words):
        if len(word.text) == 3 and word.text[1] == "不" and word.text[2] in _RESULTS:
            places.add(start + 1)
        if word.text == "不" and 0 < index < len(words) - 1:
            before, after = words[index - 1], words[index + 1]
            if len(before.text) == 1 and before.tag[:1] == "v" and after.text[0] in _RESULTS:
                places.add(start)
        start += len(word.text)
    return places


def _underlying(text: str, flat: Sequence[Syllable], index: int) -> int:
    """Tone of a following syllable; 个, though neutral, still behaves as a fourth tone."""
    return 4 if text[index] == "个" else flat[index].tone


def _tone_of_bu(text: str, flat: Sequence[Syllable], index: int) -> int:
    if index + 1 >= len(text):
        return 4
    if index and text[index - 1] == text[index + 1] and text[index - 2 : index - 1] != "不":
        return NEUTRAL
    return 2 if _underlying(text, flat, index + 1) == 4 else 4


def _tone_of_yi(text: str, flat: Sequence[Syllable], index: int) -> int:
    before, after, later = text[index - 1 : index], text[index + 1 : index + 2], text[index + 2 : index + 3]
    if not after or before in _YI_STAYS_AFTER or after in _YI_STAYS_BEFORE:
        return 1
    if text.startswith(_YI_STAYS_BEFORE_WORDS, index + 1):
        return 1
    if (after == "点" and later in _DIGITS | {"半", "钟"}) or (before == "月" and after == "日"):
        return 1
    if before == after and text[index - 2 : index - 1] != "一":
        return NEUTRAL
    following = _underlying(text, flat, index + 1)
    return {4: 2, NEUTRAL: 1}.get(following, 4)


def third_tone(words: Sequence[SpokenWord]) -> list[SpokenWord]:
    """Third tone before third tone rises: inside words first, then across them from right to left.

    Across a border it happens when one of the two words is a single syllable (我很好 -> wo3 hen2 hao3).
    """
    result: list[SpokenWord] = []
    following: SpokenWord | None = None
    for word in reversed(words):
        syllables = list(word.syllables)
        if following is not None and _meets_third(word, following):
            last = _voiced(word)[-1]
            syllables[last] = syllables[last].with_tone(2)
        following = word if word.fixed else word.with_syllables(_third_inside(word, syllables))
        result.append(following)
    return result[::-1]


def _voiced(word: SpokenWord) -> list[int]:
    """Indices of the syllables that are more than an erhua coda."""
    return [index for index, syllable in enumerate(word.syllables) if syllable is not CODA]


def _meets_third(word: SpokenWord, following: SpokenWord) -> bool:
    here, there = _voiced(word), _voiced(following)
    if word.fixed or not here or not there or min(len(here), len(there)) > 1:
        return False
    return word.syllables[here[-1]].tone == 3 and following.syllables[there[0]].tone == 3


def _third_inside(word: SpokenWord, surface: list[Syllable]) -> list[Syllable]:
    """Raise thirds inside one word; `surface` already holds what the next word did to its last syllable."""
    voiced = _voiced(word)
    if [word.syllables[index].tone for index in voiced] == [3, 3, 3] and word.text[0] in _PREFIXES:
        surface[voiced[1]] = surface[voiced[1]].with_tone(2)
        return surface
    for index, after in pairwise(voiced):
        if word.syllables[index].tone == 3 and word.syllables[after].tone == 3:
            surface[index] = surface[index].with_tone(2)
    return surface


def _regroup(words: Sequence[SpokenWord], flat: Sequence[Syllable]) -> list[SpokenWord]:
    regrouped, start = [], 0
    for word in words:
        end = start + len(word.syllables)
        regrouped.append(word.with_syllables(flat[start:end]))
        start = end
    return regrouped
