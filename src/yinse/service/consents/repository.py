"""Queries about consents."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.refusals import ConsentRequired
from yinse.service.consents.tables import ConsentRow

ACCEPTED, FAILED, RECORDED = "accepted", "failed", "recorded"


SHARE = "share"
"""The scope of whatever lets others use a voice, or hear it by a link."""


async def standing(session: AsyncSession, voice_id: str, now: datetime) -> Sequence[ConsentRow]:
    """A voice's consents that were challenged, accepted, and are neither over nor withdrawn, newest first."""
    statement = (
        select(ConsentRow)
        .where(ConsentRow.voice_id == voice_id, ConsentRow.state == ACCEPTED, ConsentRow.challenged)
        .where(ConsentRow.revoked_at.is_(None), ConsentRow.expires_at > now)
    )
    return (await session.scalars(statement.order_by(ConsentRow.id.desc()))).all()


async def valid(session: AsyncSession, voice_id: str, now: datetime) -> ConsentRow | None:
    """The newest of them."""
    return next(iter(await standing(session, voice_id, now)), None)


async def require(session: AsyncSession, voice_id: str, scope: str, now: datetime) -> ConsentRow:
    """Return the newest consent that covers `scope`. Raises `ConsentRequired`."""
    for row in await standing(session, voice_id, now):
        if scope in row.scopes:
            return row
    raise ConsentRequired(
        f"The speaker has not consented to {scope!r}; a voice without consent stays in its account."
    )


async def of_account(session: AsyncSession, account_id: str) -> Sequence[ConsentRow]:
    """Every attempt of an account, newest first."""
    statement = select(ConsentRow).where(ConsentRow.account_id == account_id)
    return (await session.scalars(statement.order_by(ConsentRow.id.desc()))).all()


async def attempts_since(session: AsyncSession, account_id: str, since: datetime) -> int:
    """Number of attempts of an account since a moment."""
    recent = (ConsentRow.account_id == account_id) & (ConsentRow.created_at > since)
    return await session.scalar(select(func.count()).select_from(ConsentRow).where(recent)) or 0
