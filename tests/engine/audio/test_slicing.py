from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinse.contracts.quality import Span
from yinse.engine.audio.slicing import LEVEL_HOP, SlicePolicy, levels_db, plan_slices, slice_speech
from yinse.engine.audio.vad import speech_spans
from yinse.engine.audio.waveform import Waveform

Tone = Callable[..., Waveform]
Speech = Callable[[str, int], list[Waveform]]


def _flat(seconds: float) -> np.ndarray:
    return np.full(round(seconds / LEVEL_HOP), -30.0, np.float32)


def test_levels_are_root_mean_squares(tone: Tone) -> None:
    levels = levels_db(tone(1000.0, 0.105, 44_100, 1.0))
    assert len(levels) == 11
    assert np.allclose(levels[:10], -3.01, atol=0.1)
    assert (levels_db(Waveform(np.zeros(480, np.float32), 48_000)) == -120.0).all()


def test_a_long_pause_separates_slices_and_is_left_out() -> None:
    plan = plan_slices([Span(1, 5), Span(9, 14)], _flat(20), 20.0)
    assert plan == [(Span(0.8, 5.2),), (Span(8.8, 14.2),)]


def test_a_natural_pause_stays() -> None:
    assert plan_slices([Span(1, 3), Span(3.5, 6)], _flat(10), 10.0) == [(Span(0.8, 6.2),)]


def test_a_long_speech_is_cut_at_its_quietest_moment() -> None:
    levels = _flat(20)
    levels[850:870] = -60.0
    ((first,), (second,)) = plan_slices([Span(0, 20)], levels, 20.0)
    assert first.end == second.start
    assert 8.5 <= first.end <= 8.7


def test_short_words_join_until_they_are_a_slice() -> None:
    words = [Span(start, start + 0.6) for start in (1.0, 4.0, 7.0, 10.0)]
    plan = plan_slices(words, _flat(12), 12.0)
    assert [len(parts) for parts in plan] == [4]


def test_too_little_speech_gives_no_slice() -> None:
    assert plan_slices([Span(1, 2)], _flat(5), 5.0) == []
    assert plan_slices([], _flat(5), 5.0) == []


@st.composite
def _speech(draw: st.DrawFn) -> tuple[list[Span], float]:
    spans, now = [], 0.0
    for pause, length in draw(st.lists(st.tuples(st.floats(0.05, 5.0), st.floats(0.1, 40.0)), max_size=6)):
        spans.append(Span(now + pause, now + pause + length))
        now += pause + length
    return spans, now + 1.0


@settings(max_examples=60)
@given(_speech())
def test_slices_have_their_length_and_no_speech_twice(case: tuple[list[Span], float]) -> None:
    spans, seconds = case
    levels = np.random.default_rng(0).uniform(-60, -20, round(seconds / LEVEL_HOP)).astype(np.float32)
    policy = SlicePolicy()
    plan = plan_slices(spans, levels, seconds, policy)
    for parts in plan:
        assert policy.shortest - 1e-6 <= sum(p.seconds for p in parts) <= policy.longest + 1e-6
    flat = [part for parts in plan for part in parts]
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(flat))
    lost = sum(s.seconds for s in spans) - sum(p.seconds for p in flat)
    assert lost < policy.shortest * (1 + len(spans))


def test_seams_do_not_click(tone: Tone) -> None:
    sound = tone(200.0, 6.0, 16_000)
    (piece,) = slice_speech(sound, [Span(0.5, 1.4), Span(3.01, 4.2)])
    assert len(piece.spans) == 2
    assert np.abs(np.diff(piece.waveform.samples)).max() < 1.2 * np.abs(np.diff(sound.samples)).max()


@pytest.mark.speech
def test_real_sentences_are_cut_in_their_pauses(speech: Speech) -> None:
    takes = speech("librispeech_train_clean", 4)
    joined = Waveform(np.concatenate([t.samples for t in takes]), takes[0].rate)
    spans = speech_spans(joined)
    slices = slice_speech(joined, spans)
    assert all(2.0 <= s.waveform.seconds <= 12.0 for s in slices)
    kept = sum(s.waveform.seconds for s in slices)
    assert 0.9 * sum(s.seconds for s in spans) < kept < joined.seconds
    levels = levels_db(joined)
    edges = [round(part.end / LEVEL_HOP) for s in slices for part in s.spans[:-1]]
    loud = np.percentile(levels, 60)
    assert all(levels[edge] < loud for edge in edges)
