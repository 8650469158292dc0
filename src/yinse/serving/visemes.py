"""Phonemes to the fifteen Oculus/OpenXR mouth shapes, by the inventory's own symbols."""

from functools import cache

from yinse.engine.text.inventory import language_of

_CONSONANTS = {
    "PP": "b p m by py my",
    "FF": "f v fy",
    "TH": "th dh",
    "DD": "t d l dy ty",
    "kk": "k g h ng hh ky gy hy kw gw cl",
    "CH": "j q x zh ch sh jh y",
    "SS": "s z c ts",
    "nn": "n ny",
    "RR": "r ry rr er",
    "ou": "w",
}
_BY_CONSONANT = {symbol: viseme for viseme, symbols in _CONSONANTS.items() for symbol in symbols.split()}
_VOWELS = {"a": "aa", "e": "E", "i": "ih", "o": "oh", "u": "ou", "v": "ou"}
_ENGLISH_VOWELS = {
    "AA": "aa", "AE": "aa", "AH": "aa", "AO": "oh", "AW": "aa", "AY": "aa", "EH": "E", "ER": "RR",
    "EY": "E", "IH": "ih", "IY": "ih", "OW": "oh", "OY": "oh", "UH": "ou", "UW": "ou",
}  # fmt: skip
SILENT = "sil"


@cache
def viseme_of(symbol: str) -> str:
    """The mouth shape of a phoneme; `sil` for pauses and marks."""
    if language_of(symbol) is None:
        return SILENT
    name = symbol.split("/", 1)[1].rstrip("0123456789")
    if name in _ENGLISH_VOWELS:
        return _ENGLISH_VOWELS[name]
    if name == "N":
        return "nn"
    lowered = name.lower()
    if lowered in _BY_CONSONANT:
        return _BY_CONSONANT[lowered]
    return next((_VOWELS[letter] for letter in lowered if letter in _VOWELS), SILENT)
