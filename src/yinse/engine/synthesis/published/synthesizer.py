"""Text and a published voice in, speech out, whole or as it is spoken."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from yinse.contracts.errors import CorruptFile, InvalidInput, SynthesisFailed
from yinse.engine.audio.waveform import Samples, Waveform
from yinse.engine.checkpoints.published.models import PublishedModels
from yinse.engine.models.semantic.s1.decoding import StopRule, TokenPicker, decode
from yinse.engine.models.semantic.s1.state import S1Input
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.published.acoustic import open_stream, speak_whole
from yinse.engine.synthesis.published.check import TokenCheck, check_tokens
from yinse.engine.synthesis.published.options import PublishedOptions
from yinse.engine.synthesis.published.plan import Sentence, plan
from yinse.engine.synthesis.result import (
    AudioPiece,
    SegmentDone,
    SegmentReport,
    Speech,
    SpeechReport,
    StreamEvent,
)
from yinse.engine.synthesis.seeds import segment_seed
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.symbols import table
from yinse.engine.voice.published.conditioning import TextFeatures
from yinse.engine.voice.published.prompt import PublishedPrompt

Options = PublishedOptions | SpeechOptions
DEFAULTS: Final = PublishedOptions()
UNHEARD: Final = -1.0
"""Phoneme error of a sentence that was judged by its tokens, not by listening."""


@dataclass(frozen=True, slots=True)
class _Chance:
    """Where the tokens and the noise of a sentence come from; both the same where the published code is followed."""

    tokens: torch.Generator
    noise: torch.Generator
    seed: int


@dataclass(frozen=True, slots=True)
class _Take:
    """One drawing of a sentence."""

    samples: Samples
    check: TokenCheck
    seed: int
    tries: int


class PublishedSynthesizer:
    """Speaks text in a published voice. Holds models only; every request has its own state."""

    def __init__(self, models: PublishedModels, frontend: TextFrontend, features: TextFeatures) -> None:
        self.models, self.frontend, self._features = models, frontend, features

    @property
    def rate(self) -> int:
        """Sample rate of everything that is spoken, in Hz."""
        return self.models.rate

    def speak(self, text: str, prompt: PublishedPrompt, options: Options = DEFAULTS) -> Speech:
        """Speak a text; a sentence whose tokens cannot be its reading is drawn again."""
        options = PublishedOptions.of(options)
        start = time.perf_counter()
        first = 0.0
        pieces: list[Samples] = []
        reports: list[SegmentReport] = []
        for event in self._events(text, prompt, options, live=False):
            match event:
                case AudioPiece(samples):
                    pieces.append(samples)
                case SegmentDone(report):
                    first = first or (time.perf_counter() - start) * 1000
                    reports.append(report)
        audio = Waveform(np.concatenate(pieces), self.rate)
        elapsed = time.perf_counter() - start
        return Speech(audio, SpeechReport(first, audio.seconds, elapsed, options.seed, tuple(reports)))

    def stream(
        self, text: str, prompt: PublishedPrompt, options: Options = DEFAULTS
    ) -> Iterator[StreamEvent]:
        """Speak a text as it is generated. What has left cannot be drawn again."""
        return self._events(text, prompt, PublishedOptions.of(options), live=True)

    def _events(
        self, text: str, prompt: PublishedPrompt, options: PublishedOptions, *, live: bool
    ) -> Iterator[StreamEvent]:
        if prompt.revision != self.models.revision:
            raise CorruptFile("This voice's prompt was made with other weights; give its reference again.")
        spoken = 0
        shared = torch.Generator().manual_seed(options.seed) if options.compat else None
        utterances = self.frontend.analyse(text, options.language)
        for sentence in plan(utterances, table(self.models.symbols), self._features):
            if sentence.lead:
                silence = self._silence(sentence.lead)
                spoken += len(silence)
                yield AudioPiece(silence)
            if live:
                take = yield from self._live(sentence, prompt, options, shared)
            else:
                take = self._best(sentence, prompt, options, shared)
                yield AudioPiece(take.samples)
            yield SegmentDone(_report(sentence, take, spoken / self.rate, self.rate))
            silence = self._silence(sentence.pause or options.pause)
            spoken += len(take.samples) + len(silence)
            yield AudioPiece(silence)

    def _best(
        self,
        sentence: Sentence,
        prompt: PublishedPrompt,
        options: PublishedOptions,
        shared: torch.Generator | None,
    ) -> _Take:
        """Draw tokens until they are plausible or the tries are used up, then speak the best ones."""
        rule = stop_rule(len(sentence.phones_L), options)
        best: tuple[list[int], TokenCheck, _Chance] | None = None
        tries = 0
        while best is None or not (best[1].accepted or tries > self._retries(options)):
            chance = _chance(options.seed, sentence.index, tries, shared)
            tokens = list(self._tokens(sentence, prompt, options, rule, chance))
            check = check_tokens(tokens, len(sentence.phones_L), rule.longest)
            if best is None or check.value > best[1].value:
                best = (tokens, check, chance)
            tries += 1
        tokens, check, chance = best
        if not tokens:
            raise SynthesisFailed(f"“{sentence.utterance.text}” could not be spoken.")
        samples = speak_whole(self.models, prompt, sentence.phones_L, tokens, options, chance.noise)
        return _Take(samples, check, chance.seed, tries)

    def _live(
        self,
        sentence: Sentence,
        prompt: PublishedPrompt,
        options: PublishedOptions,
        shared: torch.Generator | None,
    ) -> Generator[StreamEvent, None, _Take]:
        rule = stop_rule(len(sentence.phones_L), options)
        chance = _chance(options.seed, sentence.index, 0, shared)
        stream = open_stream(self.models, prompt, sentence.phones_L, options, chance.noise)
        tokens: list[int] = []
        pieces: list[Samples] = []
        for token in self._tokens(sentence, prompt, options, rule, chance):
            tokens.append(token)
            if len(samples := stream.push([token])):
                pieces.append(samples)
                yield AudioPiece(samples)
        if not tokens:
            raise SynthesisFailed(f"“{sentence.utterance.text}” could not be spoken.")
        for samples in stream.finish():
            pieces.append(samples)
            yield AudioPiece(samples)
        check = check_tokens(tokens, len(sentence.phones_L), rule.longest)
        return _Take(np.concatenate(pieces), check, chance.seed, 1)

    def _tokens(
        self,
        sentence: Sentence,
        prompt: PublishedPrompt,
        options: PublishedOptions,
        rule: StopRule,
        chance: _Chance,
    ) -> Iterator[int]:
        """New tokens alone: the prompt's are never among them."""
        one = S1Input(
            torch.cat([torch.from_numpy(prompt.phones_L), sentence.phones_L]),
            torch.cat([torch.from_numpy(prompt.features_EL).float(), sentence.features_EL], 1),
            torch.from_numpy(prompt.tokens_P),
        )
        _require_room(len(one.phones_L), len(one.prompt_P) + rule.longest, self.models)
        picker = TokenPicker(one.prompt_P, self.models.s1.end, options.sampling, rule, chance.tokens)
        return decode(self.models.s1, one, picker)

    def _retries(self, options: PublishedOptions) -> int:
        return 0 if options.compat else options.retries

    def _silence(self, seconds: float) -> Samples:
        return np.zeros(round(seconds * self.rate), np.float32)


def stop_rule(phonemes: int, options: PublishedOptions) -> StopRule:
    """How many tokens a reading may have. The published limits fit no text in particular: 11 to 1500."""
    if options.compat:
        return StopRule()
    return StopRule(shortest=min(11, phonemes), longest=min(1500, 25 + 10 * phonemes))


def _chance(seed: int, sentence: int, attempt: int, shared: torch.Generator | None) -> _Chance:
    """Sources of one try: its own, so that a sentence does not depend on those before it, or the shared one."""
    if shared is not None:
        return _Chance(shared, shared, seed)
    own = segment_seed(seed, sentence, attempt)
    return _Chance(torch.Generator().manual_seed(own), torch.Generator().manual_seed(own ^ 0x5EED), own)


def _require_room(phonemes: int, tokens: int, models: PublishedModels) -> None:
    positions = len(models.s1.text_position.table_SC)
    if max(phonemes, tokens) > positions:
        raise InvalidInput(f"A sentence of {phonemes} phonemes is too long; put a mark into it.")


def _report(sentence: Sentence, take: _Take, start: float, rate: int) -> SegmentReport:
    end = start + len(take.samples) / rate
    utterance = sentence.utterance
    return SegmentReport(
        utterance.text, utterance.span, start, end, take.seed, take.tries, take.check.value, UNHEARD, ()
    )
