"""kill -9 in every state: the job is done in the end, and its effect is there exactly once."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from yinse.service.clock import utc_now
from yinse.service.db import Base, Database
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow

PROGRAM = Path(__file__).with_name("crash_worker.py")


def run_worker(url: str, point: str, log: Path) -> int:
    source = Path(__file__).parents[3] / "src"
    environment = {**os.environ, "PYTHONPATH": str(source)}
    command = [sys.executable, str(PROGRAM), url, point, str(log)]
    return subprocess.run(command, env=environment, timeout=60).returncode


def in_database(url, function):
    async def run():
        database = Database(url)
        try:
            async with database.transaction() as session:
                return await function(session)
        finally:
            await database.close()

    return asyncio.run(run())


@pytest.fixture
def url(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/jobs.sqlite3"

    async def prepare():
        database = Database(url)
        await database.create(Base.metadata)
        async with database.transaction() as session:
            await session.execute(text("create table effects (job text)"))
            queue.enqueue(session, utc_now(), "crash", "acct_a", {})
        await database.close()

    asyncio.run(prepare())
    return url


@pytest.mark.parametrize("point", ["claimed", "claiming", "working", "worked", "applying", "ended"])
def test_a_killed_worker_loses_nothing(url, tmp_path, point):
    assert run_worker(url, point, tmp_path / "log") == -signal.SIGKILL
    time.sleep(0.7)
    assert run_worker(url, "never", tmp_path / "log") == 0

    async def look(session):
        job = (await session.execute(text("select id from jobs"))).scalar_one()
        effects = (await session.execute(text("select job from effects"))).scalars().all()
        return await session.get_one(JobRow, job), effects

    job, effects = in_database(url, look)
    assert (job.state, job.result) == ("succeeded", {"done": True})
    assert effects == [job.id]
    assert job.attempt == (1 if point == "ended" else 2)
