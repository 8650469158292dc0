"""Claims jobs and runs their handlers until told to stop.

A handler may run more than once (a worker can die at any instruction), so what it writes outside the
database it writes to names of its own job; what it writes inside, it returns as `apply`, which commits
together with the job's end, once.
"""

import asyncio
import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.errors import InvalidInput, YinseError
from yinse.contracts.refusals import AtCapacity, BackendFailed, Unsealable
from yinse.service.ids import new_id
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow
from yinse.service.ports import Ports
from yinse.service.principal import Scope

log = logging.getLogger(__name__)

Apply = Callable[[AsyncSession], Awaitable[None]]
_IDLE_SECONDS = 0.25
_RETRYABLE = (AtCapacity, BackendFailed, Unsealable)
"""The last one also because the root key may be replaced under a job, which then holds keys that the new one did not wrap."""


class LeaseLost(Exception):
    """The job was cancelled, or another worker took it over."""


@dataclass(slots=True)
class Task:
    """One attempt at one job."""

    ports: Ports
    job: JobRow
    _progress: float = 0.0

    async def progress(self, fraction: float) -> None:
        """Note how far it is, 0..1. Raises `LeaseLost` when there is no point in going on."""
        self._progress = fraction
        await self.beat()

    async def beat(self) -> None:
        """Keep the lease. Raises `LeaseLost`."""
        ports = self.ports
        lease = timedelta(seconds=ports.options.lease_seconds)
        if not await queue.heartbeat(ports.database, self.job, ports.clock(), lease, self._progress):
            raise LeaseLost


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller sees (`result`), and what commits together with the job's end (`apply`)."""

    result: Mapping[str, Any] = field(default_factory=dict)
    apply: Apply | None = None


Handler = Callable[[Task], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class JobKind:
    """How a kind of job runs, and what its final failure or cancellation does to the rows it is about.

    A worker runs `most` of them at once, so that what lasts for hours never stands in the way of other kinds. Whoever
    holds `cancelled_by` may cancel one; where it is None, nobody may.
    """

    handler: Handler
    on_failure: queue.Ended | None = None
    most: int = 1
    cancelled_by: Scope | None = None


class Worker:
    """Runs as many jobs at a time as their kinds allow."""

    def __init__(self, ports: Ports, kinds: Mapping[str, JobKind]) -> None:
        self.ports, self.kinds = ports, kinds
        self.name = f"{os.uname().nodename}-{os.getpid()}-{new_id('w')[-6:]}"
        self._stopping = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._running: dict[asyncio.Task[None], str] = {}

    async def run(self) -> None:
        """Work until `stop`; a broken database is reported and tried again."""
        while not self._stopping.is_set():
            if not await self._begin():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), _IDLE_SECONDS)

    async def _begin(self) -> bool:
        """Claim a job and start it; tell whether there was one."""
        async with self._claiming:
            if self._stopping.is_set():
                return False
            try:
                job = await self._claim()
            except Exception:
                log.exception("the queue does not answer")
                return False
            if job is not None:
                task = asyncio.create_task(self.attempt(job))
                self._running[task] = job.kind
                task.add_done_callback(self._running.pop)
            return job is not None

    async def stop(self, seconds: float) -> None:
        """Claim nothing more, let running jobs end in time, and give the others back."""
        self._stopping.set()
        async with self._claiming:  # what is being claimed at this moment is running then
            pass
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def run_pending(self) -> int:
        """Run everything that waits now, one after the other; return how many (tests, one-shot commands)."""
        done = 0
        while (job := await self._claim()) is not None:
            await self.attempt(job)
            done += 1
        return done

    async def attempt(self, job: JobRow) -> None:
        """Run one claimed job to its end, or give it back."""
        task = Task(self.ports, job)
        try:
            with self.ports.tracing.span("job", {"job": job.id, "kind": job.kind, "attempt": job.attempt}):
                async with self._heartbeats(task):
                    outcome = await self.kinds[job.kind].handler(task)
            await self._succeed(job, outcome)
        except LeaseLost:
            log.info("job given up", extra={"fields": {"job": job.id, "kind": job.kind}})
        except asyncio.CancelledError:
            await self._end(job, lambda row: queue.release(row, self.ports.clock()))
            raise
        except _RETRYABLE as error:
            await self._retry(job, error.code, error.message)
        except YinseError as error:
            await self._fail(job, error)
        except Exception as error:
            log.error("job broke", exc_info=error, extra={"fields": {"job": job.id, "kind": job.kind}})
            await self._retry(job, "error", "Something broke on our side.")

    async def _claim(self) -> JobRow | None:
        running = Counter(self._running.values())
        full = [name for name, kind in self.kinds.items() if running[name] >= kind.most]
        lease = timedelta(seconds=self.ports.options.lease_seconds)
        now, database = self.ports.clock(), self.ports.database
        return await queue.claim(database, self.name, now, lease, full, self._ended)

    async def _succeed(self, job: JobRow, outcome: Outcome) -> None:
        async with self.ports.database.transaction() as session:
            row = await queue.lock_held(session, job)
            if row is None:
                raise LeaseLost
            if outcome.apply is not None:
                await outcome.apply(session)
            queue.succeed(row, outcome.result, self.ports.clock())
        self.ports.metrics.jobs.labels(job.kind, "succeeded").inc()

    async def _fail(self, job: JobRow, error: YinseError) -> None:
        recording = error.recording if isinstance(error, InvalidInput) else None
        now = self.ports.clock()
        await self._end(job, lambda row: queue.fail(row, error.code, error.message, now, recording))

    async def _retry(self, job: JobRow, code: str, message: str) -> None:
        await self._end(job, lambda row: queue.retry(row, code, message, self.ports.clock()))

    async def _end(self, job: JobRow, ending: Callable[[JobRow], None]) -> None:
        async with self.ports.database.transaction() as session:
            row = await queue.lock_held(session, job)
            if row is None:
                return
            ending(row)
            if row.ended_at is not None:
                await self._ended(session, row)

    async def _ended(self, session: AsyncSession, row: JobRow) -> None:
        """A job has ended badly: count it, and put right what it was about."""
        self.ports.metrics.jobs.labels(row.kind, row.state).inc()
        if on_failure := self.kinds[row.kind].on_failure:
            await on_failure(session, row)

    @asynccontextmanager
    async def _heartbeats(self, task: Task) -> AsyncIterator[None]:
        """Keep the lease while the handler works; cancel it when the lease is lost.

        A beat that fails (a database that is busy or away) is logged: the lease outlasts two of them.
        """
        owner = asyncio.current_task()
        assert owner is not None
        lost = False

        async def beat() -> None:
            nonlocal lost
            while True:
                await asyncio.sleep(self.ports.options.lease_seconds / 3)
                try:
                    await task.beat()
                except LeaseLost:
                    lost = True
                    owner.cancel()
                    return
                except Exception:
                    log.exception("a heartbeat failed", extra={"fields": {"job": task.job.id}})

        beating = asyncio.create_task(beat())
        try:
            yield
        except asyncio.CancelledError:
            if lost and owner.uncancel() == 0:
                raise LeaseLost from None
            raise
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
