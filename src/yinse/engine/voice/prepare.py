"""A raw recording to clean slices with, where a transcript is given, the phonemes of each."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from yinse.contracts.errors import RecordingRejected
from yinse.contracts.quality import Span
from yinse.engine.audio.denoise import denoise_if_helpful
from yinse.engine.audio.slicing import Slice as SpeechSlice
from yinse.engine.audio.slicing import slice_speech
from yinse.engine.audio.vad import speech_spans
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.content.phonetic.alignment import forced_alignment
from yinse.engine.text.inventory import SYMBOL_IDS, is_spoken
from yinse.engine.voice.enrol import Slice
from yinse.engine.voice.listen import embed_speaker, hear, level

SCORE_SECONDS: Final = 0.02
TRUSTED_SCORE: Final = -2.0
"""Mean log-probability a frame from which a transcript is believed to be what was said."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording: audio, the symbols of its transcript if any, and its measured SNR and bandwidth."""

    waveform: Waveform
    symbols: list[str] | None
    snr_db: float
    bandwidth: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """Slices ready for enrolment, and what was done to get them."""

    slices: list[Slice]
    denoised: bool
    reason: str
    transcript_used: bool


def prepare(models: BaseModels, recording: Recording) -> Prepared:
    """Find speech, remove noise where that helps, and cut slices."""
    spans = speech_spans(recording.waveform)
    if not spans:
        raise RecordingRejected("no speech was found in the recording")
    cleaned = denoise_if_helpful(
        recording.waveform,
        spans,
        recording.snr_db,
        similarity=lambda raw, clean: _similarity(models, raw, clean),
        bandwidth=lambda _: recording.bandwidth,
    )
    cut = slice_speech(cleaned.waveform, spans)
    if not cut:
        raise RecordingRejected(
            "there are less than two seconds of speech in the recording; speak a few full sentences"
        )
    placed = _placed(models, cleaned.waveform, recording.symbols)
    slices = [Slice(one.waveform, _within(placed, one)) for one in cut]
    return Prepared(slices, cleaned.applied, cleaned.reason, placed is not None)


def _similarity(models: BaseModels, raw: Waveform, clean: Waveform) -> float:
    first, second = (embed_speaker(models, [waveform]) for waveform in (raw, clean))
    return float(np.dot(first, second))


def _placed(
    models: BaseModels, waveform: Waveform, symbols: list[str] | None
) -> list[tuple[str, float]] | None:
    """Every spoken symbol with the second it is heard at; None without a transcript or if it does not fit."""
    if symbols is None:
        return None
    spoken = [symbol for symbol in symbols if is_spoken(symbol)]
    aligned = forced_alignment(
        hear(models, level(waveform)).scores_UV, [SYMBOL_IDS[symbol] for symbol in spoken]
    )
    if aligned is None or aligned.score < TRUSTED_SCORE:
        return None
    return [(s, SCORE_SECONDS * (a + b) / 2) for s, (a, b) in zip(spoken, aligned.spans, strict=True)]


def _within(placed: list[tuple[str, float]] | None, one: SpeechSlice) -> list[str] | None:
    if placed is None:
        return None
    return [symbol for symbol, second in placed if any(_holds(span, second) for span in one.spans)] or None


def _holds(span: Span, second: float) -> bool:
    return span.start <= second < span.end
