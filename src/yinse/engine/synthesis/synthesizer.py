"""The engine's front door: text and a voice in, speech out, whole or as it is spoken."""

import copy
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from yinse.contracts.errors import CorruptFile, SynthesisFailed
from yinse.engine.audio.waveform import Samples, Waveform
from yinse.engine.checkpoints.adapter import apply_adapter
from yinse.engine.checkpoints.base import BaseModels, load_base
from yinse.engine.models.acoustic.sovits.condition import Voice as VoiceState
from yinse.engine.synthesis.acoustic import AcousticStream
from yinse.engine.synthesis.memories import VoiceMemories
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.plan import Segment, plan
from yinse.engine.synthesis.result import (
    AudioPiece,
    PhonemeTime,
    SegmentDone,
    SegmentReport,
    Speech,
    SpeechReport,
    StreamEvent,
)
from yinse.engine.synthesis.seeds import segment_seed
from yinse.engine.synthesis.tokens import Prefix, SpokenToken, generate, prefix_of
from yinse.engine.synthesis.verify import SegmentScore, score_segment
from yinse.engine.text.inventory import main_language
from yinse.engine.voice.home import Voice
from yinse.engine.voice.prompt import PromptUtterance, VoicePrompt, manner

if TYPE_CHECKING:
    from yinse.engine.text.frontend import TextFrontend

TOKEN_SECONDS: Final = 0.04
TOKENS_PER_PUSH: Final = (4, 4, 4, 8, 16)
"""Tokens of the first, second, ... group that is made sound at once; later groups are as large as the last. Small ones at
first, so that sound leaves early; then large ones, whose fixed cost is shared by more sound."""
UNPROMPTED_SOUNDS: Final = 2
"""A segment of so few sounds is spoken without a prompt: after whole sentences the model takes `一` or `A` for the pause
that follows them, and nothing is heard. The voice is the same, only the manner of speaking is the model's own."""
CARRIED_TOKENS: Final = 150
"""Longest segment (6 s) whose manner is carried into the next one."""


@dataclass(frozen=True, slots=True)
class _Take:
    """One drawing of a segment."""

    tokens: list[SpokenToken]
    samples: Samples
    score: SegmentScore
    seed: int


class Synthesizer:
    """Speaks text in a voice. Every request has its own state, so calls may interleave.

    What it keeps besides the models are digested references of the voices that spoke last, which nothing changes.
    """

    def __init__(self, models: BaseModels, frontend: "TextFrontend") -> None:
        self.models, self.frontend = models, frontend
        self._memories = VoiceMemories(self._digest)

    @classmethod
    def load(
        cls, weights: Path | None = None, *, adapter: Path | None = None, compiled: bool = False
    ) -> "Synthesizer":
        """Load the bundled base voice or the bundle in `weights`, and over it a fine-tuned voice.

        `compiled` has tokens drawn by code that numba compiles, seven times as fast; it takes most of a second to load, ten
        on a machine's first time. For processes that speak for long.
        """
        from yinse.engine.text.frontend import TextFrontend

        models = load_base(weights)
        if adapter is not None:
            apply_adapter(models, adapter)
        if compiled:
            from yinse.engine.models.semantic.monotonic.compiled import compile_frames

            compile_frames(models.semantic)
        return cls(models, TextFrontend())

    def reading_with(self, frontend: "TextFrontend") -> "Synthesizer":
        """The same models, and what is kept of voices, for texts that another frontend reads."""
        other = copy.copy(self)
        other.frontend = frontend
        return other

    @property
    def rate(self) -> int:
        """Sample rate of everything that is spoken, in Hz."""
        return self.models.acoustic.config.rate

    def speak(
        self, text: str, voice: Voice | VoicePrompt, options: SpeechOptions = SpeechOptions()
    ) -> Speech:
        """Speak a text; a segment that does not say its words is drawn again, `options.retries` times."""
        clock = _Clock()
        pieces: list[Samples] = []
        reports: list[SegmentReport] = []
        for event in self._events(text, _prompt(voice), options, clock, verify=True):
            match event:
                case AudioPiece(samples):
                    pieces.append(samples)
                case SegmentDone(report):
                    reports.append(report)
        audio = Waveform(np.concatenate(pieces), self.rate)
        return Speech(
            audio, SpeechReport(clock.first_ms, audio.seconds, clock.elapsed, options.seed, tuple(reports))
        )

    def stream(
        self,
        text: str,
        voice: Voice | VoicePrompt,
        options: SpeechOptions = SpeechOptions(),
        *,
        checked: bool = False,
    ) -> Generator[StreamEvent, None, None]:
        """Speak a text as it is generated. What has left cannot be drawn again: scores are only reported.

        `checked` holds each segment back until it says its words, as `speak` does.
        """
        return self._events(text, _prompt(voice), options, _Clock(), verify=checked)

    def _events(
        self, text: str, voice: VoicePrompt, options: SpeechOptions, clock: "_Clock", *, verify: bool
    ) -> Generator[StreamEvent, None, None]:
        if voice.revision != self.models.revision:
            raise CorruptFile("this voice was made by other weights; enrol it again from its recording")
        options = self._settled(options)
        segments = plan(self.frontend.analyse(text, options.language), text)
        state = self._memories.of(voice)
        spoken, carried = 0, None
        for segment in segments:
            if segment.lead:
                silence = self._silence(segment.lead)
                spoken += len(silence.samples)
                yield silence
            prefix = self._prefix(voice, segment, carried)
            start = spoken / self.rate
            if verify:
                take, tries = self._best_take(segment, prefix, state, options)
                report = self._report(segment, take, tries, start, options.speed)
                clock.tick()
                yield AudioPiece(take.samples, report.phonemes)
            else:
                take, tries = yield from self._live_take(segment, prefix, state, options, clock, start)
                report = self._report(segment, take, tries, start, options.speed)
            yield SegmentDone(report)
            spoken += len(take.samples)
            carried = self._carry(segment, take)
            if segment.pause:
                silence = self._silence(segment.pause)
                spoken += len(silence.samples)
                yield silence

    def _silence(self, seconds: float) -> AudioPiece:
        return AudioPiece(np.zeros(round(seconds * self.rate), np.float32))

    def _settled(self, options: SpeechOptions) -> SpeechOptions:
        available = self.models.acoustic.diffusion_prior is not None
        chosen = self.models.prior == "diffusion" if options.diffusion is None else options.diffusion
        return replace(options, diffusion=chosen and available)

    @torch.inference_mode()
    def _digest(self, voice: VoicePrompt) -> VoiceState:
        return self.models.acoustic.condition.remember(
            torch.from_numpy(voice.speaker_E)[None],
            torch.from_numpy(voice.tokens_S.astype(np.int64))[None],
            torch.from_numpy(voice.symbols_S.astype(np.int64))[None],
            torch.from_numpy(voice.latents_FD.astype(np.float32)).T[None],
        )

    def _prefix(self, voice: VoicePrompt, segment: Segment, carried: PromptUtterance | None) -> Prefix:
        """The voice's clearest utterances, if possible in the segment's language, and the segment before."""
        languages = [phoneme.language for phoneme in segment.phonemes if phoneme.language]
        if len(languages) <= UNPROMPTED_SOUNDS:
            return prefix_of([], voice.duration_bias)
        main = main_language(languages)
        same = [utterance for utterance in voice.utterances if utterance.language == main]
        chosen = manner(same or voice.utterances)
        return prefix_of([*chosen, carried] if carried else chosen, voice.duration_bias)

    def _best_take(
        self, segment: Segment, prefix: Prefix, state: VoiceState, options: SpeechOptions
    ) -> tuple[_Take, int]:
        """Draw until a take is accepted or the tries are used up; the best one is kept."""
        best: _Take | None = None
        for attempt in range(options.retries + 1):
            take = self._take(
                segment, prefix, state, options, segment_seed(options.seed, segment.index, attempt)
            )
            if best is None or take.score.value > best.score.value:
                best = take
            if best.score.accepted:
                return best, attempt + 1
        if best is None or not len(best.samples):
            raise SynthesisFailed(f"“{segment.text}” could not be spoken")
        return best, options.retries + 1

    def _take(
        self, segment: Segment, prefix: Prefix, state: VoiceState, options: SpeechOptions, seed: int
    ) -> _Take:
        pieces: list[Samples] = []
        tokens: list[SpokenToken] = []
        for group, samples in self._flow(segment, prefix, state, options, seed):
            tokens += group
            pieces.append(samples)
        samples = np.concatenate(pieces)
        score = score_segment(self.models, Waveform(samples, self.rate), segment.ids, options.speed)
        return _Take(tokens, samples, score, seed)

    def _live_take(
        self,
        segment: Segment,
        prefix: Prefix,
        state: VoiceState,
        options: SpeechOptions,
        clock: "_Clock",
        start: float,
    ) -> Generator[StreamEvent, None, tuple[_Take, int]]:
        seed = segment_seed(options.seed, segment.index, 0)
        pieces: list[Samples] = []
        tokens: list[SpokenToken] = []
        told = 0
        for group, samples in self._flow(segment, prefix, state, options, seed):
            tokens += group
            pieces.append(samples)
            if len(samples):
                clock.tick()
                # The last phoneme may go on in the next group.
                known = tuple(_phoneme_times(segment, tokens, start, TOKEN_SECONDS / options.speed))[:-1]
                yield AudioPiece(samples, known[told:])
                told = len(known)
        whole = np.concatenate(pieces)
        score = score_segment(self.models, Waveform(whole, self.rate), segment.ids, options.speed)
        return _Take(tokens, whole, score, seed), 1

    def _flow(
        self, segment: Segment, prefix: Prefix, state: VoiceState, options: SpeechOptions, seed: int
    ) -> Iterator[tuple[list[SpokenToken], Samples]]:
        """Tokens in small groups and the samples they make ready; always the same groups, whoever listens."""
        generator = torch.Generator().manual_seed(seed)
        noise = torch.Generator().manual_seed(seed ^ 0x5EED)
        acoustic = AcousticStream(self.models, state, options, noise)
        ids = segment.ids
        group: list[SpokenToken] = []
        pushes = 0
        tokens = generate(self.models.semantic, prefix, ids, options.sampling, generator, rest=segment.rest)
        for token in tokens:
            if len(group) == TOKENS_PER_PUSH[min(pushes, len(TOKENS_PER_PUSH) - 1)]:
                yield group, acoustic.push([t.token for t in group], [ids[t.phoneme] for t in group])
                group, pushes = [], pushes + 1
            group.append(token)
        if not group:
            raise SynthesisFailed(f"“{segment.text}” gave no sound")
        yield group, acoustic.finish([t.token for t in group], [ids[t.phoneme] for t in group])

    def _report(self, segment: Segment, take: _Take, tries: int, start: float, speed: float) -> SegmentReport:
        end = start + len(take.samples) / self.rate
        return SegmentReport(
            segment.text, segment.span, start, end, take.seed, tries, take.score.value, take.score.error,
            tuple(_phoneme_times(segment, take.tokens, start, TOKEN_SECONDS / speed)),
        )  # fmt: skip

    def _carry(self, segment: Segment, take: _Take) -> PromptUtterance | None:
        """A well-spoken segment of moderate length as a prompt for the next one."""
        if len(take.tokens) > CARRIED_TOKENS or not take.score.accepted:
            return None
        ids = segment.ids
        return PromptUtterance(
            tuple(ids), tuple(t.phoneme for t in take.tokens), tuple(t.token for t in take.tokens), ""
        )


def _prompt(voice: Voice | VoicePrompt) -> VoicePrompt:
    return voice.prompt if isinstance(voice, Voice) else voice


def _phoneme_times(
    segment: Segment, tokens: list[SpokenToken], start: float, token_seconds: float
) -> Iterator[PhonemeTime]:
    """Runs of tokens on one phoneme."""
    begin = 0
    for index in range(1, len(tokens) + 1):
        if index == len(tokens) or tokens[index].phoneme != tokens[begin].phoneme:
            phoneme = segment.phonemes[tokens[begin].phoneme]
            yield PhonemeTime(
                phoneme.symbol, start + begin * token_seconds, start + index * token_seconds, phoneme.span
            )
            begin = index


class StreamMeter:
    """Watches the events of a stream and sums them up as a `SpeechReport`."""

    def __init__(self, seed: int, rate: int) -> None:
        self._clock, self._seed, self._rate = _Clock(), seed, rate
        self._samples = 0
        self._segments: list[SegmentReport] = []

    def see(self, event: StreamEvent) -> None:
        """Count one event at the moment it arrives."""
        match event:
            case AudioPiece(samples):
                self._clock.tick()
                self._samples += len(samples)
            case SegmentDone(report):
                self._segments.append(report)

    def report(self) -> SpeechReport:
        """Figures of everything seen so far."""
        seconds = self._samples / self._rate
        return SpeechReport(
            self._clock.first_ms, seconds, self._clock.elapsed, self._seed, tuple(self._segments)
        )


class _Clock:
    """Time since the request began, and when the first audio was ready."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.first_ms = 0.0

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self._start

    def tick(self) -> None:
        if not self.first_ms:
            self.first_ms = self.elapsed * 1000
