"""English words that are not listed, built from parts that are: inflections, derivations, compounds."""

from collections.abc import Iterator
from typing import Final, TypeAlias

from yinse.engine.text.en.dictionary import pronunciations
from yinse.engine.text.tables import rows

Phones: TypeAlias = tuple[str, ...]
_VOICELESS: Final = frozenset("P T K F TH".split())
_SIBILANT: Final = frozenset("S Z SH ZH CH JH".split())
_SHORTEST_STEM: Final = 3
_SHORTEST_COMPOUND: Final = 7
_AFFIXES: Final = rows("en_affixes.tsv")
_SUFFIXES: Final = {row[0]: (tuple(row[1].split()), len(row) > 2) for row in _AFFIXES if row[0][-1] != "-"}
_PREFIXES: Final = {row[0][:-1]: tuple(row[1].split()) for row in _AFFIXES if row[0][-1] == "-"}


def listed(word: str) -> Phones:
    """The commonest listed pronunciation, empty when there is none."""
    return next(iter(pronunciations(word)), ())


def plural(phones: Phones) -> Phones:
    """Add the -s of plurals, possessives and third persons."""
    if phones[-1] in _SIBILANT:
        return (*phones, "IH0", "Z")
    return (*phones, "S" if phones[-1] in _VOICELESS else "Z")


def past(phones: Phones) -> Phones:
    """Add the -ed of pasts and participles."""
    if phones[-1] in ("T", "D"):
        return (*phones, "IH0", "D")
    return (*phones, "T" if phones[-1] in _VOICELESS | {"S", "SH", "CH"} else "D")


def derived(word: str) -> Phones:
    """An inflected or derived form of a listed word: `vlogs`, `tweeted`, `blogging`, `unfollow`, `geekiness`."""
    return _inflected(word) or _suffixed(word) or _prefixed(word)


def _inflected(word: str) -> Phones:
    if word.endswith("ies") and (phones := _stem(f"{word[:-3]}y")):
        return plural(phones)
    if word.endswith("s") and (
        phones := _stem(word[:-1]) or (_stem(word[:-2]) if word.endswith("es") else ())
    ):
        return plural(phones)
    if word.endswith("ed"):
        for stem in _stems(word[:-2], lost_e=True):
            if phones := _stem(stem):
                return past(phones)
    return ()


def _suffixed(word: str) -> Phones:
    for suffix, (sound, lost_e) in _SUFFIXES.items():
        if word.endswith(suffix):
            for stem in _stems(word.removesuffix(suffix), lost_e=lost_e):
                if phones := _stem(stem):
                    return (*phones, *sound)
    return ()


def _prefixed(word: str) -> Phones:
    for prefix, sound in _PREFIXES.items():
        if word.startswith(prefix) and (phones := _stem(word.removeprefix(prefix))):
            return (*sound, *phones)
    return ()


def _stems(written: str, *, lost_e: bool) -> Iterator[str]:
    """What a stem may have been before its ending: as it is, with its e, without its doubled consonant."""
    yield written
    if lost_e:
        yield f"{written}e"
        if written[-1:] == written[-2:-1]:
            yield written[:-1]


def _stem(word: str) -> Phones:
    return listed(word) if len(word) >= _SHORTEST_STEM else ()


def compound(word: str) -> Phones:
    """Two listed words written as one: `streetlevel`, `crowdfund`. The second keeps a secondary stress."""
    if len(word) < _SHORTEST_COMPOUND:
        return ()
    middle = len(word) / 2
    for split in sorted(
        range(_SHORTEST_STEM, len(word) - _SHORTEST_STEM + 1), key=lambda at: abs(at - middle)
    ):
        first, second = listed(word[:split]), listed(word[split:])
        if first and second:
            return (*first, *(phone.replace("1", "2") for phone in second))
    return ()
