"""History and feedback on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from yinse.service.accounts.schemas import Strict

Words = Annotated[str, StringConstraints(max_length=500)]


class Rating(Strict):
    """How it sounded; a bad rating leads to advice."""

    rating: int | None = Field(default=None, ge=1, le=5)
    thumb: Literal[-1, 1] | None = None
    reason: Words | None = None


class Generation(BaseModel):
    """One utterance."""

    id: str
    voice_id: str
    version_id: str | None
    parent_id: str | None
    source: str
    text: str
    characters: int
    controls: dict[str, Any]
    format: str
    media_type: str
    has_audio: bool
    seconds: float
    seed: int
    score: float | None
    rating: int | None
    thumb: Literal[-1, 1] | None
    rating_reason: str | None
    created_at: datetime


class History(BaseModel):
    """Newest first; pass `next` as `before` for the next page."""

    items: list[Generation]
    next: str | None


class Link(BaseModel):
    """A download link that anyone who has it may use until it expires, or the voice or utterance goes."""

    url: str
    expires_at: datetime


class NewLink(Strict):
    """How long the link lives."""

    seconds: int | None = Field(default=None, ge=1, le=7 * 24 * 3600)


class Numbers(BaseModel):
    """How some utterances were liked; `mean_score` is the engine's own check."""

    utterances: int
    rated: int
    mean_rating: float | None
    thumbs_up: int
    thumbs_down: int
    mean_score: float | None


class Week(Numbers):
    """One ISO week, such as `2026-W47`."""

    week: str


class VersionNumbers(Numbers):
    """One version of the voice."""

    version_id: str


class Reason(BaseModel):
    """A check of the recording that it does not pass, and what to do about it in zh, en and ja."""

    check: str
    advice: dict[str, str]


Action = Literal["compare", "wait", "rerecord", "reselect", "adapt", "collect"]


class Suggestion(BaseModel):
    """What would make the voice better, and why.

    `compare` a candidate with what speaks now, `wait` for one, `rerecord` sentences, `reselect` another reference,
    `adapt`, or `collect` more ratings.
    """

    action: Action
    reason: dict[str, str] = Field(description="one sentence in zh, en and ja")
    recordings: list[str] = Field(description="which recordings to replace")
    because: list[Reason] = Field(description="what is wrong with them")
    sentences: list[str] = Field(description="what to read instead")


class Feedback(BaseModel):
    """A voice's numbers over time and by version."""

    voice_id: str
    weeks: list[Week]
    versions: list[VersionNumbers]
    suggestions: list[Suggestion]
