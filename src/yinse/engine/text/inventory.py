"""The phoneme inventory shared by every model: Chinese, English, Japanese, and punctuation as prosody.

The order of `SYMBOLS` is a contract with every trained weight: append, never reorder.

* Chinese: initials `zh/b`, finals with their tone `zh/a1` ... `zh/a5` (5 = neutral), erhua coda `zh/rr`.
  Finals follow strict pinyin; the apical vowels of zi/ci/si and zhi/chi/shi/ri are `zh/iz` and `zh/ir`;
  `y`/`w` spellings are resolved (`yi` -> `zh/i`, `wen` -> `zh/uen` written `zh/un`, `yu` -> `zh/v`).
* English: ARPAbet, vowels with stress digit, `en/AH0`.
* Japanese: OpenJTalk phones; voiced vowels and the moraic nasal carry pitch, `ja/a0` low, `ja/a1` high;
  devoiced vowels `ja/I`, `ja/U`, ...; `ja/cl` is the geminate closure.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

PAD: Final = "<pad>"
"""Padding, and the blank of CTC. Always id 0."""
EOS: Final = "<eos>"
"""End of an utterance: the symbol the semantic model's pointer enters last."""
UNKNOWN: Final = "<unk>"
SILENCE: Final = "<sp>"
"""A pause that no mark asks for."""

SPECIALS: Final = (PAD, EOS, UNKNOWN, SILENCE)
PUNCTUATION: Final = (",", ".", "?", "!", "…", "-")

ZH_INITIALS: Final = tuple("b p m f d t n l g k h j q x zh ch sh r z c s".split())
ZH_FINALS: Final = tuple(
    "a ai an ang ao e ei en eng er eh i iz ir ia ian iang iao ie in ing io iong iu "
    "o ong ou u ua uai uan uang ui un uo v van ve vn m n ng".split()
)
ZH_TONES: Final = (1, 2, 3, 4, 5)
ZH_ERHUA: Final = "rr"

EN_VOWELS: Final = tuple("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())
EN_CONSONANTS: Final = tuple("B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split())

JA_VOWELS: Final = tuple("a i u e o N".split())
JA_DEVOICED: Final = tuple("A I U E O".split())
JA_CONSONANTS: Final = tuple(
    "b by ch cl d dy f fy g gw gy h hy j k kw ky m my n ny p py r ry s sh t ts ty v w y z".split()
)

SYMBOLS: Final[tuple[str, ...]] = (
    *SPECIALS,
    *PUNCTUATION,
    *(f"zh/{initial}" for initial in ZH_INITIALS),
    *(f"zh/{final}{tone}" for final in ZH_FINALS for tone in ZH_TONES),
    f"zh/{ZH_ERHUA}",
    *(f"en/{vowel}{stress}" for vowel in EN_VOWELS for stress in (0, 1, 2)),
    *(f"en/{consonant}" for consonant in EN_CONSONANTS),
    *(f"ja/{vowel}{pitch}" for vowel in JA_VOWELS for pitch in (0, 1)),
    *(f"ja/{vowel}" for vowel in JA_DEVOICED),
    *(f"ja/{consonant}" for consonant in JA_CONSONANTS),
)

SYMBOL_IDS: Final[dict[str, int]] = {symbol: index for index, symbol in enumerate(SYMBOLS)}


def is_spoken(symbol: str) -> bool:
    """Tell whether a symbol has a sound of its own (specials and punctuation have none)."""
    return "/" in symbol


def language_of(symbol: str) -> str | None:
    """Return `zh`, `en` or `ja` for a spoken symbol, None for specials and punctuation."""
    return symbol.split("/", 1)[0] if is_spoken(symbol) else None


def main_language(languages: Iterable[str | None]) -> str | None:
    """The language named most often, of several the one named first, whatever the process; None without any."""
    counted = Counter(filter(None, languages)).most_common(1)
    return counted[0][0] if counted else None


def is_vowel(symbol: str) -> bool:
    """Whether a sound carries a syllable or mora: a Chinese final, an English vowel, a Japanese vowel or moraic nasal."""
    return is_voiced(symbol) or symbol.removeprefix("ja/") in JA_DEVOICED


def is_voiced(symbol: str) -> bool:
    """The same without the vowels that Japanese whispers, as at the end of `です`."""
    return symbol[-1].isdigit()
