"""Ciphertext that no row names any more goes by a job, which is added in the transaction that forgets the row.

So no transaction waits for the store, and a store that does not answer just now is asked again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.service.jobs import queue

PURGE = "purge"
UNHEARD = timedelta(minutes=2)
"""By then a worker has long heard that its job ended, and writes no more."""
ATTEMPTS = 20
"""A store may be away for a quarter of an hour."""


def purge(session: AsyncSession, now: datetime, account_id: str, paths: Sequence[str]) -> None:
    """Remove some objects."""
    if paths:
        queue.enqueue(session, now, PURGE, account_id, {"paths": list(paths)}, max_attempts=ATTEMPTS)


def purge_prefix(
    session: AsyncSession, now: datetime, account_id: str, prefix: str, *, later: timedelta = timedelta()
) -> None:
    """Remove every object whose path begins so; `later`, once nobody writes such any more."""
    job = queue.enqueue(session, now, PURGE, account_id, {"prefix": prefix}, max_attempts=ATTEMPTS)
    job.run_after = now + later
