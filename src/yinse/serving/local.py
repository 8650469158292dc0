"""The speech port over the engine in this process."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from yinse.contracts.errors import YinseError
from yinse.contracts.speech import (
    AudioChunk,
    Failed,
    Finished,
    LexiconRule,
    PhonemeTiming,
    SpeechControls,
    SpeechEvent,
    SynthesisRequest,
    Timings,
)
from yinse.serving.aliases import Aliased, with_aliases
from yinse.serving.pcm import pcm_of
from yinse.serving.replica import Replica
from yinse.serving.turns import Pace

if TYPE_CHECKING:
    from yinse.engine.synthesis.options import SpeechOptions
    from yinse.engine.synthesis.result import PhonemeTime, StreamEvent
    from yinse.engine.synthesis.synthesizer import Synthesizer
    from yinse.engine.text.frontend import TextFrontend

log = logging.getLogger(__name__)

T = TypeVar("T")
_END = object()


class LocalSpeech:
    """Speaks with the replica's models; each step of an utterance is one turn in the engine's threads."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._warming: asyncio.Task[object] | None = None

    async def stream(self, request: SynthesisRequest) -> AsyncIterator[SpeechEvent]:
        """Yield chunks and timings, then `Finished` or `Failed`; raise before the first event."""
        begun = False
        try:
            async with aclosing(self._events(request)) as events:
                async for event in events:
                    begun = True
                    yield event
        except YinseError as error:
            if not begun:
                raise
            yield Failed(error.code, error.message)

    async def _events(self, request: SynthesisRequest) -> AsyncGenerator[SpeechEvent, None]:
        replica = self._replica
        clock = asyncio.get_running_loop().time
        pace = Pace(clock(), patient=request.patient)
        with replica.slot(request.voice.voice_id) as stopped:
            synthesizer, prompt = await replica.opened(request.voice)
            options = options_of(request)
            aliased = with_aliases(request.text, request.lexicon)
            speaker = _with_lexicon(synthesizer, request.lexicon)
            steps = speaker.stream(aliased.text, prompt, options, checked=request.thorough)
            telling = _Telling(synthesizer.rate, aliased)
            try:
                while (step := await replica.step(pace, next, steps, _END)) is not _END:
                    if stopped.is_set():
                        yield Failed("voice_gone", "This voice was deleted or revoked while it spoke.")
                        return
                    for event in telling.events(step):
                        if isinstance(event, AudioChunk):
                            pace.sounded(clock(), event.seconds)
                        yield event
            finally:
                with suppress(ValueError):  # a step that still runs ends by itself
                    steps.close()
        yield Finished(pace.made, options.seed, min(telling.scores, default=None))

    async def forget(self, voice_id: str) -> None:
        """Drop every plaintext of a voice and stop what speaks in it."""
        self._replica.forget(voice_id)

    async def ready(self) -> bool:
        """Tell whether a request would be answered now; asking begins to load the models."""
        if not self._replica.loaded and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self._warm())
        return self._replica.loaded and not self._replica.full

    async def _warm(self) -> None:
        try:
            await self._replica.base()
        except YinseError as error:
            log.error(
                "the models cannot be loaded", extra={"fields": {"code": error.code, "why": error.message}}
            )

    def gauges(self) -> Mapping[str, float]:
        """Slots, caches."""
        return self._replica.gauges()

    async def close(self) -> None:
        """Let the engine's threads end."""
        self._replica.close()


def options_of(request: SynthesisRequest) -> "SpeechOptions":
    """The engine's options. Raises `InvalidInput` for what it cannot do."""
    from yinse.engine.synthesis.options import SamplingOptions, SpeechOptions

    controls, usual = request.controls, SamplingOptions()
    sampling = SamplingOptions(
        temperature=_or(controls.temperature, usual.temperature),
        top_k=_or(controls.top_k, usual.top_k),
        top_p=_or(controls.top_p, usual.top_p),
        repetition_penalty=_or(controls.repetition_penalty, usual.repetition_penalty),
        step_temperature=_or(_step_temperature(controls), usual.step_temperature),
    )
    options = SpeechOptions(
        language=request.language.value, speed=controls.speed, seed=controls.seed or 0, sampling=sampling
    )
    if controls.sample_steps is not None:
        options = replace(options, diffusion_steps=controls.sample_steps)
    return options


def _or(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value


def _step_temperature(controls: SpeechControls) -> float | None:
    """Stability 0..1 as the temperature of durations: 1 is steady, 0 is lively."""
    return None if controls.stability is None else 1.0 - 0.8 * controls.stability


def _with_lexicon(synthesizer: "Synthesizer", rules: tuple[LexiconRule, ...]) -> "Synthesizer":
    """The same models behind a text frontend that knows this request's readings."""
    readings = tuple(rule for rule in rules if rule.phonemes)
    return synthesizer.reading_with(_frontend(readings)) if readings else synthesizer


@lru_cache(maxsize=64)
def _frontend(rules: tuple[LexiconRule, ...]) -> "TextFrontend":
    from yinse.engine.text.frontend import TextFrontend
    from yinse.engine.text.lexicon import Lexicon
    from yinse.engine.text.notation import guess_language

    rows = ((rule.written, " ".join(rule.phonemes or ())) for rule in rules)
    lexicon = Lexicon.of((guess_language(reading, None), written, reading) for written, reading in rows)
    return TextFrontend(lexicon=lexicon)


class _Telling:
    """Turns the engine's steps into events: what sounds when is told before it sounds, and once."""

    def __init__(self, rate: int, aliased: Aliased) -> None:
        self._rate, self._aliased = rate, aliased
        self._chunks = self._told = 0
        self.scores: list[float] = []
        """Of the segments that are done."""

    def events(self, step: "StreamEvent") -> Iterator[SpeechEvent]:
        """What one step means."""
        from yinse.engine.synthesis.result import AudioPiece, SegmentDone

        match step:
            case AudioPiece(samples, phonemes):
                yield from self._timings(phonemes)
                self._told += len(phonemes)
                yield AudioChunk(self._chunks, pcm_of(samples), self._rate)
                self._chunks += 1
            case SegmentDone(report):
                yield from self._timings(report.phonemes[self._told :])
                self._told = 0
                self.scores.append(report.score)

    def _timings(self, phonemes: "Sequence[PhonemeTime]") -> Iterator[Timings]:
        from yinse.serving.visemes import viseme_of

        marks = []
        for phoneme in phonemes:
            first, last = self._aliased.original(*phoneme.span)
            viseme = viseme_of(phoneme.symbol)
            marks.append(PhonemeTiming(phoneme.symbol, first, last, phoneme.start, phoneme.end, viseme))
        if marks:
            yield Timings(tuple(marks))
