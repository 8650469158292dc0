"""Voices on the wire."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from yinse.contracts.enrolment import ADAPT_STEPS
from yinse.service.accounts.schemas import Name, Strict
from yinse.service.jobs.schemas import Job
from yinse.service.voices.tables import VersionState, VoiceState

Grade = Literal["studio", "good", "ok", "poor", "bad"]
Label = Annotated[str, StringConstraints(max_length=100)]
Labels = Annotated[dict[Label, Label], Field(max_length=20)]
LABELS: TypeAdapter[dict[str, str]] = TypeAdapter(Labels)
VoiceLanguage = Literal["auto", "zh", "en", "ja"]
Description = Annotated[str, StringConstraints(max_length=1000)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
LONGEST_TOLD: Final = 5000
"""Characters of what one recording says."""


class Voice(BaseModel):
    """A voice that I own or may use, or a preset."""

    id: str
    name: str
    description: str
    language: VoiceLanguage
    labels: dict[str, str]
    state: VoiceState
    grade: Grade | None = Field(default=None, description="quality of the recordings")
    reason: str | None = Field(default=None, description="why it was rejected or revoked")
    report: dict[str, Any] | None = Field(default=None, description="checks and advice in zh, en and ja")
    owned: bool
    preset: bool = Field(
        description="ships with the weights; everybody may speak with it, nobody may change it"
    )
    created_at: datetime


class Voices(BaseModel):
    """My own voices and those shared with me, newest first; then the presets."""

    items: list[Voice]


class CreatedVoice(BaseModel):
    """A voice being made, and the job that makes it."""

    voice: Voice
    job: Job
    recordings: list[str] = Field(description="ids of the recordings, in the order of the files")


class Extension(Job):
    """The job that makes a candidate of everything, and the recordings that were added."""

    recordings: list[str] = Field(description="ids of what was added, in the order of the files")


class VoiceChange(Strict):
    """What may change without re-enrolment."""

    name: Name | None = None
    description: Description | None = None
    language: VoiceLanguage | None = None
    labels: Labels | None = None


class NewVoice(Strict):
    """The fields of the form beside its files."""

    name: Name
    description: Description = ""
    language: VoiceLanguage = "auto"
    labels: Labels = Field(default_factory=dict)


class ToldLine(BaseModel):
    """Words that are read between two seconds of a recording, more or less."""

    text: str = Field(max_length=LONGEST_TOLD)
    start: Seconds = 0.0
    end: Seconds | None = Field(default=None, description="null: the end of the recording")


class Recording(BaseModel):
    """A sealed recording of a voice."""

    id: str
    media_type: str
    size: int = Field(description="bytes as stored, sealed")
    sha256: str = Field(description="of the recording as it was uploaded")
    words: list[ToldLine] = Field(description="what it says, where that was told")
    created_at: datetime


class Recordings(BaseModel):
    """All recordings of a voice."""

    items: list[Recording]


class Version(BaseModel):
    """A way of speaking with this voice."""

    id: str
    number: int
    state: VersionState
    origin: str = Field(description="enrolment, reference (another one) or adaptation")
    likeness_before: float | None
    likeness_after: float | None
    created_at: datetime


class Versions(BaseModel):
    """Newest first."""

    items: list[Version]


class Adaptation(Strict):
    """How long to adapt."""

    steps: int = Field(default=ADAPT_STEPS, ge=1, le=20_000)


class Receipt(BaseModel):
    """Proof of deletion: `signature` over the canonical JSON of `statement`, key at /v1/receipts/key."""

    statement: dict[str, Any]
    signature: str


class Receipts(BaseModel):
    """Newest first."""

    items: list[Receipt]


class ReceiptKey(BaseModel):
    """Ed25519 public key in base64."""

    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: str
