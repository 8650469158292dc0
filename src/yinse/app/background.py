"""What runs beside the requests: the worker, hearing of evictions, and keeping house."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import delete, select

from yinse.service.accounts.tables import SessionRow, TicketRow
from yinse.service.consents.tables import ChallengeRow
from yinse.service.history import reselection
from yinse.service.history.retention import forget_old
from yinse.service.jobs.tables import JobRow
from yinse.service.jobs.worker import Worker
from yinse.service.ports import Ports
from yinse.service.tasks import KINDS
from yinse.service.voices.tables import EvictionRow

log = logging.getLogger(__name__)

_EVICTION_SECONDS = 0.5
_HOUSEKEEPING_SECONDS = 3600.0
_JOBS_KEPT = timedelta(days=30)
"""How long one may ask how a job ended. Those that tried another reference stay: they say that it was tried."""
_LATE = 100
"""Evictions that may be made while one transaction that makes another is open."""


@asynccontextmanager
async def background(ports: Ports, *, work: bool) -> AsyncIterator[None]:
    """Run everything until the block ends; open streams and running jobs are given time to end."""
    worker = Worker(ports, KINDS)
    evictions = Evictions(ports)
    await evictions.skip()
    loops = [
        asyncio.create_task(_repeat(_EVICTION_SECONDS, evictions.hear)),
        asyncio.create_task(warm(ports)),
    ]
    if work:
        loops.append(asyncio.create_task(worker.run()))
        loops.append(asyncio.create_task(_repeat(_HOUSEKEEPING_SECONDS, lambda: keep_house(ports))))
    resting = asyncio.create_task(_rest(worker, ports))
    try:
        yield
    finally:
        await asyncio.gather(ports.live.drain(ports.options.drain_seconds), resting)
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def _rest(worker: Worker, ports: Ports) -> None:
    """Claim no more jobs from the moment the process is asked to end, while requests are still being answered."""
    await ports.live.closing.wait()
    await worker.stop(ports.options.drain_seconds)


async def warm(ports: Ports) -> None:
    """Let the engine load its models before anybody asks for speech; asking whether it is ready begins it."""
    await ports.speech.ready()


class Evictions:
    """Drops what this process holds of voices that another process deleted, revoked or changed.

    A number is drawn when a row is added and seen when its transaction commits, so a lower one may come after a higher:
    the last `_LATE` of them are looked at again. SQLite begins anew at 1 once all rows are gone.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports, self._newest = ports, 0
        self._heard: set[int] = set()

    async def skip(self) -> None:
        """Pass over what is there: a process that starts now holds nothing that is older."""
        self._note(await self._recent())

    async def hear(self) -> None:
        """Act on every eviction since the last time."""
        rows = await self._recent()
        for row in rows:
            if row.number not in self._heard:
                self._ports.live.stop(row.voice_id)
                await self._ports.speech.forget(row.voice_id)
        self._note(rows)

    async def _recent(self) -> Sequence[EvictionRow]:
        async with self._ports.database.transaction(write=False) as session:
            recent = select(EvictionRow).where(EvictionRow.number > self._newest - _LATE)
            return (await session.scalars(recent.order_by(EvictionRow.number))).all()

    def _note(self, rows: Sequence[EvictionRow]) -> None:
        self._heard = {row.number for row in rows}
        self._newest = max(self._heard, default=0)


async def keep_house(ports: Ports) -> None:
    """Remove what has expired: sessions, tickets, challenges, old evictions and jobs, and history past its days."""
    now = ports.clock()
    async with ports.database.transaction() as session:
        for table, column in (
            (SessionRow, SessionRow.expires_at),
            (TicketRow, TicketRow.expires_at),
            (ChallengeRow, ChallengeRow.expires_at),
        ):
            await session.execute(delete(table).where(column < now))
        await session.execute(delete(EvictionRow).where(EvictionRow.at < now - timedelta(days=1)))
        old = (JobRow.ended_at < now - _JOBS_KEPT) & (JobRow.kind != reselection.KIND)
        await session.execute(delete(JobRow).where(old))
    if ports.options.history_days:
        while await forget_old(ports):
            pass


async def _repeat(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    """Act again and again; a failure is logged and the next turn tries anew."""
    while True:
        try:
            await act()
        except Exception:
            log.exception("a background task failed")
        await asyncio.sleep(seconds)
