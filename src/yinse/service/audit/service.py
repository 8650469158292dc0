"""Add to the chain and verify it.

What is hashed: number, time, account, actor, action, subject, details and the previous hash, as canonical
JSON with SHA-256. A changed, removed or inserted event breaks the chain at its number; a cut-off tail shows
against the head, and against any head kept elsewhere (`yinse audit verify --head`).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.service.audit.tables import AuditHeadRow, AuditRow

GENESIS = "0" * 64
_BATCH = 100
"""Events that are hashed in one go: some 7 ms, in which a service that verifies does nothing else."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds, how many events it has, and where it breaks first."""

    intact: bool
    events: int
    head: str
    broken_at: int | None = None
    reason: str | None = None


def digest_of(row: AuditRow) -> str:
    """Hash one event together with the hash before it."""
    fields = {
        "number": row.number,
        "at": row.at.astimezone(UTC).isoformat(),
        "account_id": row.account_id,
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "details": row.details,
        "previous": row.previous,
    }
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


async def record(
    session: AsyncSession,
    at: datetime,
    *,
    account_id: str | None,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
) -> AuditRow:
    """Append an event within the caller's transaction. `details` holds numbers and ids, never content."""
    head = await session.scalar(select(AuditHeadRow).where(AuditHeadRow.id == 1).with_for_update())
    if head is None:
        head = AuditHeadRow(id=1, number=0, digest=GENESIS)
        session.add(head)
    row = AuditRow(
        number=head.number + 1,
        at=at,
        account_id=account_id,
        actor=actor,
        action=action,
        subject=subject,
        details=dict(details or {}),
        previous=head.digest,
    )
    row.digest = digest_of(row)
    session.add(row)
    head.number, head.digest = row.number, row.digest
    await session.flush()
    return row


async def verify(session: AsyncSession) -> Verdict:
    """Walk the whole chain and the head, both as they are at one moment. To be the first in its transaction."""
    await _hold_still(session)
    previous, number = GENESIS, 0
    rows = await session.stream_scalars(
        select(AuditRow).order_by(AuditRow.number).execution_options(yield_per=_BATCH)
    )
    try:
        async for row in rows:
            if reason := _flaw(row, number + 1, previous):
                return Verdict(False, number, previous, number + 1, reason)
            previous, number = row.digest, row.number
    finally:
        await rows.close()
    head = await session.get(AuditHeadRow, 1)
    if (head.number, head.digest) != (number, previous) if head else number:
        return Verdict(False, number, previous, number + 1, "the end of the chain is missing")
    return Verdict(True, number, previous)


async def _hold_still(session: AsyncSession) -> None:
    """On PostgreSQL each statement would see what was committed meanwhile, and the head be ahead of the events."""
    if session.get_bind().dialect.name == "postgresql":
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _flaw(row: AuditRow, number: int, previous: str) -> str | None:
    if row.number != number:
        return f"event {number} is missing"
    if row.previous != previous:
        return "it does not follow the event before it"
    if digest_of(row) != row.digest:
        return "its content was changed"
    return None
