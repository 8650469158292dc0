"""The engine's promises, on a tiny random voice: determinism, streaming, isolation, timing, clear refusals."""

import copy
import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from yinse.contracts.errors import CorruptFile, InvalidInput
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.synthesis import synthesizer as module
from yinse.engine.synthesis.acoustic import FADE_SAMPLES
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.result import AudioPiece, SegmentDone
from yinse.engine.synthesis.seeds import segment_seed
from yinse.engine.synthesis.synthesizer import StreamMeter, Synthesizer
from yinse.engine.synthesis.tokens import Prefix, generate
from yinse.engine.synthesis.verify import SegmentScore
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.lexicon import Lexicon
from yinse.engine.voice.prompt import VoicePrompt

MIXED = "你好，world。今日は。"


@pytest.fixture(scope="module")
def synthesizer(tiny_models: BaseModels) -> Synthesizer:
    return Synthesizer(tiny_models, TextFrontend())


def collected(events: object) -> np.ndarray:
    return np.concatenate([event.samples for event in events if isinstance(event, AudioPiece)])


@pytest.mark.parametrize("diffusion", [True, False])
def test_the_same_seed_gives_the_same_audio_and_another_seed_does_not(
    synthesizer: Synthesizer, prompt: VoicePrompt, diffusion: bool
) -> None:
    options = SpeechOptions(seed=5, retries=0, diffusion=diffusion)
    first, again = (synthesizer.speak(MIXED, prompt, options).audio for _ in range(2))
    other = synthesizer.speak(MIXED, prompt, replace(options, seed=6)).audio
    assert np.array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples[:2000], other.samples[:2000])


@pytest.mark.parametrize("diffusion", [True, False])
def test_streamed_audio_is_the_audio_of_the_whole(
    synthesizer: Synthesizer, prompt: VoicePrompt, diffusion: bool
) -> None:
    options = SpeechOptions(seed=3, retries=0, diffusion=diffusion)
    whole = synthesizer.speak(MIXED, prompt, options).audio.samples
    pieces = [e for e in synthesizer.stream(MIXED, prompt, options) if isinstance(e, AudioPiece)]
    assert len(pieces) > 2
    assert np.array_equal(collected(pieces), whole)


def test_first_audio_leaves_before_the_sentence_is_finished(
    synthesizer: Synthesizer, prompt: VoicePrompt
) -> None:
    events = list(
        synthesizer.stream("这是一个相当长的句子，用来说明声音会提前离开。", prompt, SpeechOptions(seed=1))
    )
    done = next(i for i, event in enumerate(events) if isinstance(event, SegmentDone))
    assert sum(isinstance(event, AudioPiece) for event in events[:done]) > 3


@pytest.mark.parametrize("checked", [False, True])
def test_phonemes_are_told_while_they_sound_and_once(
    synthesizer: Synthesizer, prompt: VoicePrompt, checked: bool
) -> None:
    options = SpeechOptions(seed=2, retries=0, speed=1.25)
    told, heard, rest = [], 0.0, []
    for event in synthesizer.stream(
        "你好，世界，今天我们去公园散步。Good morning.", prompt, options, checked=checked
    ):
        if isinstance(event, SegmentDone):
            phonemes = event.report.phonemes
            assert tuple(told) == phonemes[: len(told)], "what was told stays as it was told"
            rest.append(len(phonemes) - len(told))
            told = []
        else:
            assert all(phoneme.end > heard for phoneme in event.phonemes), "told after it had sounded"
            told += event.phonemes
            heard += len(event.samples) / synthesizer.rate
    assert len(rest) > 1
    assert max(rest) <= (0 if checked else 8), "only what ends a segment waits for its end"


def test_interleaved_requests_of_two_voices_equal_the_same_requests_alone(
    synthesizer: Synthesizer, make_prompt: Callable[[int], VoicePrompt]
) -> None:
    voices = [make_prompt(1), make_prompt(2)]
    options = SpeechOptions(seed=9, retries=0)
    alone = [collected(synthesizer.stream(MIXED, voice, options)) for voice in voices]
    streams = [synthesizer.stream(MIXED, voice, options) for voice in voices]
    interleaved: list[list[np.ndarray]] = [[], []]
    open_streams = {0, 1}
    while open_streams:
        for index in sorted(open_streams):
            event = next(streams[index], None)
            if event is None:
                open_streams.discard(index)
            elif isinstance(event, AudioPiece):
                interleaved[index].append(event.samples)
    assert not np.array_equal(alone[0][:4000], alone[1][:4000])
    for index in range(2):
        assert np.array_equal(np.concatenate(interleaved[index]), alone[index])


def test_phoneme_times_follow_the_text_and_fill_the_audio(
    synthesizer: Synthesizer, prompt: VoicePrompt
) -> None:
    speech = synthesizer.speak(MIXED, prompt, SpeechOptions(seed=2, retries=0))
    times = [time for segment in speech.report.segments for time in segment.phonemes]
    assert all(a.end <= b.start + 1e-6 for a, b in itertools.pairwise(times))
    assert times[-1].end == pytest.approx(speech.audio.seconds, abs=0.01)
    assert {MIXED[t.span[0] : t.span[1]] for t in times if t.symbol == "zh/n"} == {"你"}
    spans = [time.span[0] for time in times]
    assert spans == sorted(spans)


@pytest.mark.parametrize("speed", [0.25, 2.0, 4.0])
def test_speed_changes_the_length_of_the_audio(
    synthesizer: Synthesizer, prompt: VoicePrompt, speed: float
) -> None:
    normal, other = (
        synthesizer.speak(MIXED, prompt, SpeechOptions(seed=2, retries=0, speed=chosen))
        for chosen in (1.0, speed)
    )
    pauses = 0.5 * len(normal.report.segments)  # between segments they are as long at any speed
    assert other.audio.seconds == pytest.approx(normal.audio.seconds / speed, rel=0.03, abs=pauses)
    times = [time for segment in other.report.segments for time in segment.phonemes]
    assert times[-1].end == pytest.approx(other.audio.seconds, abs=0.05)


def test_sentences_stand_apart_and_the_last_one_fades_out(
    synthesizer: Synthesizer, prompt: VoicePrompt
) -> None:
    speech = synthesizer.speak("你好。再见。\n\n谢谢。", prompt, SpeechOptions(seed=2, retries=0))
    marks = [segment.phonemes[-1] for segment in speech.report.segments]
    assert [mark.symbol for mark in marks] == ["."] * 3
    lasted = [round(mark.end - mark.start, 2) for mark in marks]
    assert lasted[0] >= 0.4
    assert lasted[1] >= 0.8
    assert lasted[2] >= 0.12
    assert speech.report.segments[1].start == pytest.approx(marks[0].end)


@pytest.mark.parametrize("diffusion", [True, False])
def test_segments_fade_in_and_out(synthesizer: Synthesizer, prompt: VoicePrompt, diffusion: bool) -> None:
    speech = synthesizer.speak(
        '你好<break time="100ms"/>再见', prompt, SpeechOptions(seed=2, retries=0, diffusion=diffusion)
    )
    for segment in speech.report.segments:
        first, last = (round(edge * synthesizer.rate) for edge in (segment.start, segment.end))
        samples = np.abs(speech.audio.samples[first:last])
        assert samples[0] == samples[-1] == 0
        assert max(samples[:20].max(), samples[-20:].max()) < 0.1 * samples.max()
        assert samples[FADE_SAMPLES:-FADE_SAMPLES].all()


def test_an_asked_for_break_is_silence_of_that_length(synthesizer: Synthesizer, prompt: VoicePrompt) -> None:
    text = '<break time="300ms"/>你好。<break time="700ms"/>再见'
    speech = synthesizer.speak(text, prompt, SpeechOptions(seed=2, retries=0))
    first, second = speech.report.segments
    for gap, seconds in (
        (speech.audio.slice_seconds(0.0, first.start), 0.3),
        (speech.audio.slice_seconds(first.end, second.start), 0.7),
    ):
        assert gap.seconds == pytest.approx(seconds, abs=0.01)
        assert not gap.samples.any()
    assert second.phonemes[0].start == second.start


def test_a_bad_take_is_drawn_again_and_the_best_is_kept(
    synthesizer: Synthesizer, prompt: VoicePrompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubts = iter([3.0, 2.0, 2.5])
    monkeypatch.setattr(
        module, "score_segment", lambda *_: SegmentScore(0.7, next(doubts), pace=3.0, voiced=0.9)
    )
    report = synthesizer.speak("你好", prompt, SpeechOptions(seed=4, retries=2)).report.segments[0]
    assert report.tries == 3
    assert report.score == pytest.approx(0.25)
    assert report.seed == segment_seed(4, 0, 1)


@pytest.mark.parametrize(
    ("doubt", "pace", "voiced", "tries"),
    [
        (1.0, 3.0, 0.9, 1),
        (-8.0, 3.0, 0.9, 1),
        (1.1, 3.0, 0.9, 2),
        (0.2, 0.3, 0.9, 2),
        (0.2, 12.0, 0.9, 2),
        (0.2, 3.0, 0.1, 2),
    ],
)
def test_a_take_is_drawn_again_where_something_speaks_against_it(
    synthesizer: Synthesizer, prompt: VoicePrompt, monkeypatch: pytest.MonkeyPatch,
    doubt: float, pace: float, voiced: float, tries: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(module, "score_segment", lambda *_: SegmentScore(0.6, doubt, pace, voiced))
    assert synthesizer.speak("你好", prompt, SpeechOptions(retries=1)).report.segments[0].tries == tries


def test_the_meter_sums_a_stream_up(synthesizer: Synthesizer, prompt: VoicePrompt) -> None:
    meter = StreamMeter(7, synthesizer.rate)
    seconds = 0.0
    for event in synthesizer.stream("你好", prompt, SpeechOptions(seed=7)):
        meter.see(event)
        seconds += len(event.samples) / synthesizer.rate if isinstance(event, AudioPiece) else 0.0
    report = meter.report()
    assert report.audio_s == pytest.approx(seconds)
    assert 0 < report.first_audio_ms <= report.compute_s * 1000
    assert len(report.segments) == 1


def test_a_voice_of_other_weights_is_refused(synthesizer: Synthesizer, prompt: VoicePrompt) -> None:
    with pytest.raises(CorruptFile, match="enrol it again"):
        synthesizer.speak("你好", replace(prompt, revision="other"))


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "😀😀"])
def test_text_without_words_is_refused(synthesizer: Synthesizer, prompt: VoicePrompt, text: str) -> None:
    with pytest.raises(InvalidInput):
        synthesizer.speak(text, prompt)


def test_a_reference_is_digested_for_its_first_request_only(
    tiny_models: BaseModels, prompt: VoicePrompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesizer, asked = Synthesizer(tiny_models, TextFrontend()), []
    remember = tiny_models.acoustic.condition.remember
    monkeypatch.setattr(
        tiny_models.acoustic.condition, "remember", lambda *given: asked.append(given) or remember(*given)
    )
    options = SpeechOptions(seed=4, retries=0)
    first, again = (collected(synthesizer.stream("你好。", prompt, options)) for _ in range(2))
    assert np.array_equal(first, again)
    lexicon = Lexicon.of([("zh", "你好", "zai4 jian4")])
    otherwise = synthesizer.reading_with(TextFrontend(lexicon=lexicon))
    assert not np.array_equal(collected(otherwise.stream("你好。", prompt, options))[:8000], first[:8000])
    assert np.array_equal(collected(synthesizer.stream("你好。", prompt, options)), first)
    assert len(asked) == 1
    held = prompt.speaker_E, prompt.tokens_S, prompt.symbols_S, prompt.latents_FD.T
    for given, kept in zip(asked[0], held, strict=True):
        assert np.array_equal(given[0].numpy(), kept)


def test_an_unknown_language_is_refused(synthesizer: Synthesizer, prompt: VoicePrompt) -> None:
    with pytest.raises(InvalidInput, match="zh"):
        synthesizer.speak("hello", prompt, SpeechOptions(language="tlh"))


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Prefix]:
    """What every segment was begun with."""
    prefixes: list[Prefix] = []

    def spy(model: object, prefix: Prefix, *arguments: object, **options: object) -> object:
        prefixes.append(prefix)
        return generate(model, prefix, *arguments, **options)

    monkeypatch.setattr(module, "generate", spy)
    return prefixes


@pytest.mark.parametrize(("text", "prompted"), [("一", False), ("A", False), ("好。", False), ("是的", True)])
def test_a_single_sound_is_no_pause_after_the_prompt(
    synthesizer: Synthesizer,
    prompt: VoicePrompt,
    text: str,
    prompted: bool,
    begun: list[Prefix],
) -> None:
    synthesizer.speak(text, prompt, SpeechOptions(retries=0))
    assert [bool(prefix.tokens) for prefix in begun] == [prompted]


def test_the_manner_is_that_of_the_segments_language(
    synthesizer: Synthesizer, prompt: VoicePrompt, begun: list[Prefix]
) -> None:
    zh = replace(prompt.utterances[0], language="zh")
    en = replace(zh, language="en", tokens=tuple(token + 1 for token in zh.tokens))
    bilingual = replace(prompt, utterances=(zh, en))
    for text in ("今天很好。", "Hello there.", "今日はいい天気。"):
        synthesizer.speak(text, bilingual, SpeechOptions(retries=0))
    assert [prefix.tokens for prefix in begun] == [zh.tokens, en.tokens, zh.tokens + en.tokens]


@pytest.mark.parametrize(
    ("doubt", "longest", "carried"), [(0.0, 1000, True), (3.0, 1000, False), (0.0, 5, False)]
)
def test_a_segment_goes_on_in_the_manner_of_a_good_one_before_it(
    synthesizer: Synthesizer,
    prompt: VoicePrompt,
    begun: list[Prefix],
    monkeypatch: pytest.MonkeyPatch,
    doubt: float,
    longest: int,
    carried: bool,
) -> None:
    monkeypatch.setattr(module, "score_segment", lambda *_: SegmentScore(0.5, doubt, pace=3.0, voiced=0.9))
    monkeypatch.setattr(module, "CARRIED_TOKENS", longest)
    synthesizer.speak("今天很好。明天再说。", prompt, SpeechOptions(retries=0))
    first, second = begun
    assert (len(second.tokens) > len(first.tokens)) == carried
    assert second.tokens[: len(first.tokens)] == first.tokens


def test_the_noise_of_a_segment_follows_from_its_seed(
    synthesizer: Synthesizer, prompt: VoicePrompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, stream = [], module.AcousticStream

    def watched(models: object, voice: object, options: object, generator: torch.Generator) -> object:
        drawn.append(generator.initial_seed())
        return stream(models, voice, options, generator)

    monkeypatch.setattr(module, "AcousticStream", watched)
    for seed in (1, 1, 2):
        synthesizer.speak("你好。再见。", prompt, SpeechOptions(seed=seed, retries=0))
    assert drawn[:2] == drawn[2:4]
    assert len(set(drawn)) == 4


def test_the_weights_choose_the_prior_unless_a_request_does(
    tiny_models: BaseModels, prompt: VoicePrompt
) -> None:
    frontend = TextFrontend()

    def spoken(models: BaseModels, diffusion: bool | None) -> np.ndarray:
        options = SpeechOptions(seed=3, retries=0, diffusion=diffusion)
        return Synthesizer(models, frontend).speak("你好", prompt, options).audio.samples

    flow, diffused = (spoken(tiny_models, diffusion) for diffusion in (False, True))
    assert not np.array_equal(flow, diffused)
    assert np.array_equal(spoken(replace(tiny_models, prior="flow"), None), flow)
    assert np.array_equal(spoken(replace(tiny_models, prior="diffusion"), None), diffused)
    acoustic = copy.deepcopy(tiny_models.acoustic)
    acoustic.diffusion_prior = None
    assert np.array_equal(spoken(replace(tiny_models, acoustic=acoustic), True), flow)


@pytest.mark.parametrize("text", ["是的", "Ready?", "はい"])
def test_very_short_text_speaks(synthesizer: Synthesizer, prompt: VoicePrompt, text: str) -> None:
    assert synthesizer.speak(text, prompt, SpeechOptions(seed=1, retries=0)).audio.seconds > 0.1


@pytest.mark.parametrize(
    "options",
    [{"speed": 4.1}, {"seed": -1}, {"diffusion_steps": 0}, {"retries": 99}, {"flow_temperature": 9.0}],
)
def test_options_out_of_range_say_so(options: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(options))):
        SpeechOptions(**options)


def test_a_voice_of_longer_sounds_takes_longer(synthesizer: Synthesizer, prompt: VoicePrompt) -> None:
    options = SpeechOptions(seed=3, retries=0)
    seconds = [
        synthesizer.speak(MIXED, replace(prompt, duration_bias=bias), options).audio.seconds
        for bias in (-2.0, 0.0, 2.0)
    ]
    assert seconds == sorted(set(seconds))
