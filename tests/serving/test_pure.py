import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinse.contracts.speech import LexiconRule
from yinse.engine.text.inventory import SYMBOLS, is_spoken
from yinse.serving.aliases import with_aliases
from yinse.serving.visemes import viseme_of
from yinse.serving.wording import errors_of

OPENXR = {"sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou"}


def test_every_phoneme_has_a_mouth_shape_of_the_standard():
    assert {viseme_of(symbol) for symbol in SYMBOLS} == OPENXR
    assert all(viseme_of(symbol) != "sil" for symbol in SYMBOLS if is_spoken(symbol))


@pytest.mark.parametrize(
    ("symbol", "shape"),
    [("zh/b", "PP"), ("en/M", "PP"), ("ja/f", "FF"), ("zh/a1", "aa"), ("en/IY1", "ih"), ("<sp>", "sil")],
)
def test_mouths_close_and_open_where_they_should(symbol, shape):
    assert viseme_of(symbol) == shape


def test_words_said_as_asked_have_no_errors():
    wanted = ["zh/w", "zh/o3", "zh/s", "zh/i4"]
    assert errors_of(wanted, wanted, wanted[2:]) == errors_of(wanted, wanted, [])


def test_a_wrong_digit_shows_in_the_part_though_the_whole_is_nearly_right():
    sentence = [f"zh/{letter}1" for letter in "abcdefghijklmnopqrst"]
    heard = [*sentence[:-2], "zh/x1", "zh/z1"]
    errors = errors_of(heard, sentence, sentence[-4:])
    assert errors.whole == pytest.approx(0.1)
    assert errors.part == pytest.approx(0.5)


def test_errors_elsewhere_do_not_count_in_the_part():
    sentence = [f"zh/{letter}1" for letter in "abcdefgh"]
    errors = errors_of(["zh/x1", "zh/x1", *sentence[2:]], sentence, sentence[-3:])
    assert (errors.whole, errors.part) == (0.25, 0)


def test_a_wrong_tone_is_half_an_error_and_silence_is_all_wrong():
    assert errors_of(["zh/a2"], ["zh/a1"], []).whole == 0.5
    assert errors_of([], ["zh/a1", "zh/b"], ["zh/b"]) == errors_of(["x", "y"], ["zh/a1", "zh/b"], ["zh/b"])


@given(
    st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), min_size=1, max_size=12)
)
def test_errors_lie_between_none_and_all(heard, wanted):
    errors = errors_of(heard, wanted, wanted[-3:])
    assert 0 <= errors.whole <= 1
    assert 0 <= errors.part <= 1


@given(st.text(alphabet="abYinse <>中文", max_size=40))
def test_aliased_text_leads_back_to_the_original(text):
    found = with_aliases(text, (LexiconRule("Yin", alias="音"), LexiconRule("中", alias='"<&')))
    assert found.positions is not None
    assert len(found.positions) == len(found.text)
    assert list(found.positions) == sorted(found.positions)
    if text:
        assert found.original(0, len(found.text)) == (0, len(text))


def test_aliases_leave_tags_alone_and_prefer_the_longest():
    rules = (LexiconRule("a", alias="x"), LexiconRule("ab", alias="y"))
    assert with_aliases("<a>ab a", rules).text == '<a><sub alias="y">ab</sub> <sub alias="x">a</sub>'
