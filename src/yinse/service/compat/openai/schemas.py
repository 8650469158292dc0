"""OpenAI's audio objects on the wire. Unknown members are ignored, as that API's clients expect."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]


class VoiceId(BaseModel):
    """A voice as an object."""

    id: str = Field(min_length=1, max_length=128)


class CreateSpeech(BaseModel):
    """`POST /v1/audio/speech`. `language` and `seed` are extensions."""

    model: str = Field(min_length=1, max_length=64)
    input: str = Field(min_length=1, max_length=4096)
    voice: Annotated[str, Field(min_length=1, max_length=128)] | VoiceId
    instructions: str | None = Field(default=None, max_length=4096, description="accepted, not followed yet")
    response_format: Format = "mp3"
    speed: float = Field(default=1.0, ge=0.25, le=4.0)
    stream_format: Literal["audio", "sse"] = "audio"
    language: Literal["auto", "zh", "en", "ja"] = "auto"
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1)

    @property
    def handle(self) -> str:
        """The voice, however it was named."""
        return self.voice if isinstance(self.voice, str) else self.voice.id


class Voice(BaseModel):
    """`audio.voice`."""

    object: Literal["audio.voice"] = "audio.voice"
    id: str
    name: str
    created_at: int


class VoiceList(BaseModel):
    """A list object; `voices` repeats the names for clients of local servers."""

    object: Literal["list"] = "list"
    data: list[Voice]
    voices: list[str]


class VoiceConsent(BaseModel):
    """`audio.voice_consent`."""

    object: Literal["audio.voice_consent"] = "audio.voice_consent"
    id: str
    name: str
    language: str
    created_at: int


class ConsentChange(BaseModel):
    """What may change of a consent."""

    name: str = Field(min_length=1, max_length=100)


class VoiceConsentList(BaseModel):
    """A list object."""

    object: Literal["list"] = "list"
    data: list[VoiceConsent]
    has_more: bool = False
    first_id: str | None = None
    last_id: str | None = None


class Deleted(BaseModel):
    """A deletion object."""

    id: str
    object: str
    deleted: Literal[True] = True


class Model(BaseModel):
    """`model`."""

    id: str
    object: Literal["model"] = "model"
    created: int = 1_700_000_000
    owned_by: str = "yinse"


class ModelList(BaseModel):
    """A list object."""

    object: Literal["list"] = "list"
    data: list[Model]


def seconds(moment: datetime) -> int:
    """Unix time."""
    return int(moment.timestamp())


def error_members(problem: Any) -> dict[str, Any]:
    """How OpenAI's clients read an error, beside the problem document."""
    kind = "invalid_request_error" if problem.status < 500 else "server_error"
    return {"error": {"message": problem.detail, "type": kind, "param": None, "code": problem.code}}
