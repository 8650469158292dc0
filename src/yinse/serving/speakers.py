"""Is everything in some recordings said by the one who consents?

The mean over recordings would hide a stranger among many of one's own, so each recording is cut into stretches of speech
that are long enough to know a speaker by, and the least like of them counts.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from yinse.engine.audio.waveform import Waveform
    from yinse.engine.checkpoints.base import BaseModels

STRETCH_SECONDS = 15.0
"""Speech in one stretch, about."""
KNOWN_SECONDS = 12.0
"""From here on a stretch says who speaks as surely as all recordings together do."""
GUESSED_SECONDS = 5.0
"""Shorter stretches are not judged alone: too many of the right person would not pass."""
GUESSED_SIMILARITY = 0.4
"""What is in between must only not be quite unlike: the right person's least of 244 was 0.41, strangers' median 0.20."""


def least_likeness(models: "BaseModels", spoken: "Waveform", samples: "list[Waveform]") -> tuple[float, bool]:
    """The least cosine to all recordings together and to each long stretch, and whether a short one is of another."""
    from yinse.engine.voice.listen import embed_speaker, level

    one = embed_speaker(models, [level(spoken)])
    whole = float(one @ embed_speaker(models, [level(wave) for wave in samples]))
    # Speech without pauses sounds to the encoder like somebody else than speech with them: both sides go without.
    said = embed_speaker(models, [level(speech_of(spoken))])
    parts = [part for wave in samples for part in stretches(wave)]
    alike = [(part.seconds, float(said @ embed_speaker(models, [level(part)]))) for part in parts]
    return judged(whole, alike)


def judged(whole: float, alike: "list[tuple[float, float]]") -> tuple[float, bool]:
    """From the cosine to everything, and the seconds and cosine of each stretch, to the least and to doubt; pure."""
    known = [cosine for seconds, cosine in alike if seconds >= KNOWN_SECONDS]
    guessed = [cosine for seconds, cosine in alike if GUESSED_SECONDS <= seconds < KNOWN_SECONDS]
    return min(whole, *known) if known else whole, any(cosine < GUESSED_SIMILARITY for cosine in guessed)


def stretches(waveform: "Waveform") -> "list[Waveform]":
    """The speech of a recording without its pauses, in equal stretches."""
    from yinse.engine.audio.waveform import Waveform

    speech = speech_of(waveform)
    count = max(1, round(speech.seconds / STRETCH_SECONDS))
    return [Waveform(part, speech.rate) for part in np.array_split(speech.samples, count) if len(part)]


def speech_of(waveform: "Waveform") -> "Waveform":
    """A recording without its pauses; the whole recording where no speech is found."""
    from yinse.engine.audio.vad import speech_spans
    from yinse.engine.audio.waveform import Waveform

    rate = waveform.rate
    spoken = [
        waveform.samples[round(span.start * rate) : round(span.end * rate)] for span in speech_spans(waveform)
    ]
    return Waveform(np.concatenate(spoken), rate) if spoken else waveform
