"""A long text that was paid for and is not spoken to its end: the characters go back, what was spoken of it goes."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.storage import ObjectRef
from yinse.service.accounts import quota
from yinse.service.grants import repository as grants
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow

SPEECH = "speech"
"""The kind of job that speaks a long text."""
_LAST_PART = timedelta(minutes=2)
"""Until then a worker that has not heard of the end may still write a part."""


async def refund(session: AsyncSession, job: JobRow) -> None:
    """Give the characters of a job that has ended back to its account and its grant; have its parts purged."""
    payload, ended = job.payload, job.ended_at
    assert ended is not None
    await quota.give_back(session, job.account_id, payload["characters"], payload["period"])
    if payload["grant_id"] is not None:
        await grants.give_back(session, payload["grant_id"], payload["characters"])
    if "shelf" in payload:  # not in a job that an older version took
        owner_id, shelf_id = payload["shelf"]
        refs = (
            part_ref(owner_id, shelf_id, payload["generation_id"], index) for index in range(payload["parts"])
        )
        paths = {"paths": [ref.path for ref in refs]}
        queue.enqueue(session, ended + _LAST_PART, "purge", job.account_id, paths, max_attempts=20)


def part_ref(owner_id: str, shelf_id: str, generation_id: str, index: int) -> ObjectRef:
    """Where a part that is spoken already lies until the whole is."""
    return ObjectRef(owner_id, shelf_id, f"part_{generation_id}_{index:05d}", "part")
