"""Consent on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from yinse.contracts.enrolment import ConsentDoubt
from yinse.service.accounts.schemas import MOST_SCOPES, Strict

ConsentScope = Literal["synthesis", "share", "live", "public", "commercial"]
ConsentLanguage = Literal["zh", "en", "ja"]


class NewChallenge(Strict):
    """What is consented to, and in which language the sentence is read."""

    language: ConsentLanguage
    scopes: list[ConsentScope] = Field(default=["synthesis"], min_length=1, max_length=MOST_SCOPES)
    days: int | None = Field(default=None, ge=1, le=3650, description="how long the consent lasts")


class Challenge(BaseModel):
    """Read `phrase` aloud and send the recording before it expires."""

    id: str
    phrase: str
    scopes: list[ConsentScope]
    expires_at: datetime


class Consent(BaseModel):
    """One attempt, with its evidence; `accepted` ones are the consent."""

    id: str
    voice_id: str
    language: str
    scopes: list[str]
    accepted: bool
    challenged: bool
    edit_distance: float | None = Field(
        description="0..1, of what was recognised freely from the sentence; the recogniser itself misses much"
    )
    chance: float | None = Field(
        description="0..1, largest share of other words that would have fitted the recording as well"
    )
    similarity: float | None = Field(description="-1..1, of the speaker to the recordings")
    doubts: list[ConsentDoubt] = Field(description="why it was not accepted")
    reasons: list[str] = Field(description="the doubts as sentences")
    signature: str | None = Field(description="Ed25519 over the consent record")
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class Consents(BaseModel):
    """Every attempt, newest first."""

    items: list[Consent]
