"""Grants on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from yinse.service.accounts.schemas import MOST_SCOPES, Moment, Strict

GrantScope = Literal["synthesis", "live", "commercial"]


class NewGrant(Strict):
    """Share a voice with one account."""

    grantee_id: str = Field(max_length=64)
    scopes: list[GrantScope] = Field(default=["synthesis"], min_length=1, max_length=MOST_SCOPES)
    character_quota: int | None = Field(default=None, ge=1, le=2**31 - 1)
    expires_at: Moment | None = None


class Grant(BaseModel):
    """A licence to speak in a voice."""

    id: str
    voice_id: str
    owner_id: str
    grantee_id: str
    scopes: list[GrantScope]
    character_quota: int | None
    characters_used: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Grants(BaseModel):
    """Newest first."""

    items: list[Grant]
