"""Who may use whose voice, for what, how much and how long."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from yinse.service.db import Base


class GrantRow(Base):
    """A licence to speak in a voice. `account_id` is the owner."""

    __tablename__ = "grants"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    voice_id: Mapped[str] = mapped_column(ForeignKey("voices.id"), index=True)
    grantee_id: Mapped[str] = mapped_column(index=True)
    scopes: Mapped[list[str]]
    character_quota: Mapped[int | None]
    characters_used: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
