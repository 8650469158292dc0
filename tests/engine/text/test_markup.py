import pytest

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.directives import Break, Kana, Override, SayAs
from yinse.engine.text.markup import Marked, parse
from yinse.engine.text.zh.syllable import Syllable


def directives(marked: Marked) -> list[object]:
    return [found for char in marked.text.text if (found := marked.directives.get(char)) is not None]


def test_pinyin_in_brackets_gives_the_hanzi_before_it_a_reading() -> None:
    marked = parse("行[hang2]长")

    (override,) = directives(marked)
    assert isinstance(override, Override)
    assert (override.surface.text, override.surface.spans) == ("行", ((0, 1),))
    assert override.reading == (Syllable("h", "ang", 2),)
    assert marked.text.spans == ((0, 1), (8, 9))
    assert marked.text.text[1] == "长"


def test_pinyin_of_several_syllables_reads_as_many_hanzi() -> None:
    marked = parse("在银行[yin2 hang2]")

    assert marked.text.text[0] == "在"
    assert [override.surface.text for override in directives(marked)] == ["银", "行"]  # type: ignore[attr-defined]


def test_break_times_and_strengths() -> None:
    marked = parse(
        "a<break time='500ms'/>b<break time=\"1.5s\"></break>c<break strength='x-strong'/>d<break/>"
    )

    assert directives(marked) == [Break(0.5), Break(1.5), Break(1.2), Break(0.4)]


def test_sub_puts_the_alias_in_place_with_the_span_of_the_content() -> None:
    marked = parse('see <sub alias="World &amp; Web">WW</sub>.')

    assert marked.text.text == "see World & Web."
    assert set(marked.text.spans[4:15]) == {(33, 35)}


def test_lang_marks_its_characters_and_nests() -> None:
    marked = parse('a<lang xml:lang="ja-JP">京<lang xml:lang="zh">都</lang>人</lang>b')

    assert marked.text.text == "a京都人b"
    assert marked.forced == (None, "ja", "zh", "ja", None)


def test_phoneme_guesses_the_notation_or_takes_the_alphabet() -> None:
    marked = parse(
        "<phoneme ph=\"ハ'シ\">箸</phoneme><phoneme ph='N Y UW1'>new</phoneme><phoneme alphabet='pinyin' ph='hǎo'>好</phoneme>"
    )

    readings = [override.reading for override in directives(marked)]  # type: ignore[attr-defined]
    assert readings == [Kana("ハシ", 1), ("N", "Y", "UW1"), (Syllable("h", "ao", 3),)]


def test_say_as_keeps_its_content_for_the_language_around_it() -> None:
    (directive,) = directives(parse('<say-as interpret-as="digits">2024</say-as>'))

    assert isinstance(directive, SayAs)
    assert (directive.kind, directive.content.text) == ("digits", "2024")


def test_speak_may_wrap_the_text() -> None:
    assert parse("<speak>好</speak>").text.text == "好"


def test_what_only_dresses_the_text_goes_and_a_line_break_stays() -> None:
    assert parse("<b>粗</b><em>体</em><br/>x").text.text == "粗体\nx"


@pytest.mark.parametrize(
    "prose",
    [
        "a < b",
        "x<y>z",
        "1 <2",
        "<3",
        "图[1]",
        "见[a]文献[12]",
        "word[zhang3]",
        "[zhang3]",
        "表[tab1]",
        "a[b]c",
        "<",
        "[",
    ],
)
def test_ordinary_brackets_are_ordinary_text(prose: str) -> None:
    marked = parse(prose)

    assert marked.text.text == prose
    assert directives(marked) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("好\n好<break time='5'/>", 'Line 2, column 2: a break time looks like "500ms"'),
        ("<break time='99s'/>", "10 s at most"),
        ("<break strength='huge'/>", "strength is one of none, x-weak"),
        ("<break>好</break>", "<break> must be empty"),
        ("</break>", "closes nothing"),
        ("<break time=500ms/>", "Line 1, column 1: this tag is malformed"),
        ("<lang xml:lang='ja'", "this tag is malformed"),
        ("<lang xml:lang='fr'>x</lang>", "unknown language 'fr': use zh, en or ja"),
        ("<lang>x</lang>", '<lang> needs xml:lang="..."'),
        ("<lang xml:lang='ja'>x", "<lang> is never closed: add </lang>"),
        ("x</lang>", "column 2: </lang> closes nothing"),
        ("<speak><lang xml:lang='ja'>x</speak></lang>", "</speak> closes nothing"),
        ("<sub alias='y'>x", "<sub> is never closed"),
        ("<sub>x</sub>", '<sub> needs alias="..."'),
        ("<sub alias='y'> </sub>", "<sub> has no content"),
        ("<sub alias='y'/>", "<sub/> has no content"),
        ("<sub alias='y'><break/></sub>", "<sub> may hold plain text only"),
        ("<sub alias='y' other='z'>x</sub>", "has no attribute 'other'; it knows alias"),
        ("<phoneme ph='???'>x</phoneme>", "is not a reading"),
        ("<phoneme ph='a' alphabet='ipa'>x</phoneme>", "Unknown alphabet 'ipa'"),
        ("<say-as interpret-as='poem'>x</say-as>", "cannot say as 'poem'"),
        ("行[hang7]", "column 2: [hang7] is not pinyin with tones 1 to 5"),
        ("行[hang2 zhang3]", "more syllables than there are hanzi"),
        ("<prosody rate='slow'>x</prosody>", "<prosody> is not known here; use speak, break"),
    ],
)
def test_malformed_markup_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text)

    assert message in caught.value.message
    assert caught.value.message.startswith("Line ")
