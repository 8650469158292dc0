"""Sixteen people with a minute of speech each."""

import io
from collections import defaultdict
from dataclasses import dataclass, field

import soundfile

from benchmarks.voice.sentences import SINGLE_WORDS
from benchmarks.voice.speech import SpeechData, Utterance
from yinse.engine.audio.waveform import Waveform

SECONDS = 60.0
PAUSE = 0.35
"""Seconds of silence between the sentences of one recording."""
FEWEST_SECONDS = 55.0


@dataclass(frozen=True, slots=True)
class Person:
    """A speaker, and one recording of about a minute."""

    name: str
    recording: Waveform = field(repr=False)

    def wav(self) -> bytes:
        """The recording as a file."""
        buffer = io.BytesIO()
        soundfile.write(buffer, self.recording.samples, self.recording.rate, format="WAV", subtype="PCM_16")
        return buffer.getvalue()


def people(data: SpeechData) -> list[str]:
    """Everybody with enough sentences, the richest of each collection in turn, so that voices differ."""
    seconds: defaultdict[str, float] = defaultdict(float)
    source: dict[str, str] = {}
    for utterance in data.utterances:
        if utterance.source not in SINGLE_WORDS and utterance.source != "audio_cmn":
            seconds[utterance.speaker] += utterance.seconds
            source[utterance.speaker] = utterance.source
    rich = sorted((name for name in seconds if seconds[name] >= FEWEST_SECONDS), key=lambda n: -seconds[n])
    turn: defaultdict[str, int] = defaultdict(int)
    place = {}
    for name in rich:
        place[name] = turn[source[name]]
        turn[source[name]] += 1
    return sorted(rich, key=lambda name: (place[name], -seconds[name]))


def person(data: SpeechData, name: str) -> Person:
    """Join a speaker's first sentences to a recording of about a minute."""
    chosen: list[Utterance] = []
    for utterance in data.utterances:
        if utterance.speaker == name and sum(one.seconds + PAUSE for one in chosen) < SECONDS:
            chosen.append(utterance)
    return Person(name, data.in_a_row(chosen, PAUSE))
