"""References to prompts of published voices."""

import numpy as np
import pytest
import torch

import tiny_published as tiny
from yinse.contracts.errors import CorruptFile, InvalidInput, RecordingRejected
from yinse.contracts.quality import Span
from yinse.engine.audio.waveform import Waveform
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.symbols import table
from yinse.engine.voice.published.conditioning import Conditioning
from yinse.engine.voice.published.encode import PROMPT_SILENCE, VoiceEncoder
from yinse.engine.voice.published.prompt import PublishedPrompt
from yinse.engine.voice.published.reading import read
from yinse.engine.voice.published.window import best_window


def encoder(models=None, conditioning=tiny.CONDITIONING) -> VoiceEncoder:
    return VoiceEncoder(models or tiny.end_to_end(), conditioning, TextFrontend())


def test_the_prompt_holds_what_the_reference_says_and_sounds_like():
    prompt = encoder().encode(tiny.recording(4.0), "你好世界。")
    assert len(prompt.tokens_P) == (4 * 16000 + PROMPT_SILENCE) // 640
    assert prompt.phones_L.shape == (9,)
    assert prompt.features_EL.shape == (1024, 9)
    assert prompt.style_G.shape == prompt.encoder_G.shape == (8,)
    assert (prompt.transcript, prompt.language) == ("你好世界.", "zh")
    assert "whole recording" in prompt.reference


@pytest.mark.parametrize("bare", ["你好世界", "Hello there", "元気です", "你好，世界"])
def test_the_words_of_a_reference_end_on_a_mark(bare):
    """Else its last word would run into the first one that is to be spoken; the published code adds it as well."""
    without, marked = (encoder().encode(tiny.recording(4.0), words) for words in (bare, f"{bare}。"))
    assert np.array_equal(without.phones_L, marked.phones_L)
    assert np.array_equal(without.features_EL, marked.features_EL)


def test_the_words_of_a_very_short_reference_begin_with_a_stop():
    prompt = encoder().encode(tiny.recording(4.0), "你好。")
    (stop,) = table("v2").ids(".")
    assert prompt.phones_L[0] == prompt.phones_L[-1] == stop
    assert len(prompt.phones_L) == 6
    assert prompt.transcript == "你好."


def test_it_survives_storage():
    prompt = encoder(tiny.by_flow()).encode(tiny.recording(4.0), "Hello there.")
    back = PublishedPrompt.from_bytes(prompt.to_bytes())
    for name in PublishedPrompt.__slots__:
        before, after = getattr(prompt, name), getattr(back, name)
        assert np.array_equal(before, after), name
    assert back.mel_MF.shape == (100, 12)
    assert back.context_CF.shape == (8, 12)


@pytest.mark.parametrize("data", [b"", b"x" * 100])
def test_damaged_prompts_are_refused(data):
    with pytest.raises(CorruptFile):
        PublishedPrompt.from_bytes(data)


def test_without_a_transcript_the_semantic_prompt_is_empty():
    prompt = encoder().encode(tiny.recording(4.0))
    assert len(prompt.tokens_P) == len(prompt.phones_L) == 0
    assert prompt.style_G.any()


def test_references_are_averaged():
    first, second = tiny.recording(4.0, pitch=120.0), tiny.recording(5.0, pitch=240.0)
    make = encoder(tiny.end_to_end(pro=True))
    styles = [make.encode(one).style_G for one in (first, second)]
    both = make.encode(first, others=[second]).style_G
    assert np.allclose(both, np.mean(styles, 0), atol=1e-5)
    assert not np.allclose(styles[0], styles[1], atol=1e-4)


def test_long_further_references_give_their_best_window(monkeypatch):
    monkeypatch.setattr("yinse.engine.voice.published.encode.speech_spans", lambda _: [Span(1.0, 5.0)])
    first, long = tiny.recording(4.0), tiny.recording(12.0, pitch=240.0)
    make = encoder()
    cut = make.encode(first, others=[long.slice_seconds(1.0, 5.0)]).style_G
    assert np.allclose(make.encode(first, others=[long]).style_G, cut)


def test_flow_voices_need_the_words():
    with pytest.raises(InvalidInput, match="words spoken"):
        encoder(tiny.by_flow()).encode(tiny.recording(4.0))


def test_flow_voices_take_one_reference():
    with pytest.raises(InvalidInput, match="one reference"):
        encoder(tiny.by_flow()).encode(tiny.recording(4.0), "你好。", others=[tiny.recording(5.0)])


def test_words_that_nobody_speaks_so_fast_are_refused():
    """They are another text: the voice would skip and repeat words, and nothing would say why."""
    with pytest.raises(InvalidInput, match=r"more than anyone speaks in 3\.0 s"):
        encoder().encode(tiny.recording(3.0), "今天天气很好，我们去公园吧。" * 8)


def test_references_of_any_legal_length_are_taken_with_their_words():
    for seconds in (3.0, 10.0):
        prompt = encoder().encode(tiny.recording(seconds), "你好世界。")
        assert len(prompt.tokens_P) == (int(seconds * 16000) + PROMPT_SILENCE) // 640


@pytest.mark.parametrize("others", [[], [tiny.recording(4.0)]])
def test_silent_references_are_refused(others):
    silent = Waveform(np.zeros(4 * 16000, np.float32), 16000)
    with pytest.raises(RecordingRejected, match="silent"):
        encoder().encode(*others[:1] or [silent], others=[silent] if others else [])


def test_a_further_reference_too_short_to_hear_is_refused():
    with pytest.raises(RecordingRejected, match=r"0\.02 s is too short"):
        encoder().encode(tiny.recording(4.0), others=[tiny.recording(0.02)])


def test_the_length_that_does_not_fit_is_told_exactly(monkeypatch):
    monkeypatch.setattr("yinse.engine.voice.published.encode.speech_spans", lambda _: [Span(0.5, 6.0)])
    with pytest.raises(InvalidInput, match=r"not 10\.03 s"):
        encoder().encode(tiny.recording(10.03), "你好。")


def test_pro_voices_need_the_speaker_encoder():
    without = Conditioning(tiny.listen, tiny.read)
    with pytest.raises(InvalidInput, match="speaker encoder"):
        encoder(tiny.end_to_end(pro=True), without).encode(tiny.recording(4.0))


def test_a_transcript_of_a_long_recording_is_refused_with_advice(monkeypatch):
    monkeypatch.setattr(
        "yinse.engine.voice.published.encode.speech_spans", lambda _: [Span(0.5, 6.0), Span(7.0, 11.0)]
    )
    with pytest.raises(InvalidInput, match=r"0\.5-6\.0 s"):
        encoder().encode(tiny.recording(12.0), "你好")
    assert encoder().encode(tiny.recording(12.0)).reference.startswith("0.5-6.0 s")


def test_windows_begin_and_end_in_pauses():
    speech = [Span(1, 2), Span(2.2, 4.5), Span(4.7, 6.6), Span(14, 14.5)]
    window = best_window(30.0, speech)
    assert (window.start, window.end) == (1, 6.6)
    assert "speech" in window.reason


def test_fitting_recordings_are_taken_whole():
    assert best_window(9.9, ()).seconds == 9.9


def test_speech_without_a_pause_is_cut():
    window = best_window(60.0, [Span(2.0, 55.0)])
    assert (window.start, window.end) == (2.0, 12.0)
    assert "without a pause" in window.reason


@pytest.mark.parametrize("speech", [[], [Span(0.0, 2.0)]])
def test_too_little_speech_is_refused(speech):
    with pytest.raises(RecordingRejected, match="3 s"):
        best_window(2.5, speech)


def test_single_words_far_apart_are_no_reference():
    """A window begun at the last of them would end with the recording, after less than the models accept."""
    with pytest.raises(RecordingRejected, match="in one place"):
        best_window(30.0, [Span(0.0, 1.0), Span(14.0, 15.0), Span(28.0, 29.8)])


def test_only_chinese_has_text_features():
    utterances = TextFrontend().analyse("你好, world!", "zh")
    reading = read(utterances, table("v2"), tiny.read)
    chinese = reading.features_EL[:, :5]
    assert torch.equal(chinese[:, 0], chinese[:, 1])
    assert torch.equal(chinese[:, 2], chinese[:, 3])
    assert torch.equal(chinese[:, 0], tiny.read("你好,")[:, 0])
    assert not reading.features_EL[:, 5:].any()
    assert reading.features_EL.shape[1] == len(reading.phones_L)
