"""The chain: each event holds the hash of the one before it. The database refuses to change or remove one."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from yinse.service.audit.triggers import guard
from yinse.service.db import Base


class AuditRow(Base):
    """One event."""

    __tablename__ = "audit_events"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    account_id: Mapped[str | None] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]
    previous: Mapped[str]
    digest: Mapped[str]


class AuditHeadRow(Base):
    """The end of the chain; locked while an event is added, so that there is only one."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str]


for _name in (AuditRow.__tablename__, AuditHeadRow.__tablename__):
    guard(Base.metadata.tables[_name])
