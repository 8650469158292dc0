"""Challenges, consents and every attempt to give one."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from yinse.service.db import Base


class ChallengeRow(Base):
    """A sentence to read aloud, once, within ten minutes."""

    __tablename__ = "challenges"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    language: Mapped[str]
    phrase: Mapped[str]
    scopes: Mapped[list[str]]
    consent_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ConsentRow(Base):
    """One attempt and, when accepted, the consent itself.

    `challenged` is false for the fixed sentence of the OpenAI-compatible route: it can be replayed, so it
    never lets a voice leave its account. `voice_id` is empty until that route names the voice. `recordings` are those
    that it was compared with: it covers what is made of them.
    """

    __tablename__ = "consents"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    voice_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    language: Mapped[str]
    phrase: Mapped[str]
    challenged: Mapped[bool]
    scopes: Mapped[list[str]]
    recording_id: Mapped[str]
    state: Mapped[str]
    edit_distance: Mapped[float | None]
    similarity: Mapped[float | None]
    chance: Mapped[float | None]
    reasons: Mapped[list[str]]
    recordings: Mapped[list[str] | None]
    record: Mapped[dict[str, Any] | None]
    signature: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
