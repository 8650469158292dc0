"""A recording and its transcript to a `PublishedPrompt`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from yinse.contracts.errors import InvalidInput, RecordingRejected
from yinse.engine.audio.features import SPECTRUM, log_mel, spectrogram, windowed_sinc
from yinse.engine.audio.resample import resample
from yinse.engine.audio.vad import speech_spans
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.published.models import EndToEndModels, FlowModels, PublishedModels
from yinse.engine.models.acoustic.s2.state import Reference
from yinse.engine.models.acoustic.s2cfm.cfm import normalise
from yinse.engine.models.acoustic.s2cfm.state import opening
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.spelling import framed
from yinse.engine.text.published.symbols import table
from yinse.engine.voice.published.conditioning import RATE, Conditioning
from yinse.engine.voice.published.prompt import PublishedPrompt
from yinse.engine.voice.published.reading import Reading, read
from yinse.engine.voice.published.window import LONGEST, SHORTEST, Window, best_window

PROMPT_SILENCE: Final = 9600
"""Zeros after the reference, 0.6 s at 16 kHz: what every published prompt was encoded with."""
FASTEST: Final = 40
"""Phonemes a second that nobody speaks, pitch marks and stops counted in; fast speech has about 25."""
BRIEFEST: Final = 0.1
"""Seconds of a further reference below which there is nothing to hear."""
LOUDEST: Final = 2.0
"""Published references beyond full scale are divided by their peak, at most by this."""


@dataclass(frozen=True, slots=True)
class VoiceEncoder:
    """Encodes references with the models of a voice and the models that listen."""

    models: PublishedModels
    conditioning: Conditioning
    frontend: TextFrontend

    @torch.inference_mode()
    def encode(
        self,
        recording: Waveform,
        transcript: str = "",
        *,
        language: str = "auto",
        others: Sequence[Waveform] = (),
    ) -> PublishedPrompt:
        """Digest a reference. `others` are more recordings of the voice, whose sound is averaged in.

        With a transcript the recording must be 3-10 s long; without one the best window is chosen, and the semantic
        model starts unprompted. Raises `RecordingRejected`; `InvalidInput` where a version needs a transcript or takes no
        other recordings, and for more words than can be spoken in the recording.
        """
        window = window_of(recording, transcript)
        if isinstance(self.models, FlowModels):
            _require_continuable(transcript, others)
        cut = recording.slice_seconds(window.start, window.end)
        tokens_P = self._tokens(cut)
        reading = self._read(transcript, language)
        if reading is not None:
            _require_speakable(reading, window)
        match self.models:
            case EndToEndModels():
                return self._end_to_end(cut, tokens_P, reading, window, others)
            case FlowModels():
                return self._by_flow(cut, tokens_P, reading, window)

    def _tokens(self, cut: Waveform) -> Tensor:
        samples = torch.from_numpy(resample(cut, RATE).samples)
        features = self.conditioning.content(F.pad(samples, (0, PROMPT_SILENCE)))
        tokens: Tensor = self.models.s2.tokenizer(features)[0]
        return tokens

    def _read(self, transcript: str, language: str) -> Reading | None:
        if not transcript.strip():
            return None
        symbols = table(self.models.symbols)
        utterances = self.frontend.analyse(transcript, language)
        reading = read(framed(utterances, symbols), symbols, self.conditioning.text)
        return replace(reading, text=" ".join(one.spoken for one in utterances))

    def _end_to_end(
        self,
        cut: Waveform,
        tokens_P: Tensor,
        reading: Reading | None,
        window: Window,
        others: Sequence[Waveform],
    ) -> PublishedPrompt:
        assert isinstance(self.models, EndToEndModels)
        condition = self.models.s2.condition(
            [self._reference(one) for one in (cut, *map(_shortened, others))]
        )
        return self._prompt(
            tokens_P, reading, window, condition.style_BG1, condition.encoder_BE1, _NOTHING, _NOTHING
        )

    def _by_flow(
        self, cut: Waveform, tokens_P: Tensor, reading: Reading | None, window: Window
    ) -> PublishedPrompt:
        assert isinstance(self.models, FlowModels)
        assert reading is not None
        s2 = self.models.s2
        style = s2.style(self._reference(cut).spectrogram_BKF)
        features = s2.features(tokens_P[None], reading.phones_L[None], style)
        mel = normalise(log_mel(_published_rate(cut, self.models.mel.rate), self.models.mel))
        start = opening(mel, features, self.models.prompt_frames)
        return self._prompt(tokens_P, reading, window, style, style, start.mel_BMP, start.features_BEP)

    def _reference(self, recording: Waveform) -> Reference:
        samples = _limited(_published_rate(recording, SPECTRUM.rate))
        speaker = None
        if self.models.wants_speaker:
            if self.conditioning.speaker is None:
                raise InvalidInput(
                    "This version needs the speaker encoder (yinse weights pull conditioning).",
                    code="speaker_encoder_missing",
                )
            speaker = self.conditioning.speaker(windowed_sinc(samples, SPECTRUM.rate, RATE)[0])
        return Reference(spectrogram(samples), speaker)

    def _prompt(
        self,
        tokens_P: Tensor,
        reading: Reading | None,
        window: Window,
        style: Tensor,
        encoder: Tensor,
        mel: Tensor,
        context: Tensor,
    ) -> PublishedPrompt:
        empty = Reading.empty()
        return PublishedPrompt(
            tokens_P=tokens_P.numpy() if reading else np.zeros(0, np.int64),
            phones_L=(reading or empty).phones_L.numpy(),
            features_EL=(reading or empty).features_EL.half().numpy(),
            style_G=style[0, :, 0].numpy(),
            encoder_G=encoder[0, :, 0].numpy(),
            mel_MF=mel[0].numpy(),
            context_CF=context[0].numpy(),
            transcript=reading.text if reading else "",
            language=reading.language if reading else "",
            reference=window.reason,
            revision=self.models.revision,
        )


_NOTHING: Final = torch.zeros(1, 0, 0)


def window_of(recording: Waveform, transcript: str = "") -> Window:
    """The part of a reference that is taken; needs no models, so that a recording that does not serve is refused at once.

    Raises `RecordingRejected`, and `InvalidInput` for one that a transcript does not fit.
    """
    window = best_window(recording.seconds, speech_spans(recording) if _unfit(recording) else ())
    _require_sound(recording)
    if transcript.strip() and _unfit(recording):
        raise InvalidInput(
            f"With a transcript the reference must be 3 to 10 s long, not {recording.seconds:.2f} s. Cut it, "
            f"for example to {window.start:.1f}-{window.end:.1f} s, or leave the transcript out."
        )
    return window


def _require_continuable(transcript: str, others: Sequence[Waveform]) -> None:
    """What v3 and v4 want of a reference."""
    if not transcript.strip():
        raise InvalidInput("A v3 or v4 voice continues its reference: give the words spoken in it.")
    if others:
        raise InvalidInput("A v3 or v4 voice continues one reference: give the best of the recordings alone.")


def _require_speakable(reading: Reading, window: Window) -> None:
    """A text that cannot be what is said would make the voice skip and repeat words."""
    if len(reading.phones_L) > FASTEST * window.seconds:
        raise InvalidInput(
            f"The transcript has {len(reading.phones_L)} phonemes, more than anyone speaks in {window.seconds:.1f} s: "
            "give the words spoken in the reference, and no others."
        )


def _require_sound(recording: Waveform) -> None:
    if recording.seconds < BRIEFEST:
        raise RecordingRejected(
            f"A reference of {recording.seconds:.2f} s is too short to hear a voice in it."
        )
    if not recording.samples.any():
        raise RecordingRejected("The reference is silent: nothing was recorded.")


def _unfit(recording: Waveform) -> bool:
    return not SHORTEST <= recording.seconds <= LONGEST


def _shortened(recording: Waveform) -> Waveform:
    """A further reference: whole, or the best window of a long one, as for the first one."""
    _require_sound(recording)
    if recording.seconds <= LONGEST:
        return recording
    window = best_window(recording.seconds, speech_spans(recording))
    return recording.slice_seconds(window.start, window.end)


def _published_rate(recording: Waveform, rate: int) -> Tensor:
    return windowed_sinc(torch.from_numpy(recording.samples)[None], recording.rate, rate)


def _limited(samples_BT: Tensor) -> Tensor:
    peak = float(samples_BT.abs().max())
    return samples_BT / min(peak, LOUDEST) if peak > 1.0 else samples_BT
