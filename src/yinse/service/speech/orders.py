"""What becomes of the order of a long text when its job has ended: by success, failure, request, or with its voice."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.service.accounts import quota
from yinse.service.grants import repository as grants
from yinse.service.jobs.tables import JobRow
from yinse.service.objects.purging import UNHEARD, purge_prefix

KIND = "speech"


async def refund(session: AsyncSession, job: JobRow) -> None:
    """Give back the characters of a job that ended without being spoken, and forget what was asked for."""
    assert job.ended_at is not None
    payload = job.payload
    await quota.give_back(session, job.account_id, payload["characters"], payload["period"])
    if payload["grant_id"] is not None:
        await grants.give_back(session, payload["grant_id"], payload["characters"])
    forget(session, job, job.ended_at, later=UNHEARD)


def forget(session: AsyncSession, job: JobRow, now: datetime, *, later: timedelta = timedelta()) -> None:
    """Leave neither the text nor a part of its audio behind: history has it, or nobody."""
    payload = dict(job.payload)
    payload.pop("order", None)
    if (prefix := payload.pop("parts", None)) is not None:
        purge_prefix(session, now, job.account_id, prefix, later=later)
    job.payload = payload
