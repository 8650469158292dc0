"""Which language each stretch of text is in: by tags, then by script, then by the company it keeps.

Kana is Japanese and Latin letters are English. Hanzi alone are ambiguous: they follow the `language` asked for; under
`auto` a character that only one of the two standards has decides for its clause (GB 2312 against JIS X 0208), then kana
in the same clause, then in the same sentence, then the nearest sentence that tells. Digits, marks and a few Latin words
belong to the language around them; Latin text of four words or more is English even inside a Chinese or Japanese
sentence, and so is a whole sentence whose Latin words outweigh a few hanzi.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from yinse.engine.text.characters import is_han, is_kana
from yinse.engine.text.phoneme import Language
from yinse.engine.text.spanned import runs

Region: TypeAlias = tuple[Language, int, int]
_CLAUSE: Final = re.compile(r"[^，。、！？；：,!?;:…—\s“”「」『』（）()\"《》]+")
_EMBEDDED_WORDS: Final = 4
_LATIN_STRETCH: Final = re.compile(
    r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9 \t\n'’.,;:!?\"“”()&%$£€@#/+=-]*[A-Za-zÀ-ɏ0-9.,!?'\")]|[A-Za-zÀ-ɏ]"
)
_HIRAGANA: Final = re.compile("[\u3041-\u309f]")
_LATIN: Final = re.compile("[A-Za-zÀ-ɏ]")
_CHINESE: Final = re.compile(
    "我[是来在有不要去也很想叫会的]|你[好们是]|[他她]是|[也不就都]是|来自|很[好多大]|什么|[我他]们"
)
"""What only Chinese writes although Japanese has the characters."""
_BY_CUSTOM: Final[dict[str, Literal["zh", "ja"] | None]] = {"〇": None, "々": "ja"}
"""Where the standards mislead: both languages write 〇, and hardly any Chinese 々."""
_JAPANESE: Final = re.compile(
    r"(?:明治|大正|昭和|平成|令和)(?:\d{1,2}|元)年|\d日[（(][月火水木金土日][)）]|〒"
)
"""What only Japanese writes although Chinese has the characters."""
_NEVER_JAPANESE: Final = re.compile("[是很你她也]")
"""Characters that Japanese has but hardly writes without kana beside them."""
_COUNT_BEFORE_HAN: Final = re.compile("(?<![\\d.,])\\d[\\d.,]*+(?=[\u3041-\u30ff\u3400-\u9fff])")
_NO_WORD: Final = re.compile(
    r"(?:\d ?|[/²³])[A-Za-zÀ-ɏ]+|(?<![A-Za-zÀ-ɏ])(?:[A-Z]{1,3}|[A-Za-zÀ-ɏ])(?![A-Za-zÀ-ɏ])"
)
"""Latin letters that any language writes: units after figures, initials, names of quantities."""
_LATIN_WORD: Final = re.compile(r"[A-Za-zÀ-ɏ]{2,}")


@lru_cache(maxsize=8192)
def standard_of(char: str) -> Literal["zh", "ja"] | None:
    """The one language whose character standard has this hanzi, None when both have it or neither."""
    if char in _BY_CUSTOM:
        return _BY_CUSTOM[char]
    chinese, japanese = _encodes(char, "gb2312"), _encodes(char, "shift_jis")
    if chinese == japanese:
        return None
    if chinese:
        return "zh"
    return None if _encodes(char, "big5") else "ja"


@lru_cache(maxsize=8192)
def is_chiefly_chinese(char: str) -> bool:
    """Whether a hanzi is only in the Chinese standard, or common in it (level 1) and rare in the Japanese (level 2)."""
    if standard_of(char) is not None or not _encodes(char, "gb2312"):
        return standard_of(char) == "zh"
    return char.encode("gb2312")[0] - 0xA0 <= 55 and char.encode("euc_jp")[0] - 0xA0 >= 48


def _encodes(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def hanzi_languages(sentences: Sequence[str]) -> list[Language]:
    """For each sentence the language of hanzi that could be either: that of the nearest sentence that tells.

    The nearest before goes first, then the nearest after; Chinese where no sentence tells.
    """
    evidence = [_evidence(sentence) for sentence in sentences]
    return [found or "zh" for found in _carry(_carry(evidence)[::-1])[::-1]]


def _carry(evidence: Sequence[Language | None]) -> list[Language | None]:
    """Fill each gap with what stands before it."""
    filled: list[Language | None] = []
    for found in evidence:
        filled.append(found or (filled[-1] if filled else None))
    return filled


def _evidence(text: str) -> Language | None:
    """The language that a sentence shows by its kana or by characters of one standard, None when it shows neither."""
    hanzi = [char for char in text if is_han(char)]
    if any(map(is_kana, text)):
        return "zh" if _leans_chinese(text) else "ja"
    if _CHINESE.search(text):
        return "zh"
    votes = [standard_of(char) for char in hanzi]
    if "zh" not in votes and "ja" not in votes:
        return "ja" if _JAPANESE.search(text) or _only_japanese_together(hanzi) else None
    return "zh" if votes.count("zh") >= votes.count("ja") else "ja"


def _only_japanese_together(hanzi: Sequence[str]) -> bool:
    """Whether no Chinese standard has all the characters (会議: 会 is not traditional, 議 not simplified)."""
    telling = [char for char in hanzi if char not in _BY_CUSTOM]
    mixed = not all(_encodes(char, "gb2312") for char in telling) and not all(
        _encodes(char, "big5") for char in telling
    )
    return mixed and all(map(_is_common_kanji, telling)) and not _NEVER_JAPANESE.search("".join(telling))


def _is_common_kanji(char: str) -> bool:
    """Whether a character is in the first level of the Japanese standard: 学 is, 學 is not."""
    return _encodes(char, "shift_jis") and char.encode("euc_jp")[0] - 0xA0 < 48


def find_regions(
    text: str,
    forced: Sequence[Language | None],
    language: Language | None,
    hanzi: Language = "zh",
    before: Language | None = None,
) -> list[Region]:
    """Cut one sentence into regions of one language each, covering it without gap.

    `forced` holds the tags' languages, `language` what the caller asked for (None = auto), `hanzi` what
    `hanzi_languages` found for the sentence, `before` the language of the sentence before (figures follow it).
    """
    matrix = _matrix(text, language, hanzi, before)
    labels: list[Language] = [matrix] * len(text)
    if matrix != "en":
        _label_clauses(text, labels, matrix, language)
        if language == "en" or (language is None and _english_leads(text)):
            _label_all_but_hanzi(text, labels)
        _label_latin(text, labels)
    for index, tag in enumerate(forced):
        if tag is not None:
            labels[index] = tag
    return [(labels[start], start, end) for start, end in runs(labels)]


def _matrix(text: str, language: Language | None, hanzi: Language, before: Language | None) -> Language:
    """The language of the sentence as a whole."""
    if any(map(is_han, text)):
        return language if language in ("zh", "ja") else hanzi
    if any(map(is_kana, text)):
        return "ja"
    if _LATIN.search(_NO_WORD.sub(" ", text)):
        return "en"
    return language or before or ("en" if _LATIN.search(text) else hanzi)


def _leans_chinese(text: str) -> bool:
    """A sentence with kana is Chinese that quotes Japanese when it has a character that Japanese does not have.

    Where no hiragana speaks for Japanese, one that Japanese hardly uses is enough.
    """
    chinese = _is_chinese if _HIRAGANA.search(text) else is_chiefly_chinese
    return any(chinese(char) for char in text if is_han(char))


def _is_chinese(char: str) -> bool:
    return standard_of(char) == "zh"


def _label_clauses(text: str, labels: list[Language], matrix: Language, language: Language | None) -> None:
    for match in _CLAUSE.finditer(text):
        clause = match.group()
        if not any(map(is_kana, clause)):
            if language is None and _CHINESE.search(clause):
                labels[slice(*match.span())] = ["zh"] * len(clause)
            continue
        chinese = _is_chinese if _HIRAGANA.search(clause) else is_chiefly_chinese
        mixed = matrix == "zh" and (language == "zh" or any(chinese(char) for char in clause if is_han(char)))
        start, end = match.span()
        labels[start:end] = (
            _label_mixed(clause, cautious=language == "zh") if mixed else ["ja"] * (end - start)
        )


def _label_mixed(clause: str, *, cautious: bool) -> list[Language]:
    """A clause that mixes Chinese with Japanese: kana, and hanzi that lead into hiragana, are Japanese.

    The hanzi before hiragana are taken back to the nearest simplified character; `cautious` (the caller said
    Chinese) takes only characters that Chinese does not have. Hanzi before katakana stay Chinese.
    """
    labels: list[Language] = ["zh"] * len(clause)
    leads = False
    for index in range(len(clause) - 1, -1, -1):
        char = clause[index]
        if is_kana(char):
            labels[index], leads = "ja", "\u3041" <= char <= "\u309f"
            continue
        standard = standard_of(char) if is_han(char) else "zh"
        leads = leads and (standard == "ja" if cautious else standard != "zh")
        labels[index] = "ja" if leads else "zh"
    return labels


def _english_leads(text: str) -> bool:
    """Whether a sentence is English that quotes a few hanzi or kana: its figures are then English."""
    words = len(_LATIN_WORD.findall(text))
    return words >= _EMBEDDED_WORDS and words > 2 * sum(is_han(char) or is_kana(char) for char in text)


def _label_all_but_hanzi(text: str, labels: list[Language]) -> None:
    """Everything but hanzi, kana and the figures that count them (3个) is English."""
    kept = {place for match in _COUNT_BEFORE_HAN.finditer(text) for place in range(*match.span())}
    for index, char in enumerate(text):
        if index not in kept and not is_han(char) and not is_kana(char):
            labels[index] = "en"


def _label_latin(text: str, labels: list[Language]) -> None:
    """Long Latin stretches inside a Chinese or Japanese sentence are English, their digits and marks included."""
    for match in _LATIN_STRETCH.finditer(text):
        if len(_LATIN_WORD.findall(match.group())) >= _EMBEDDED_WORDS:
            labels[match.start() : match.end()] = ["en"] * (match.end() - match.start())
