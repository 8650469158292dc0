"""Accounts and every kind of credential. Secrets are stored as keyed hashes only."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from yinse.service.db import Base


class AccountRow(Base):
    """A person or an app. `managed_by` names the platform account that acts for a member."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("managed_by", "external_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str | None]
    role: Mapped[str]
    managed_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    external_id: Mapped[str | None]
    characters_monthly: Mapped[int | None]
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]


class IdentityRow(Base):
    """An account at an OpenID provider."""

    __tablename__ = "identities"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)


class SessionRow(Base):
    """A signed-in browser."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiKeyRow(Base):
    """An API key. `defaults` holds what clients that cannot send it set once (a voice)."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str]
    scopes: Mapped[list[str]]
    defaults: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class TicketRow(Base):
    """A single-use token that lives a minute, for browsers' WebSockets. `actor` is the key or session that issued it."""

    __tablename__ = "tickets"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    actor: Mapped[str]
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime]


class UsageRow(Base):
    """Characters spoken by an account in a month (`2026-11`)."""

    __tablename__ = "usage"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    characters: Mapped[int]
