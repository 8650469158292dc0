"""Voices, their versions, the receipts of deleted ones, and evictions that every process hears of."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from yinse.service.db import Base


class VoiceState(StrEnum):
    """`adapting` still speaks, with the version it has."""

    PENDING = "pending"
    READY = "ready"
    REJECTED = "rejected"
    ADAPTING = "adapting"
    REVOKED = "revoked"
    DELETED = "deleted"


SPEAKING = (VoiceState.READY.value, VoiceState.ADAPTING.value)


class VoiceRow(Base):
    """A voice. `epoch` grows when cached material must die; (id, epoch) names it in every cache."""

    __tablename__ = "voices"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    description: Mapped[str]
    language: Mapped[str]
    labels: Mapped[dict[str, Any]]
    settings: Mapped[dict[str, Any]]
    state: Mapped[str]
    epoch: Mapped[int]
    grade: Mapped[str | None]
    reason: Mapped[str | None]
    report: Mapped[dict[str, Any] | None]
    version_id: Mapped[str | None]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class VersionState(StrEnum):
    """A candidate is compared before it replaces the active one; a retired one can come back."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    RETIRED = "retired"


class VersionRow(Base):
    """What a voice speaks with: a prompt, perhaps an adapter, and the likeness it was measured to have.

    `recordings` are the ids of those it was made of, also when they are gone.
    """

    __tablename__ = "voice_versions"
    __table_args__ = (UniqueConstraint("voice_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    voice_id: Mapped[str] = mapped_column(ForeignKey("voices.id"), index=True)
    account_id: Mapped[str]
    number: Mapped[int]
    state: Mapped[str]
    origin: Mapped[str]
    prompt_id: Mapped[str]
    adapter_id: Mapped[str | None]
    recordings: Mapped[list[str] | None]
    likeness_before: Mapped[float | None]
    likeness_after: Mapped[float | None]
    created_at: Mapped[datetime]


class ReceiptRow(Base):
    """A signed statement that a voice was destroyed."""

    __tablename__ = "receipts"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    voice_id: Mapped[str] = mapped_column(unique=True)
    statement: Mapped[dict[str, Any]]
    signature: Mapped[str]
    created_at: Mapped[datetime]


class EvictionRow(Base):
    """Every process drops what it holds of this voice when it sees the row."""

    __tablename__ = "evictions"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    voice_id: Mapped[str]
    at: Mapped[datetime]
