"""Enqueue, claim, heartbeat, end: each one statement or one transaction."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from yinse.service.db import Database
from yinse.service.ids import new_id
from yinse.service.jobs.tables import JobRow, JobState

Ended = Callable[[AsyncSession, JobRow], Awaitable[None]]
"""What follows in the same transaction when a job has ended without success."""


def enqueue(
    session: AsyncSession,
    now: datetime,
    kind: str,
    account_id: str,
    payload: Mapping[str, Any],
    *,
    voice_id: str | None = None,
    max_attempts: int = 5,
) -> JobRow:
    """Add a job within the caller's transaction: it exists if and only if what it is about exists."""
    row = JobRow(
        id=new_id("job"),
        account_id=account_id,
        voice_id=voice_id,
        kind=kind,
        payload=dict(payload),
        state=JobState.QUEUED.value,
        attempt=0,
        max_attempts=max_attempts,
        run_after=now,
        progress=0.0,
        created_at=now,
    )
    session.add(row)
    return row


def _waiting(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(JobRow.state == JobState.QUEUED.value, JobRow.run_after <= now),
        and_(JobRow.state == JobState.RUNNING.value, JobRow.lease_until < now),
    )


def _running_beside(now: datetime) -> ScalarSelect[int]:
    """Number of jobs of the same account that run."""
    beside = aliased(JobRow)
    running = (beside.state == JobState.RUNNING.value) & (beside.lease_until >= now)
    counted = select(func.count()).select_from(beside).where(running, beside.account_id == JobRow.account_id)
    return counted.correlate(JobRow).scalar_subquery()


async def claim(
    database: Database,
    worker: str,
    now: datetime,
    lease: timedelta,
    full: Collection[str] = (),
    lost: Ended | None = None,
) -> JobRow | None:
    """Take a waiting job of a kind that is not `full`: of the account with the fewest running ones, the oldest.

    So whoever queues many waits for nobody else, and nobody waits for all of them. Of two workers that race, one gets it.
    A job whose workers died at every attempt fails here; `lost` is told of it.
    """
    waiting = _waiting(now) & JobRow.kind.not_in(full)
    async with database.transaction(write=False) as session:
        if not await session.scalar(select(JobRow.id).where(waiting).limit(1)):
            return None
    async with database.transaction() as session:
        fairest = select(JobRow).where(waiting).order_by(_running_beside(now), JobRow.id).limit(1)
        row = await session.scalar(fairest.with_for_update(skip_locked=True))
        if row is None:
            return None
        if row.attempt >= row.max_attempts:
            _end(row, JobState.FAILED, now)
            row.error_code = row.error_code or "worker_lost"
            row.error_message = row.error_message or "The worker was lost again and again; try once more."
            if lost is not None:
                await lost(session, row)
            return None
        row.state, row.worker, row.lease_until = JobState.RUNNING.value, worker, now + lease
        row.attempt += 1
        return row


async def heartbeat(
    database: Database, job: JobRow, now: datetime, lease: timedelta, progress: float
) -> bool:
    """Keep the lease and note progress; false when the job was cancelled or taken over."""
    async with database.transaction() as session:
        values = {"lease_until": now + lease, "progress": progress}
        statement = update(JobRow).where(_held(job)).values(**values).returning(JobRow.id)
        return await session.scalar(statement) is not None


async def lock_held(session: AsyncSession, job: JobRow) -> JobRow | None:
    """The row, if this worker still holds it; locked until the transaction ends."""
    return await session.scalar(
        select(JobRow).where(_held(job)).with_for_update().execution_options(populate_existing=True)
    )


def succeed(row: JobRow, result: Mapping[str, Any], now: datetime) -> None:
    """End well."""
    _end(row, JobState.SUCCEEDED, now)
    row.result, row.progress = dict(result), 1.0


def fail(row: JobRow, code: str, message: str, now: datetime, recording: str | None = None) -> None:
    """End with an error, perhaps of one recording."""
    _end(row, JobState.FAILED, now)
    row.error_code, row.error_message, row.error_recording = code, message, recording


def retry(row: JobRow, code: str, message: str, now: datetime) -> None:
    """Wait and try again, longer each time; the last attempt ends it."""
    if row.attempt >= row.max_attempts:
        fail(row, code, message, now)
        return
    _requeue(row, now + timedelta(seconds=min(60, 2**row.attempt)))
    row.error_code, row.error_message = code, message


def release(row: JobRow, now: datetime) -> None:
    """Give an interrupted job back as if this attempt had not been."""
    _requeue(row, now)
    row.attempt -= 1


def cancel(row: JobRow, now: datetime) -> None:
    """End an open job on request; its worker notices at the next heartbeat."""
    _end(row, JobState.CANCELLED, now)


async def counts(session: AsyncSession) -> dict[str, int]:
    """Number of jobs in each state."""
    rows = await session.execute(select(JobRow.state, func.count()).group_by(JobRow.state))
    return {row[0]: row[1] for row in rows}


def _held(job: JobRow) -> ColumnElement[bool]:
    return and_(
        JobRow.id == job.id,
        JobRow.state == JobState.RUNNING.value,
        JobRow.worker == job.worker,
        JobRow.attempt == job.attempt,
    )


def _requeue(row: JobRow, run_after: datetime) -> None:
    row.state, row.run_after, row.worker, row.lease_until = JobState.QUEUED.value, run_after, None, None


def _end(row: JobRow, state: JobState, now: datetime) -> None:
    row.state, row.ended_at, row.lease_until = state.value, now, None
