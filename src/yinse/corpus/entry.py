"""One utterance of a corpus store, and the names of a store's files."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

AUDIO_FILE, MEL_FILE, MANIFEST_FILE = "audio.i16", "mel.f16", "manifest.jsonl"
PITCH_FILE, PHONEMES_FILE, ALIGNMENT_FILE = "pitch.f16", "phonemes.jsonl", "alignment.i16"
TOKENS_FILE, TIMELINE_FILE, SPEAKER_FILE, ACOUSTIC_FILE = (
    "tokens.i16",
    "timeline.jsonl",
    "speaker.f16",
    "acoustic.f16",
)
DERIVED_FILES: Final = (
    PITCH_FILE,
    PHONEMES_FILE,
    ALIGNMENT_FILE,
    TOKENS_FILE,
    TIMELINE_FILE,
    SPEAKER_FILE,
    ACOUSTIC_FILE,
)
"""What is computed from the utterances, in their order: worthless once another utterance is added."""

FULL_BAND: Final = 44100
"""Rate of the stored audio in Hz."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One utterance of a store. `sample`/`samples` index the audio, `frame`/`frames` the mel array."""

    id: str
    text: str | None
    speaker: str
    lang: str
    rate: int
    """Rate of the original recording in Hz: nothing above half of it can be heard."""
    split: str
    """`train`, `valid` (known speaker, unseen utterance) or `unseen` (held-out speaker)."""
    sample: int
    samples: int
    frame: int
    frames: int
    shard: str

    @property
    def seconds(self) -> float:
        """Duration after trimming."""
        return self.samples / FULL_BAND

    def to_json(self) -> str:
        """One line of the manifest."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"


def read_entries(lines: Iterable[str]) -> list[Entry]:
    """The utterances of a manifest."""
    return [Entry(**json.loads(line)) for line in lines]
