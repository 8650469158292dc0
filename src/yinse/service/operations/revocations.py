"""What was taken back without being destroyed: keys, grants, consents, voices that were stopped, single recordings.

The audit chain tells of them, also of those that a restored backup does not have: the next restore may need them again.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.service.accounts.tables import ApiKeyRow, SessionRow, TicketRow
from yinse.service.audit.tables import AuditRow
from yinse.service.consents.tables import ConsentRow
from yinse.service.context import Context
from yinse.service.grants.tables import GrantRow
from yinse.service.objects.purging import purge
from yinse.service.objects.tables import ObjectRow
from yinse.service.voices.deletion import stop_voice
from yinse.service.voices.tables import VoiceRow, VoiceState

Statement = dict[str, Any]

_WHY = "It was stopped before a backup was restored."


async def read(session: AsyncSession) -> list[Statement]:
    """Every revocation that the audit chain tells of, the oldest first."""
    rows = select(AuditRow).where(AuditRow.action.in_(_ACTIONS)).order_by(AuditRow.number)
    return [
        {"action": row.action, "subject": row.subject, "owner_id": row.account_id, "revoked_at": _at(row)}
        for row in (await session.scalars(rows)).all()
    ]


def is_revocation(statement: Mapping[str, Any]) -> bool:
    """Whether a line of a ledger is one; that of an action that this version does not know is none."""
    members = {"action", "subject", "owner_id", "revoked_at"}
    words = all(isinstance(value, str) for value in statement.values())
    return statement.keys() == members and words and statement["action"] in _ACTIONS


def identity(statement: Statement) -> tuple[str, ...]:
    """What tells one revocation from all others: a voice may be stopped more than once."""
    return statement["action"], statement["subject"], statement["revoked_at"]


async def repeat(ctx: Context, statement: Statement) -> bool:
    """Take back again what a restored backup has brought back; tell whether it was there."""
    subject, at = statement["subject"], datetime.fromisoformat(statement["revoked_at"])
    undone = await _ACTIONS[statement["action"]](ctx, subject, at)
    await ctx.audit(statement["action"], subject, {"revoked_at": statement["revoked_at"]})
    return undone


async def end_sessions(session: AsyncSession) -> None:
    """Sign everybody out: which sessions had ended since the backup, no ledger tells."""
    for table in (SessionRow, TicketRow):
        await session.execute(delete(table))


def _at(row: AuditRow) -> str:
    """When it was, also where a restore has repeated it since."""
    return str(row.details.get("revoked_at", row.at.isoformat()))


def _revoke(ctx: Context, row: ApiKeyRow | GrantRow | ConsentRow | None, at: datetime) -> bool:
    if row is None or row.account_id != ctx.account_id or row.revoked_at is not None:
        return False
    row.revoked_at = at
    return True


async def _key(ctx: Context, subject: str, at: datetime) -> bool:
    return _revoke(ctx, await ctx.session.get(ApiKeyRow, subject), at)


async def _grant(ctx: Context, subject: str, at: datetime) -> bool:
    return _revoke(ctx, await ctx.session.get(GrantRow, subject), at)


async def _consent(ctx: Context, subject: str, at: datetime) -> bool:
    """The voice behind it is stopped by a line of its own."""
    return _revoke(ctx, await ctx.session.get(ConsentRow, subject), at)


async def _voice(ctx: Context, subject: str, _at: datetime) -> bool:
    row = await ctx.session.get(VoiceRow, subject)
    if row is None or row.account_id != ctx.account_id or row.state == VoiceState.DELETED.value:
        return False
    await stop_voice(ctx, row, _WHY)
    return True


async def _recording(ctx: Context, subject: str, _at: datetime) -> bool:
    row = await ctx.session.get(ObjectRow, subject)
    if row is None or row.account_id != ctx.account_id:
        return False
    await ctx.session.delete(row)
    purge(ctx.session, ctx.now, ctx.account_id, [row.ref.path])
    return True


_ACTIONS: dict[str, Callable[[Context, str, datetime], Awaitable[bool]]] = {
    "key.revoked": _key,
    "grant.revoked": _grant,
    "consent.revoked": _consent,
    "voice.revoked": _voice,
    "recording.deleted": _recording,
}
