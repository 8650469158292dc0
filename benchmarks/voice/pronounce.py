"""Sentences as units of English phones: one English acoustic model tells apart sentences of any language.

English words come from the recogniser's own dictionary. Mandarin syllables and Japanese morae are spelt with
the nearest ARPAbet phones: tones, vowel length and pitch accent are lost, which a closed set of sentences
forgives. The natural ceiling of each language says how much.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of the grammar; `phones` None means that the recogniser's dictionary knows it."""

    name: str
    phones: tuple[str, ...] | None = None


Pronounce = Callable[[str], tuple[Unit, ...]]
"""A sentence to its units."""

INITIALS = {
    "": "", "b": "B", "p": "P", "m": "M", "f": "F", "d": "D", "t": "T", "n": "N", "l": "L", "g": "G",
    "k": "K", "h": "HH", "j": "JH", "q": "CH", "x": "SH", "zh": "JH", "ch": "CH", "sh": "SH", "r": "R",
    "z": "D Z", "c": "T S", "s": "S",
}  # fmt: skip
"""Mandarin initials by the English phone nearest in place and aspiration."""

FINALS = {
    "a": "AA", "ai": "AY", "an": "AA N", "ang": "AA NG", "ao": "AW", "e": "AH", "ei": "EY",
    "en": "AH N", "eng": "AH NG", "er": "AA R", "i": "IY", "ia": "Y AA", "ian": "Y EH N",
    "iang": "Y AA NG", "iao": "Y AW", "ie": "Y EH", "in": "IH N", "ing": "IH NG", "iong": "Y UH NG",
    "iou": "Y OW", "o": "AO", "ong": "UH NG", "ou": "OW", "u": "UW", "ua": "W AA", "uai": "W AY",
    "uan": "W AA N", "uang": "W AA NG", "uei": "W EY", "uen": "W AH N", "ueng": "W AH NG", "uo": "W AO",
    "": "", "m": "M", "n": "N", "ng": "NG",
    "v": "Y UW", "van": "Y EH N", "ve": "Y EH", "vn": "Y IH N", "ê": "EH", "io": "Y AO",
}  # fmt: skip
"""Mandarin finals (strict spelling) in English phones."""

RETROFLEX, SIBILANT = frozenset({"zh", "ch", "sh", "r"}), frozenset({"z", "c", "s"})

MORA_PHONES = {
    "a": "AA", "i": "IY", "u": "UW", "e": "EH", "o": "OW", "A": "AA", "I": "IH", "U": "UH", "E": "EH",
    "O": "OW", "N": "N", "cl": "", "b": "B", "by": "B Y", "ch": "CH", "d": "D", "dy": "D Y", "f": "F",
    "fy": "F Y", "g": "G", "gw": "G W", "gy": "G Y", "h": "HH", "hy": "HH Y", "j": "JH", "k": "K",
    "kw": "K W", "ky": "K Y", "m": "M", "my": "M Y", "n": "N", "ny": "N Y", "p": "P", "py": "P Y",
    "r": "R", "ry": "R Y", "s": "S", "sh": "SH", "t": "T", "ts": "T S", "ty": "T Y", "v": "V", "w": "W",
    "y": "Y", "z": "Z",
}  # fmt: skip
"""OpenJTalk's phones in English phones."""

ENDS_MORA = frozenset("aiueoAIUEON")


def english(sentence: str) -> tuple[Unit, ...]:
    """Words as the dictionary spells them: lower case, apostrophes kept, digits refused."""
    plain = unicodedata.normalize("NFKC", sentence).lower().replace("’", "'").replace("-", " ")
    if re.search(r"\d", plain):
        raise ValueError(f"spell out the digits of {sentence!r}")
    return tuple(Unit(word) for word in re.findall(r"[a-z]+(?:'[a-z]+)?", plain))


def mandarin(sentence: str) -> tuple[Unit, ...]:
    """One unit a syllable, without its tone."""
    from pypinyin import Style, pinyin

    characters = "".join(re.findall(r"[\u4e00-\u9fff]", sentence))
    initials = pinyin(characters, style=Style.INITIALS, strict=True)
    finals = pinyin(characters, style=Style.FINALS, strict=True)
    units = (syllable(i[0], f[0]) for i, f in zip(initials, finals, strict=True))
    return tuple(unit for unit in units if unit.phones)


def syllable(initial: str, final: str) -> Unit:
    """Spell a syllable: `("zh", "i")` has the vowel of English *bird*, `("j", "i")` that of *bee*."""
    vowel = FINALS[final]
    if final == "i" and initial in RETROFLEX:
        vowel = "ER"
    elif final == "i" and initial in SIBILANT:
        vowel = "AH"
    phones = f"{INITIALS[initial]} {vowel}".split()
    return Unit("zh_" + initial + final, tuple(phones))


def japanese(sentence: str) -> tuple[Unit, ...]:
    """One unit a mora, without its pitch."""
    import pyopenjtalk

    phones = [phone for phone in pyopenjtalk.g2p(sentence, join=False) if phone not in ("pau", "sil")]
    morae: list[list[str]] = [[]]
    for phone in phones:
        morae[-1].append(phone)
        if phone in ENDS_MORA:
            morae.append([])
    spelt = (
        ("_".join(mora), " ".join(MORA_PHONES[phone] for phone in mora).split()) for mora in morae if mora
    )
    return tuple(Unit("ja_" + name, tuple(phones)) for name, phones in spelt if phones)


PRONOUNCE: dict[str, Pronounce] = {"en": english, "zh": mandarin, "ja": japanese}
