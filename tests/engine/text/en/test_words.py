from collections.abc import Callable

import pytest

from yinse.engine.text.en.homographs import NOUN_VERB
from yinse.engine.text.en.words import pronounce_word, spell
from yinse.engine.text.inventory import SYMBOL_IDS

CASES = {
    "homographs": [
        ("read it", "R IY1 D IH1 T"), ("I have read", "AY1 HH AE1 V R EH1 D"), ("I read it yesterday", "AY1 R EH1 D IH1 T Y EH1 S T ER0 D EY2"), ("to read", "T UW1 R IY1 D"),
        ("lead the way", "L IY1 D DH AH0 W EY1"), ("lead pipe", "L EH1 D P AY1 P"), ("live here", "L IH1 V HH IY1 R"), ("live music", "L AY1 V M Y UW1 Z IH0 K"),
        ("the use", "DH AH0 Y UW1 S"), ("we use", "W IY1 Y UW1 Z"), ("used to", "Y UW1 S T T UW1"), ("a record", "AH0 R EH1 K ER0 D"), ("record it", "R AH0 K AO1 R D IH1 T"), ("bass guitar", "B EY1 S G IH0 T AA1 R"), ("sea bass", "S IY1 B AE1 S"), ("wind the clock", "W AY1 N D DH AH0 K L AA1 K"), ("to record", "T UW1 R AH0 K AO1 R D"),
        ("close the", "K L OW1 Z DH AH0"), ("too close", "T UW1 K L OW1 S"), ("wind up", "W AY1 N D AH1 P"), ("the wind", "DH AH0 W IH1 N D"),
        ("nine lives", "N AY1 N L AY1 V Z"), ("he lives", "HH IY1 L IH1 V Z"), ("tear it", "T EH1 R IH1 T"), ("minute details", "M AY0 N UW1 T D IH0 T EY1 L Z"),
        ("bow down", "B AW1 D AW1 N"), ("my resume", "M AY1 R EH1 Z AH0 M EY2"),
    ],
    "homographs further off": [
        ("take a bow", "T EY1 K AH0 B AW1"), ("he wound it", "HH IY1 W AW1 N D IH1 T"), ("tears fell", "T IH1 R Z F EH1 L"), ("she tears it", "SH IY1 T EH1 R Z IH1 T"), ("I am content", "AY1 AE1 M K AH0 N T EH1 N T"),
        ("the content", "DH AH0 K AA1 N T EH0 N T"), ("let me present it", "L EH1 T M IY1 P R IH0 Z EH1 N T IH1 T"), ("fresh produce", "F R EH1 SH P R OW1 D UW0 S"), ("a learned man", "AH0 L ER1 N AH0 D M AE1 N"),
        ("eat Polish food", "IY1 T P OW1 L IH0 SH F UW1 D"), ("Polish the shoes", "P AA1 L IH0 SH DH AH0 SH UW1 Z"), ("my résumé", "M AY1 R EH1 Z AH0 M EY2"), ("houses", "HH AW1 Z IH0 Z"), ("Monday", "M AH1 N D EY2"),
    ],
    "homographs of the web": [
        ("we are live", "W IY1 AA1 R L AY1 V"), ("live from Rome", "L AY1 V F R AH1 M R OW1 M"), ("I live from it", "AY1 L IH1 V F R AH1 M IH1 T"), ("I read last week", "AY1 R EH1 D L AE1 S T W IY1 K"), ("well-read", "W EH1 L R EH1 D"),
        ("records show", "R EH1 K ER0 D Z SH OW1"), ("he records it", "HH IY1 R AH0 K AO1 R D Z IH1 T"), ("he objects", "HH IY1 AH0 B JH EH1 K T S"), ("two houses", "T UW1 HH AW1 Z IH0 Z"), ("a lame excuse", "AH0 L EY1 M IH0 K S K Y UW1 S"),
    ],
    "letters of chat": [
        ("yyds", "W AY1 W AY1 D IY1 EH1 S"), ("xfxy", "EH1 K S EH1 F EH1 K S W AY1"), ("idk", "AY1 D IY1 K EY1"), ("the GDP", "DH AH0 JH IY1 D IY1 P IY1"), ("my id", "M AY1 AY1 D IY1"), ("Bryn", "B R IH1 N"), ("an ai", "AE1 N EY1 AY1"), ("by Ai Li", "B AY1 AY1 L IY1"),
    ],
    "articles": [
        ("a cat", "AH0 K AE1 T"), ("the end", "DH IY0 EH1 N D"), ("the one", "DH AH0 W AH1 N"), ("the FBI", "DH IY0 EH1 F B IY1 AY1"), ("the UN", "DH AH0 Y UW1 EH1 N"), ("the the end", "DH AH0 DH IY0 EH1 N D"), ("the hour", "DH IY0 AW1 ER0"), ("the U.S. of", "DH AH0 Y UW1 EH1 S AH1 V"),
        ("vitamin A", "V AY1 T AH0 M AH0 N EY1"), ("A cat", "AH0 K AE1 T"),
    ],
    "capitals": [
        ("the USA and", "DH AH0 Y UW2 EH2 S EY1 AH0 N D"), ("at NASA", "AE1 T N AE1 S AH0"), ("US law", "Y UW1 EH1 S L AO1"), ("GPUs run", "JH IY1 P IY1 Y UW1 Z R AH1 N"),
        ("CO2 is", "S IY1 OW1 T UW1 IH1 Z"), ("XKCD is", "EH1 K S K EY1 S IY1 D IY1 IH1 Z"), ("IT IS US", "IH1 T IH1 Z AH1 S"), ("hello IT", "HH AH0 L OW1 AY1 T IY1"),
    ],
    "endings": [
        ("Xiaomi's", "SH AW1 M IY2 Z"), ("James's", "JH EY1 M Z IH0 Z"), ("boss'", "B AO1 S"), ("who'll", "HH UW1 L"), ("cat's", "K AE1 T S"), ("vlogs", "V L AA1 G Z"),
        ("hashtags", "HH AE1 SH T AE2 G Z"), ("remixes", "R IY0 M IH1 K S IH0 Z"), ("podcasts", "P AA1 D K AE2 S T S"),
    ],
    "built from parts": [
        ("OpenAI", "OW1 P AH0 N EY2 AY1"), ("iPhone", "AY1 F OW2 N"), ("PowerGrid", "P AW1 ER0 G R IH1 D"), ("well-known", "W EH1 L N OW1 N"),
    ],
    "accents": [("café", "K AH0 F EY1"), ("naïve", "N AY2 IY1 V"), ("don’t", "D OW1 N T")],
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "phones"),
    [pytest.param(*case, id=f"{kind}: {case[0]}") for kind, cases in CASES.items() for case in cases],
)
def test_words_in_their_context(arpabet: Callable[[str], str], written: str, phones: str) -> None:
    assert arpabet(written) == phones


def test_letters_have_names() -> None:
    assert spell("ABC") == ("EY1", "B", "IY1", "S", "IY1")
    assert all(spell(letter) for letter in "abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize("word", ["blorfing", "zxcvbnm", "qwerty", "Shakalaka", "x" * 30, "o'o'o", "éclair"])
def test_any_word_gets_known_phones(word: str) -> None:
    phones = pronounce_word(word)

    assert phones
    assert all(f"en/{phone}" in SYMBOL_IDS for phone in phones)


def test_homographs_differ_and_use_known_phones() -> None:
    for noun, verb in NOUN_VERB.values():
        assert noun != verb
        assert all(f"en/{phone}" in SYMBOL_IDS for phone in f"{noun} {verb}".split())
