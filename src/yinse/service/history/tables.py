"""Utterances. Text lies sealed under the speaker's account key, audio under the voice's."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from yinse.service.db import Base, Wide


class GenerationRow(Base):
    """One utterance. `parent_id` names the utterance it is another version of."""

    __tablename__ = "generations"
    __table_args__ = (
        Index("ix_generations_account_id_id", "account_id", "id"),
        Index("ix_generations_voice_id_id", "voice_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    voice_id: Mapped[str] = mapped_column(ForeignKey("voices.id"))
    version_id: Mapped[str | None]
    parent_id: Mapped[str | None]
    source: Mapped[str]
    text: Mapped[bytes]
    characters: Mapped[int]
    controls: Mapped[dict[str, Any]]
    format: Mapped[str]
    media_type: Mapped[str]
    audio_id: Mapped[str | None]
    seconds: Mapped[float]
    seed: Mapped[int] = mapped_column(Wide)
    score: Mapped[float | None]
    timings: Mapped[bytes | None]
    rating: Mapped[int | None]
    thumb: Mapped[int | None]
    rating_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class TallyRow(Base):
    """What is left of a voice's utterances of one version and week when history has gone: sums, and nobody's words."""

    __tablename__ = "tallies"

    voice_id: Mapped[str] = mapped_column(ForeignKey("voices.id"), primary_key=True)
    version_id: Mapped[str] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(primary_key=True)
    utterances: Mapped[int]
    rated: Mapped[int]
    starred: Mapped[int]
    stars: Mapped[int]
    thumbs_up: Mapped[int]
    thumbs_down: Mapped[int]
    scored: Mapped[int]
    score: Mapped[float]
