"""Build the Mandarin tables in `data/` from the public dictionaries of pypinyin, jieba (MIT) and OpenCC (Apache-2.0).

Development only; none of these packages is needed to speak:

    pip install pypinyin jieba opencc-python-reimplemented
    python -m yinse.engine.text.zh.compile

* `zh_chars.txt.gz`: one character a line with its readings, the default one first.
* `zh_words.txt.gz`: word, frequency, part of speech and, where the characters' defaults would be wrong, the reading; the sum of all frequencies last.
* `zh_traditional.txt.gz`: a traditional character and its simplified one, two characters a line.
"""

import gzip
import importlib.util
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from yinse.engine.text.zh.syllable import number_tone, parse
from yinse.engine.text.zh.words import LONGEST_WORD, TOTAL, WordTable

DATA: Final = Path(__file__).parents[1] / "data"
MINIMUM_FREQUENCY: Final = 4


def _is_hanzi(text: str) -> bool:
    return all("\u3400" <= char <= "\u9fff" or char == "〇" or char > "\U00020000" for char in text)


def character_readings() -> dict[str, list[str]]:
    """Numbered readings of every character, the default first."""
    from pypinyin.pinyin_dict import pinyin_dict

    readings: dict[str, list[str]] = {}
    for code, marked in pinyin_dict.items():
        numbered = dict.fromkeys(number_tone(reading) for reading in marked.split(","))
        if valid := [reading for reading in numbered if parse(reading)]:
            readings[chr(code)] = valid
    return readings


def _citation(char: str, reading: str) -> str:
    """Undo the tone sandhi of 一 and 不 that some phrases carry; ours is applied to the whole sentence."""
    return {"一": "yi1", "不": "bu4"}.get(char, reading) if reading[:-1] in ("yi", "bu") else reading


def phrase_readings() -> dict[str, list[str]]:
    """Numbered readings of pypinyin's phrases."""
    from pypinyin.phrases_dict import phrases_dict

    phrases = {
        word: [_citation(char, number_tone(syllable[0])) for char, syllable in zip(word, marked, strict=True)]
        for word, marked in phrases_dict.items()
        if len(word) == len(marked)
    }
    return {
        word: reading for word, reading in phrases.items() if _is_hanzi(word) and all(map(parse, reading))
    }


def corrections() -> dict[str, list[str]]:
    """Our own readings from `zh_corrections.txt`."""
    lines = (DATA / "zh_corrections.txt").read_text("utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {word: reading for word, *reading in pairs}


def _file_of(package: str, name: str) -> list[str]:
    """Lines of a package's data file; the package itself is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is needed to build the tables")
    return (Path(spec.origin).parent / name).read_text("utf-8").splitlines()


def traditional_pairs() -> list[str]:
    """Traditional character and its commonest simplified one, two characters each."""
    rows = (line.split() for line in _file_of("opencc", "dictionary/TSCharacters.txt") if line.strip())
    pairs = {row[0] + row[1] for row in rows if len(row[0]) == len(row[1]) == 1 and row[0] != row[1]}
    return sorted(pairs)


def jieba_words() -> dict[str, tuple[int, str]]:
    """Word -> (frequency, part of speech)."""
    lines = _file_of("jieba", "dict.txt")
    rows = (line.split(" ") for line in lines)
    return {word: (int(frequency), tag) for word, frequency, tag in rows if _is_hanzi(word)}


def read_in_word(word: str, index: int, defaults: dict[str, str]) -> str:
    """Reading of one character of a word that no phrase covers; some polyphones go by their place."""
    first, last, char = index == 0, index == len(word) - 1, word[index]
    match char if len(word) > 1 else "":
        case "长" if last and len(word) > 2:
            return "zhang3"
        case "为" if last:
            return "wei2"
        case "都" if last:
            return "du1"
        case "卷" if last:
            return "juan4"
        case "曲" if last and len(word) > 2:
            return "qu3"
        case "得" if last:
            return "de5"
        case "地" if last and len(word) > 2 and word[0] == word[1]:
            return "de5"
        case "着" if first:
            return "zhuo2"
        case "子" if not last:
            return "zi3"
    return defaults.get(char, "")


def compose(word: str, phrases: dict[str, list[str]], defaults: dict[str, str]) -> list[str]:
    """Read a word by its longest known parts, then character by character."""
    reading: list[str] = []
    start = 0
    while start < len(word):
        end = next((end for end in range(len(word), start, -1) if word[start:end] in phrases), start)
        reading += phrases[word[start:end]] if end > start else [read_in_word(word, start, defaults)]
        start = max(end, start + 1)
    return reading


def frequencies(
    words: dict[str, tuple[int, str]], phrases: Iterable[str], fixed: Iterable[str]
) -> dict[str, int]:
    """Frequencies of the words that are kept, in which every one of `fixed` is just likelier than its best split."""
    counts = {word: count for word, (count, _) in words.items() if count >= MINIMUM_FREQUENCY}
    counts = dict.fromkeys(phrases, 1) | {word: words[word][0] for word in phrases if word in words} | counts
    counts = {word: count for word, count in counts.items() if len(word) <= LONGEST_WORD}
    total = sum(counts.values())
    parted = [word for word in fixed if 1 < len(word) <= LONGEST_WORD]
    for word in parted * 2:  # a part may have become likelier in the meantime
        rest = {other: f"{counts[other]}\tx" for other in _inside(word) if other in counts and other != word}
        table = WordTable(rest, {}, total)
        needed = math.exp(sum(map(table.log_probability, table.split(word)))) * total
        counts[word] = max(counts.get(word, 1), math.ceil(needed) + 1)
    return counts


def _inside(word: str) -> Iterator[str]:
    """Every stretch of a word."""
    return (word[start:end] for start in range(len(word)) for end in range(start + 1, len(word) + 1))


def build() -> dict[str, str]:
    """The text of every table, by name."""
    fixed = corrections()
    characters = character_readings()
    for char, given in fixed.items():
        if len(char) == 1:
            characters[char] = list(dict.fromkeys([*given, *characters.get(char, [])]))
    alone = {char: readings[0] for char, readings in characters.items()}
    inside = alone | {char: given[1] for char, given in fixed.items() if len(char) == 1 and len(given) > 1}
    phrases = phrase_readings() | {word: reading for word, reading in fixed.items() if len(word) > 1}
    words = jieba_words()
    counts = frequencies(words, phrases, fixed)
    rows: list[str] = []
    for word, count in sorted(counts.items()):
        reading = compose(word, phrases, inside if len(word) > 1 else alone)
        plain = [alone.get(char, "") for char in word]
        spelled = "" if reading == plain else " ".join(reading)
        tag = words[word][1] if word in words else "x"
        rows.append(f"{word}\t{count}\t{tag}\t{spelled}".rstrip("\t"))
    rows.append(f"{TOTAL}\t{sum(counts.values())}")
    table = "".join(f"{char}\t{' '.join(readings)}\n" for char, readings in sorted(characters.items()))
    lines = {"zh_words": rows, "zh_traditional": traditional_pairs()}
    return {"zh_chars": table, **{name: "\n".join(items) + "\n" for name, items in lines.items()}}


def main() -> None:
    """Write the tables."""
    for name, text in build().items():
        compressed = gzip.compress(text.encode("utf-8"), 9, mtime=0)
        (DATA / f"{name}.txt.gz").write_bytes(compressed)


if __name__ == "__main__":
    main()
