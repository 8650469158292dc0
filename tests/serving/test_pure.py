from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinse.contracts.speech import Language, LexiconRule, SpeechControls
from yinse.engine.synthesis.options import SamplingOptions, SpeechOptions
from yinse.engine.text.inventory import SYMBOLS, is_spoken
from yinse.serving.aliases import with_aliases
from yinse.serving.local import options_of
from yinse.serving.visemes import viseme_of
from yinse.serving.wording import as_long, chance, distance, drawn

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


def test_a_wrong_tone_is_half_an_error_and_silence_is_all_wrong():
    assert distance(["zh/a2"], ["zh/a1"]) == 0.5
    assert distance([], ["zh/a1", "zh/b"]) == distance(["x", "y"], ["zh/a1", "zh/b"]) == 1


@given(
    st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), min_size=1, max_size=12)
)
def test_errors_lie_between_none_and_all(heard, wanted):
    assert 0 <= distance(heard, wanted) <= 1
    assert distance(wanted, wanted) == 0


def frames(said, doubt, symbols=20, seed=0):
    """Scores of a recogniser that hears `said`, three frames each, with so much doubt in between."""
    random = np.random.default_rng(seed)
    scores = random.normal(0, doubt, (4 * len(said) + 4, symbols)).astype(np.float32)
    for index, phoneme in enumerate(said):
        scores[4 * index + 2 : 4 * index + 5, phoneme] += 2.0
    return scores - np.log(np.exp(scores).sum(1, keepdims=True))


POOL = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12], [13, 14, 15], [16, 17, 18], [3, 8, 14], [6, 11, 2]]


def test_words_that_were_said_fit_better_than_nearly_all_others_even_for_a_poor_ear():
    said = [*POOL[0], *POOL[3], *POOL[5]]
    others = drawn(POOL, 2, 6, 199, Random(1))
    parts = [POOL[0], [*POOL[3], *POOL[5]]]
    assert chance(frames(said, 1.0), parts, 1, others) <= 0.03
    assert chance(frames(said, 1.0), parts, 0, as_long(POOL, 3, 199, Random(1))) <= 0.2


def test_a_recording_of_other_words_passes_as_rarely_as_the_limit_says():
    """The promise that the limits stand on: whatever was said, the share of others is even between 0 and 1."""
    chances = []
    for seed in range(60):
        chosen = Random(seed)
        said, (asked, *others) = drawn(POOL, 3, 9, 1, chosen)[0], drawn(POOL, 3, 9, 40, chosen)
        chances.append(chance(frames(said, 1.0, seed=seed), [asked], 0, others))
    assert np.mean(np.array(chances) <= 0.1) <= 0.25
    assert 0.35 < np.mean(chances) < 0.65


def test_draws_are_of_the_asked_length_or_there_are_none():
    pool = [[1], [2, 3], [4, 5, 6], [7, 8]]
    rows = drawn(pool, 2, 4, 50, Random(1))
    assert len(rows) == 50
    assert {len(row) for row in rows} == {4}
    assert drawn(pool, 2, 40, 50, Random(1)) == []


def test_a_text_longer_than_the_recording_was_not_said():
    assert chance(frames([1], 1.0), [[1, 2, 3] * 20], 0, [[4]]) == 1.0


def test_controls_become_the_engines_options(make_request):
    def options(**controls):
        request = replace(make_request(None), controls=SpeechControls(**controls))
        return options_of(replace(request, language=Language.JA))

    assert options() == SpeechOptions(language="ja")
    assert options(stability=1.0).sampling.step_temperature == pytest.approx(0.2)
    assert options(stability=0.0).sampling.step_temperature == 1.0
    sampling = SamplingOptions(0.5, 7, 0.6, 1.2, step_temperature=0.6)
    told = options(
        speed=1.5,
        seed=9,
        temperature=0.5,
        top_k=7,
        top_p=0.6,
        repetition_penalty=1.2,
        sample_steps=6,
        stability=0.5,
    )
    assert told == SpeechOptions("ja", speed=1.5, seed=9, diffusion_steps=6, sampling=sampling)
    assert options(temperature=0.0).sampling.temperature == 0.0, "nothing is not none"


@given(st.text(alphabet="abYinse <>中文", max_size=40))
def test_aliased_text_leads_back_to_the_original(text):
    found = with_aliases(text, (LexiconRule("Yin", alias="音"), LexiconRule("中", alias='"<&')))
    assert found.positions is not None
    assert len(found.positions) == len(found.text)
    assert list(found.positions) == sorted(found.positions)
    if text:
        assert found.original(0, len(found.text)) == (0, len(text))


def test_as_many_aliases_as_dictionaries_may_hold_are_found_in_a_long_text():
    """They were one pattern of fifteen thousand groups, which took minutes to compile."""
    rules = [LexiconRule("a" * 40 + f"{number:05d}", alias="x") for number in range(15_000)]
    text = "a" * 4900 + "a" * 40 + "00007" + "!"
    found = with_aliases(text, rules)
    assert found.text.endswith('<sub alias="x">' + "a" * 40 + "00007</sub>!")
    assert len(found.text) == len(text) + len('<sub alias="x"></sub>')


def test_aliases_leave_tags_alone_and_prefer_the_longest():
    rules = (LexiconRule("a", alias="x"), LexiconRule("ab", alias="y"))
    assert with_aliases("<a>ab a", rules).text == '<a><sub alias="y">ab</sub> <sub alias="x">a</sub>'
