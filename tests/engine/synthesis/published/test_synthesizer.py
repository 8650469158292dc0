"""Speaking with published voices: what the published code gets wrong must not happen here."""

import os
import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch

import tiny_published as tiny
from yinse.contracts.errors import CorruptFile, InvalidInput, SynthesisFailed
from yinse.engine.models.semantic.s1.decoding import StopRule, TokenPicker, decode
from yinse.engine.models.semantic.s1.state import S1Input
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.published.acoustic import (
    CHUNKS,
    OVERLAP,
    EndToEndStream,
    open_stream,
    speak_whole,
    voice_condition,
)
from yinse.engine.synthesis.published.check import LOOPING, check_tokens
from yinse.engine.synthesis.published.options import PublishedOptions
from yinse.engine.synthesis.published.plan import plan
from yinse.engine.synthesis.published.synthesizer import PublishedSynthesizer, stop_rule
from yinse.engine.synthesis.result import AudioPiece, SegmentDone
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.symbols import table
from yinse.engine.voice.published.encode import VoiceEncoder

TEXT = "今天天气很好。我们去公园吧！"
QUIET = PublishedOptions(retries=0, pause=0.0)


@pytest.fixture(scope="module")
def frontend():
    return TextFrontend()


@pytest.fixture(scope="module", params=["end to end", "pro", "flow"])
def voice(request, frontend):
    models = {
        "end to end": tiny.end_to_end, "pro": lambda: tiny.end_to_end(pro=True), "flow": tiny.by_flow
    }[request.param]()  # fmt: skip
    prompt = VoiceEncoder(models, tiny.CONDITIONING, frontend).encode(tiny.recording(3.0), "你好。")
    return PublishedSynthesizer(models, frontend, tiny.read), prompt


@pytest.fixture(scope="module")
def simple(frontend):
    models = tiny.end_to_end()
    prompt = VoiceEncoder(models, tiny.CONDITIONING, frontend).encode(tiny.recording(3.0), "你好。")
    return PublishedSynthesizer(models, frontend, tiny.read), prompt


def pieces(events: Iterator[object]) -> list[np.ndarray]:
    return [event.samples for event in events if isinstance(event, AudioPiece)]


def test_every_version_speaks(voice):
    synthesizer, prompt = voice
    speech = synthesizer.speak(TEXT, prompt, PublishedOptions(retries=0, steps=2))
    assert len(speech.report.segments) == 2
    assert speech.audio.rate == synthesizer.rate
    assert np.isfinite(speech.audio.samples).all()
    assert np.abs(speech.audio.samples).max() > 0
    ends = [segment.end for segment in speech.report.segments]
    starts = [segment.start for segment in speech.report.segments]
    assert starts[0] == 0.0
    assert starts[1] == pytest.approx(ends[0] + 0.3, abs=2 / synthesizer.rate)


def test_the_same_seed_gives_the_same_audio(voice):
    synthesizer, prompt = voice
    first, again, other = (
        synthesizer.speak("你好。", prompt, PublishedOptions(seed=seed, steps=2)).audio.samples
        for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)


def global_state() -> tuple[object, ...]:
    """What requests could leave behind for one another."""
    chance = torch.random.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()
    return (
        *chance,
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        dict(os.environ),
    )


@pytest.mark.parametrize("compat", [False, True])
def test_nothing_global_is_touched(voice, compat):
    synthesizer, prompt = voice
    synthesizer.frontend.analyse("你好。")  # whose tables are read once
    before, weights = (
        global_state(),
        [tensor.clone() for tensor in synthesizer.models.s2.state_dict().values()],
    )
    options = PublishedOptions(steps=1, compat=compat)
    synthesizer.speak("你好。", prompt, options)
    list(synthesizer.stream("你好。", prompt, options))
    assert global_state() == before
    after = synthesizer.models.s2.state_dict().values()
    assert all(torch.equal(tensor, old) for tensor, old in zip(after, weights, strict=True))


def test_interleaved_requests_do_not_meet(simple):
    synthesizer, prompt = simple
    requests = [("你好世界。", QUIET), (TEXT, PublishedOptions(seed=9, retries=0))]
    alone = [pieces(synthesizer.stream(text, prompt, options)) for text, options in requests]
    streams = [synthesizer.stream(text, prompt, options) for text, options in requests]
    found: list[list[np.ndarray]] = [[], []]
    active = [0, 1]
    while active:
        for index in list(active):
            event = next(streams[index], None)
            if event is None:
                active.remove(index)
            elif isinstance(event, AudioPiece):
                found[index].append(event.samples)
    for together, by_itself in zip(found, alone, strict=True):
        assert np.array_equal(np.concatenate(together), np.concatenate(by_itself))


@pytest.mark.parametrize("speed", [1.0, 0.8, 1.5])
def test_streaming_speaks_every_token_once(simple, speed):
    synthesizer, prompt = simple
    options = PublishedOptions(retries=0, pause=0.0, speed=speed)
    streamed = np.concatenate(pieces(synthesizer.stream("今天天气真的很好很好。", prompt, options)))
    whole = synthesizer.speak("今天天气真的很好很好。", prompt, options).audio.samples
    assert len(streamed) == len(whole)


def never_ending(synthesizer: PublishedSynthesizer) -> PublishedSynthesizer:
    """The end is never drawn."""
    models = tiny.end_to_end()
    with torch.no_grad():
        models.s1.head.weight[models.s1.end] = -100
    return PublishedSynthesizer(models, synthesizer.frontend, tiny.read)


def test_streaming_starts_before_the_sentence_ends(simple):
    synthesizer, prompt = never_ending(simple[0]), simple[1]
    events = synthesizer.stream("今天天气真的很好很好，我们一起去公园吧。", prompt, QUIET)
    first = next(events)
    assert isinstance(first, AudioPiece)
    assert 0 < len(first.samples) <= CHUNKS[0] * synthesizer.models.samples_per_token
    assert any(isinstance(event, AudioPiece) for event in events)


class LocalEncoder(torch.nn.Module):
    """Hidden frames that depend on their own token only, as a well-trained encoder's nearly do."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.statistics = inner.statistics

    def encode_content(self, content):
        return self.inner.enter(content)

    def encode_text(self, phones):
        return phones

    def mixer(self, content, text, condition):
        return content

    def joint(self, mixed):
        return mixed

    def forward(self, content, phones, condition):
        return self.inner.enter(content)


@pytest.mark.parametrize("count", [1, 5, 14, 15, 16, 40, 120])
@pytest.mark.parametrize("speed", [1.0, 1.3])
def test_pieces_are_the_whole_where_the_encoder_is_sure(simple, count, speed):
    _, prompt = simple
    models = tiny.end_to_end()
    models.s2.encoder = LocalEncoder(models.s2.encoder)
    phones = torch.arange(9)
    tokens = torch.randint(0, tiny.CODES, (count,), generator=torch.Generator().manual_seed(2)).tolist()
    options = PublishedOptions(speed=speed)

    def source() -> torch.Generator:
        return torch.Generator().manual_seed(3)

    stream = EndToEndStream(models, voice_condition(prompt), phones, options, source())
    parts = [stream.push([token]) for token in tokens] + list(stream.finish())
    streamed = np.concatenate(parts)
    if speed == 1.0:
        whole = speak_whole(models, prompt, phones, tokens, options, source())
    else:
        everything = EndToEndStream(models, voice_condition(prompt), phones, options, source())
        everything._tokens.extend(tokens)
        (whole,) = everything.finish()
    assert streamed.shape == whole.shape
    error = np.square(streamed - whole).sum() / np.square(whole).sum()
    assert error < 0.02, "a piece's end cannot know what follows, but hardly differs"


def test_pieces_decode_no_frames_but_those_that_are_spoken(simple, monkeypatch):
    _, prompt = simple
    models = tiny.end_to_end()
    between, wanted = models.s2.decoder.between, []

    def spied(frames, first, last, condition):
        wanted.append(last - first)
        return between(frames, first, last, condition)

    monkeypatch.setattr(models.s2.decoder, "between", spied)
    source = torch.Generator().manual_seed(3)
    stream = EndToEndStream(models, voice_condition(prompt), torch.arange(9), PublishedOptions(), source)
    tokens = torch.arange(120) % tiny.CODES
    parts = [stream.push([token]) for token in tokens.tolist()] + list(stream.finish())
    assert wanted == [2 * CHUNKS[0], *(2 * size + OVERLAP for size in (*CHUNKS[1:], 120 - sum(CHUNKS)))]
    assert sum(map(len, parts)) == 120 * models.samples_per_token


def always_ending(synthesizer: PublishedSynthesizer) -> PublishedSynthesizer:
    """The end is the likeliest token at every step."""
    models = tiny.end_to_end()
    with torch.no_grad():
        models.s1.head.weight[:] = 0
        models.s1.blocks[-1].feedforward_norm.bias[:] = 1
        models.s1.head.weight[models.s1.end] = 5
    return PublishedSynthesizer(models, synthesizer.frontend, tiny.read)


@pytest.mark.parametrize("text", ["是的", "Ready?", "嗯。"])
def test_short_texts_give_their_own_tokens_never_the_prompts(simple, text):
    synthesizer, prompt = simple
    speech = always_ending(synthesizer).speak(text, prompt, QUIET)
    (sentence,) = plan(synthesizer.frontend.analyse(text), table("v2"), tiny.read)
    tokens = len(speech.audio.samples) // synthesizer.models.samples_per_token
    assert tokens == stop_rule(len(sentence.phones_L), QUIET).shortest
    assert tokens < len(prompt.tokens_P)


def test_a_model_that_never_ends_is_stopped(simple):
    stuck, prompt = never_ending(simple[0]), simple[1]
    report = stuck.speak("你好。", prompt, PublishedOptions(retries=1, pause=0.0)).report
    assert report.segments[0].tries == 2
    assert report.segments[0].score < 1.0
    assert report.audio_s * 25 <= 25 + 10 * 9


def retold(synthesizer: PublishedSynthesizer, takes: list[list[int]]) -> PublishedSynthesizer:
    """The same voice, whose semantic model says these tokens, one list a try."""

    class Retold(PublishedSynthesizer):
        def _tokens(self, *_: object) -> Iterator[int]:
            return iter(takes.pop(0))

    return Retold(synthesizer.models, synthesizer.frontend, tiny.read)


GOOD, SKIPPED, REPEATED = list(range(30)), [1, 2], [3, 4] * 15 + list(range(8))


@pytest.mark.parametrize("bad", [SKIPPED, REPEATED])
def test_skipped_and_repeated_words_are_drawn_again(simple, bad):
    synthesizer, prompt = simple
    report = retold(synthesizer, [bad, GOOD, bad]).speak("今天天气很好。", prompt).report
    assert [(s.tries, s.score) for s in report.segments] == [(2, 1.0)]
    tokens = report.segments[0].end * synthesizer.rate / synthesizer.models.samples_per_token
    assert round(tokens) == len(GOOD)


def test_the_best_of_bad_tries_is_spoken_and_reported(simple):
    synthesizer, prompt = simple
    report = retold(synthesizer, [SKIPPED, REPEATED, SKIPPED]).speak("今天天气很好。", prompt).report
    assert report.segments[0].tries == 3
    assert report.segments[0].score == 0.75


@pytest.mark.parametrize("compat", [False, True])
def test_a_sentence_without_tokens_is_an_error_not_a_silence(simple, compat):
    synthesizer, prompt = simple
    options = PublishedOptions(retries=1, compat=compat)
    with pytest.raises(SynthesisFailed, match="“你好。” could not be spoken"):
        retold(synthesizer, [[], []]).speak("你好。", prompt, options)
    with pytest.raises(SynthesisFailed, match="“你好。” could not be spoken"):
        list(retold(synthesizer, [[]]).stream("你好。", prompt, options))


def test_compat_draws_once_and_in_the_published_order(simple):
    synthesizer, prompt = simple
    models = synthesizer.models
    options = PublishedOptions(seed=11, compat=True, pause=0.0)
    spoken = synthesizer.speak("今天天气很好。世界", prompt, options).audio.samples
    chance = torch.Generator().manual_seed(11)
    expected = []
    for sentence in plan(synthesizer.frontend.analyse("今天天气很好。世界"), table("v2"), tiny.read):
        one = S1Input(
            torch.cat([torch.from_numpy(prompt.phones_L), sentence.phones_L]),
            torch.cat([torch.from_numpy(prompt.features_EL).float(), sentence.features_EL], 1),
            torch.from_numpy(prompt.tokens_P),
        )
        picker = TokenPicker(one.prompt_P, models.s1.end, options.sampling, StopRule(), chance)
        tokens = torch.tensor([list(decode(models.s1, one, picker))])
        with torch.inference_mode():
            samples = models.s2.decode(
                tokens, sentence.phones_L[None], voice_condition(prompt), generator=chance
            )
        expected.append(samples.flatten().numpy())
    assert np.array_equal(spoken, np.concatenate(expected).clip(-1, 1))


def test_flow_voices_stream_chunk_by_chunk(frontend):
    models = tiny.by_flow()
    prompt = VoiceEncoder(models, tiny.CONDITIONING, frontend).encode(tiny.recording(3.0), "你好。")
    synthesizer = PublishedSynthesizer(models, frontend, tiny.read)
    sounding = [p for p in pieces(synthesizer.stream("今天天气真的很好很好。", prompt, QUIET)) if len(p)]
    whole = synthesizer.speak("今天天气真的很好很好。", prompt, QUIET).audio.samples
    assert len(sounding) > 1
    assert np.array_equal(np.concatenate(sounding), whole)


def test_a_chunk_of_a_flow_voice_leaves_before_the_next_is_made(frontend, monkeypatch):
    models = tiny.by_flow()
    prompt = VoiceEncoder(models, tiny.CONDITIONING, frontend).encode(tiny.recording(3.0), "你好。")
    runs = []
    forward = models.s2.dit.forward
    monkeypatch.setattr(models.s2.dit, "forward", lambda *given: (runs.append(1), forward(*given))[1])
    source = torch.Generator().manual_seed(3)
    stream = open_stream(models, prompt, torch.arange(9), PublishedOptions(steps=2), source)
    stream.push(list(range(tiny.CODES)))
    made = [len(runs) for _ in stream.finish()]
    assert made == [2 * (index + 1) for index in range(len(made))]
    assert len(made) > 2


@pytest.mark.parametrize("options", [QUIET, PublishedOptions(steps=1)])
def test_a_stream_that_is_given_up_leaves_no_trace(voice, options):
    synthesizer, prompt = voice
    whole = np.concatenate(pieces(synthesizer.stream(TEXT, prompt, options)))
    events = synthesizer.stream(TEXT, prompt, options)
    next(events)
    events.close()
    assert not torch.is_inference_mode_enabled()
    again = np.concatenate(pieces(synthesizer.stream(TEXT, prompt, options)))
    assert np.array_equal(whole, again)


@pytest.mark.parametrize("speed", [0.5, 2.0])
@pytest.mark.parametrize("count", [1, 2, 13, 60])
def test_every_version_streams_as_much_as_it_speaks_at_any_speed(voice, speed, count):
    synthesizer, prompt = voice
    options, phones = PublishedOptions(speed=speed, steps=1), torch.arange(9)
    tokens = torch.randint(0, tiny.CODES, (count,), generator=torch.Generator().manual_seed(2)).tolist()
    whole = speak_whole(synthesizer.models, prompt, phones, tokens, options, torch.Generator().manual_seed(3))
    stream = open_stream(synthesizer.models, prompt, phones, options, torch.Generator().manual_seed(3))
    streamed = np.concatenate([*(stream.push([token]) for token in tokens), *stream.finish()])
    assert len(streamed) == len(whole) > 0
    assert np.isfinite(streamed).all()


def test_published_limits_where_asked():
    assert stop_rule(5, PublishedOptions(compat=True)) == StopRule(11, 1500, True)
    assert stop_rule(5, PublishedOptions()) == StopRule(5, 75, True)


TEXT_WITH_BREAKS = '<break time="1s"/>你好<break time="2s"/>世界。'


def test_a_break_is_the_silence_it_asks_for(simple):
    synthesizer, prompt = simple
    events = list(synthesizer.stream(TEXT_WITH_BREAKS, prompt, QUIET))
    silent = [
        e.samples for e in events if isinstance(e, AudioPiece) and len(e.samples) and not e.samples.any()
    ]
    assert [len(samples) for samples in silent] == [synthesizer.rate, 2 * synthesizer.rate]
    told = [event.report for event in events if isinstance(event, SegmentDone)]
    assert [one.text for one in told] == ["你好", "世界。"]
    assert [TEXT_WITH_BREAKS[slice(*one.span)] for one in told] == ["你好", "世界。"]
    assert told[0].start == 1.0
    assert told[1].start == pytest.approx(told[0].end + 2.0)


def test_breaks_are_part_of_the_whole(simple):
    synthesizer, prompt = simple
    speech = synthesizer.speak(TEXT_WITH_BREAKS, prompt, QUIET)
    first, second = speech.report.segments
    assert not speech.audio.slice_seconds(0.0, first.start).samples.any()
    assert not speech.audio.slice_seconds(first.end, second.start).samples.any()
    assert speech.audio.seconds == pytest.approx(second.end)


def test_other_weights_are_refused(simple, frontend):
    from dataclasses import replace

    synthesizer, prompt = simple
    with pytest.raises(CorruptFile, match="other weights"):
        synthesizer.speak("你好", replace(prompt, revision="else"))


def test_sentences_beyond_the_models_positions_are_refused(simple, frontend):
    _, prompt = simple
    models = tiny.end_to_end()
    models.s1.text_position.table_SC = models.s1.text_position.table_SC[:8]
    small = PublishedSynthesizer(models, frontend, tiny.read)
    with pytest.raises(InvalidInput, match="too long"):
        small.speak("今天天气很好", prompt, QUIET)


@pytest.mark.parametrize(
    "values",
    [
        {"speed": 3.0},
        {"seed": -1},
        {"steps": 0},
        {"pause": 11.0},
        {"retries": 99},
        {"noise_scale": -1.0},
        {"guidance": -1.0},
    ],
)
def test_options_are_checked(values):
    with pytest.raises(InvalidInput, match=next(iter(values))):
        PublishedOptions(**values)


def test_base_options_carry_over():
    options = PublishedOptions.of(SpeechOptions(language="ja", speed=1.5, seed=7, retries=1))
    assert (options.language, options.speed, options.seed, options.retries) == ("ja", 1.5, 7, 1)


@pytest.mark.parametrize(
    ("tokens", "phonemes", "accepted"),
    [
        (list(range(40)), 12, True),
        (list(range(3)), 12, False),
        (list(range(200)), 12, False),
        ([7] * (LOOPING + 9), 12, False),
        ([1, 2, 3] * 20, 12, False),
        ([5] * (LOOPING - 2), 12, True),
    ],
)
def test_tokens_are_judged(tokens, phonemes, accepted):
    assert check_tokens(tokens, phonemes, longest=1500).accepted == accepted
    assert not check_tokens(tokens, phonemes, longest=len(tokens)).accepted
