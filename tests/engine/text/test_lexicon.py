import json
from pathlib import Path

import pytest

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.lexicon import Lexicon, load_lexicon

ROWS = [
    ("zh", "阿房", "e1 pang2"),
    ("en", "yinse", "IH1 N S IY0"),
    ("en", "GPT-4o", "JH IY1 P IY1 T IY1 F AO1 R OW1"),
    ("ja", "音色堂", "ネイロ'ドー"),
]


def readings(text: str, language: str, lexicon: Lexicon) -> list[str]:
    return [
        unit.reading
        for utterance in TextFrontend(lexicon).analyse(text, language)
        for unit in utterance.units
    ]


def test_entries_win_over_every_other_reading() -> None:
    lexicon = Lexicon.of(ROWS)

    assert readings("阿房宫", "zh", lexicon) == ["e1", "pang2", "gong1"]
    assert readings("Yinse", "en", lexicon) == ["IH1 N S IY0"]
    assert readings("GPT-4o is", "en", lexicon) == ["JH IY1 P IY1 T IY1 F AO1 R OW1", "IH1 Z"]
    assert readings("音色堂", "ja", lexicon) == ["n e i r o d o o"]


def test_the_written_form_and_its_span_stay() -> None:
    (utterance,) = TextFrontend(Lexicon.of(ROWS)).analyse("去阿房宫看GPT-4o", "zh")

    assert [(unit.text, unit.span) for unit in utterance.units][1:3] == [("阿", (1, 2)), ("房", (2, 3))]


def test_the_accent_given_for_japanese_is_kept() -> None:
    (utterance,) = TextFrontend(Lexicon.of(ROWS)).analyse("音色堂は", "ja")

    assert [s for s in utterance.symbols if s[-1] in "01"] == [
        "ja/e0", "ja/i1", "ja/o1", "ja/o0", "ja/o0", "ja/a0",
    ]  # fmt: skip


def test_latin_entries_match_whole_words_only_and_capitals_only_where_written() -> None:
    lexicon = Lexicon.of([("en", "cat", "D AO1 G"), ("en", "Ada", "Z IY1 D AH0")])

    assert readings("cat Cat cats", "en", lexicon)[:2] == ["D AO1 G", "D AO1 G"]
    assert readings("cats", "en", lexicon) == ["K AE1 T S"]
    assert readings("Ada", "en", lexicon) == ["Z IY1 D AH0"]
    assert readings("ada", "en", lexicon) == ["EY1 D AH0"]


def test_the_longest_entry_wins() -> None:
    lexicon = Lexicon.of([("zh", "长", "zhang3"), ("zh", "长江", "chang2 jiang1")])

    assert readings("长江长", "zh", lexicon) == ["chang2", "jiang1", "zhang3"]


def test_an_entry_speaks_only_its_own_language() -> None:
    lexicon = Lexicon.of([("zh", "東京", "yi1 yi1")])

    assert readings("東京", "ja", lexicon) == ["t o o ky o o"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("fr", "x", "y"), "Unknown language 'fr'"),
        (("zh", "长江", "chang2"), "has 2 characters but 1 syllables"),
        (("en", "x", "nonsense"), "is not a reading"),
        (("en", " ", "AH0"), "but no word"),
    ],
)
def test_bad_entries_are_refused(row: tuple[str, str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Lexicon.of([row])


def test_csv_json_and_yaml_say_the_same(tmp_path: Path) -> None:
    nested: dict[str, dict[str, str]] = {}
    for language, word, reading in ROWS:
        nested.setdefault(language, {})[word] = reading
    (tmp_path / "l.csv").write_text(
        "language,word,reading\n" + "".join(",".join(row) + "\n" for row in ROWS), "utf-8"
    )
    (tmp_path / "l.json").write_text(json.dumps(nested), "utf-8")
    (tmp_path / "l.yaml").write_text(json.dumps(nested), "utf-8")

    for name in ("l.csv", "l.json", "l.yaml"):
        assert load_lexicon(tmp_path / name).entries == Lexicon.of(ROWS).entries


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("l.csv", "zh,长", "row 1: write language,word,reading"),
        ("l.json", "{", "not valid JSON"),
        ("l.yaml", "a: [", "not valid YAML"),
        ("l.json", "[]", "must map languages to words"),
        ("l.json", '{"zh": []}', "must map words to readings"),
        ("l.json", '{"zh": {"长": 3}}', "must be text"),
        ("l.txt", "", "must be a .csv, .json or .yaml file"),
    ],
)
def test_unreadable_files_say_what_is_wrong(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")

    with pytest.raises(InvalidInput, match=message):
        load_lexicon(tmp_path / name)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes("zh,行长,hang2 zhang3".encode("gbk"))
    with pytest.raises(InvalidInput, match=r"mine\.csv is not UTF-8"):
        load_lexicon(tmp_path / "mine.csv")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        load_lexicon(tmp_path / "none.csv")


def test_an_empty_lexicon_is_false_and_changes_nothing() -> None:
    assert not Lexicon()
    assert readings("长江", "zh", Lexicon()) == ["chang2", "jiang1"]
