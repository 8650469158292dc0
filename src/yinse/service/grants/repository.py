"""Queries about grants."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.refusals import PermissionDenied, QuotaExceeded
from yinse.service.consents import repository as consents
from yinse.service.grants.tables import GrantRow

SYNTHESIS, LIVE = "synthesis", "live"


async def valid(
    session: AsyncSession, voice_id: str, grantee_id: str, now: datetime, scope: str | None = None
) -> GrantRow | None:
    """Find the grantee's newest grant, of those for `scope` if one is named.

    Raises `ConsentRequired` when the consent behind it is gone, `PermissionDenied` when there are grants, but
    none for this.
    """
    statement = (
        select(GrantRow)
        .where(GrantRow.voice_id == voice_id, GrantRow.grantee_id == grantee_id)
        .where(GrantRow.revoked_at.is_(None), or_(GrantRow.expires_at.is_(None), GrantRow.expires_at > now))
    )
    rows = (await session.scalars(statement.order_by(GrantRow.id.desc()))).all()
    if not rows:
        return None
    fitting = [row for row in rows if scope is None or scope in row.scopes]
    if not fitting:
        message = f"This voice is not shared with you for {scope!r}; ask its owner for it."
        raise PermissionDenied(message, code="grant_scope")
    for needed in (consents.SHARE, scope or SYNTHESIS):
        await consents.require(session, voice_id, needed, now)
    return fitting[0]


async def require_standing(session: AsyncSession, grant_id: str, now: datetime) -> None:
    """Ask again for what takes long. Raises `PermissionDenied` once a grant was revoked or is over."""
    row = await session.get(GrantRow, grant_id)
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        raise PermissionDenied("This voice is not shared with you any more.")


async def received(session: AsyncSession, grantee_id: str, now: datetime) -> Sequence[GrantRow]:
    """Every live grant somebody gave this account."""
    statement = (
        select(GrantRow)
        .where(GrantRow.grantee_id == grantee_id, GrantRow.revoked_at.is_(None))
        .where(or_(GrantRow.expires_at.is_(None), GrantRow.expires_at > now))
    )
    return (await session.scalars(statement.order_by(GrantRow.id.desc()))).all()


_ASK_AGAIN = 86_400
"""A grant renews by its owner's will alone: a day is no promise, it keeps programs from asking every second."""


async def given(session: AsyncSession, voice_id: str) -> Sequence[GrantRow]:
    """Every grant of a voice, newest first."""
    statement = select(GrantRow).where(GrantRow.voice_id == voice_id)
    return (await session.scalars(statement.order_by(GrantRow.id.desc()))).all()


async def spend(session: AsyncSession, grant_id: str, characters: int) -> None:
    """Take characters from a grant's quota. Raises `QuotaExceeded`."""
    within = or_(
        GrantRow.character_quota.is_(None),
        GrantRow.characters_used + characters <= GrantRow.character_quota,
    )
    statement = (
        update(GrantRow)
        .where(GrantRow.id == grant_id, within)
        .values(characters_used=GrantRow.characters_used + characters)
        .returning(GrantRow.id)
        .execution_options(synchronize_session=False)
    )
    if await session.scalar(statement) is None:
        left = select(GrantRow.character_quota - GrantRow.characters_used).where(GrantRow.id == grant_id)
        remaining = await session.scalar(left) or 0
        message = f"{max(0, remaining)} characters of this grant are left; ask whoever gave it for more."
        raise QuotaExceeded(message, retry_after=_ASK_AGAIN, quota="grant", remaining=remaining)


async def give_back(session: AsyncSession, grant_id: str, characters: int) -> None:
    """Return characters that were not spoken."""
    statement = (
        update(GrantRow)
        .where(GrantRow.id == grant_id)
        .values(characters_used=GrantRow.characters_used - characters)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


async def revoke_all(session: AsyncSession, voice_id: str, now: datetime) -> None:
    """End every grant of a voice."""
    live = (GrantRow.voice_id == voice_id) & GrantRow.revoked_at.is_(None)
    await session.execute(update(GrantRow).where(live).values(revoked_at=now))
