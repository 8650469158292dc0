"""Speech on the wire."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from yinse.contracts.speech import Language, SpeechControls
from yinse.service.accounts.schemas import Strict
from yinse.service.dictionaries.schemas import Locator

FormatName = Literal["wav", "flac", "mp3", "opus", "aac", "pcm", "ulaw", "alaw"]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Context = Annotated[str, StringConstraints(max_length=1000)]


class Controls(Strict):
    """How to speak; what is left out is the engine's default."""

    speed: float = Field(default=1.0, ge=0.25, le=4.0)
    seed: Seed | None = Field(default=None, description="the same seed gives the same audio")
    temperature: float | None = Field(default=None, gt=0, le=2)
    top_k: int | None = Field(default=None, ge=1, le=1024)
    top_p: float | None = Field(default=None, gt=0, le=1)
    repetition_penalty: float | None = Field(default=None, ge=1, le=4)
    sample_steps: int | None = Field(default=None, ge=1, le=128)
    stability: float | None = Field(default=None, ge=0, le=1)
    similarity: float | None = Field(default=None, ge=0, le=1)
    style: float | None = Field(default=None, ge=0, le=1)

    def to_contract(self, seed: int) -> SpeechControls:
        """As the engine takes it, with a definite seed."""
        return SpeechControls(**(self.model_dump() | {"seed": seed}))


class SpeechOrder(Strict):
    """What to say, in which voice, and how."""

    text: str = Field(min_length=1, description="up to the service's limit")
    voice: str = Field(min_length=1, max_length=128, description="a voice's id, or one of my voices' names")
    version: str | None = Field(default=None, max_length=64, description="another version, to compare")
    language: Language = Language.AUTO
    format: FormatName = "mp3"
    sample_rate: int | None = Field(default=None, ge=8000, le=192_000, description="Hz")
    controls: Controls = Field(default_factory=Controls)
    dictionaries: list[Locator] = Field(default_factory=list, max_length=3)
    previous_text: Context = ""
    next_text: Context = ""
    parent_id: str | None = Field(default=None, max_length=64, description="the utterance this revises")
    thorough: bool = Field(
        default=False, description="check each sentence and draw it again before it leaves: later, but surer"
    )
    store: bool = Field(default=True, description="keep text and audio, sealed, in my history")


class CharacterAlignment(BaseModel):
    """Every character and its seconds."""

    characters: list[str]
    character_start_times_seconds: list[float]
    character_end_times_seconds: list[float]


class Mark(BaseModel):
    """A phoneme or mouth shape and its seconds."""

    symbol: str
    start: float
    end: float


class TimedSpeech(BaseModel):
    """Audio and when each part of it is spoken."""

    generation_id: str
    audio_base64: str
    media_type: str
    seconds: float
    seed: int
    alignment: CharacterAlignment
    phonemes: list[Mark]
    visemes: list[Mark]


class Capabilities(BaseModel):
    """What this service can do."""

    languages: list[Language]
    formats: list[FormatName]
    text_characters: int
    job_characters: int
    ready: bool
    engine: dict[str, Any]
