"""A worker process that is killed at a chosen instruction (started by test_crash.py)."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from yinse.service.clock import utc_now
from yinse.service.db import Database
from yinse.service.jobs import queue
from yinse.service.jobs.worker import JobKind, Outcome, Task, Worker
from yinse.service.metrics import Metrics
from yinse.service.tracing import Tracing


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, point: str, log: Path) -> None:
    database = Database(url)
    ports: Any = SimpleNamespace(
        database=database,
        clock=utc_now,
        metrics=Metrics(),
        tracing=Tracing(),
        options=SimpleNamespace(lease_seconds=0.6),
    )

    async def handler(task: Task) -> Outcome:
        if point == "claimed":
            die()
        await task.progress(0.3)
        if point == "working":
            die()
        with log.open("a") as file:
            file.write("worked\n")
        await task.progress(0.9)
        if point == "worked":
            die()

        async def apply(session: Any) -> None:
            from sqlalchemy import text

            await session.execute(text("insert into effects values (:job)"), {"job": task.job.id})
            if point == "applying":
                die()

        return Outcome({"done": True}, apply)

    wrapped: Callable[[Task], Awaitable[Outcome]] = handler
    worker = Worker(ports, {"crash": JobKind(wrapped)})
    if point == "claiming":
        original = queue.lock_held

        async def claim_and_die(*args: Any) -> Any:
            die()
            return await original(*args)

        queue.heartbeat = claim_and_die  # type: ignore[assignment]
    done = await worker.run_pending()
    if point == "ended" and done:
        die()
    await database.close()


asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
