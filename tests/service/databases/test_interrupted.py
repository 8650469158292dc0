"""Requests that are interrupted in the middle of a statement do not keep the service from ending."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from yinse.service.db import Database, _Connection

LONG = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n"
)
ROUNDS = 8


async def _interrupt(path: Path) -> list[str]:
    database = Database(f"sqlite+aiosqlite:///{path}")

    async def ask() -> None:
        async with database.transaction() as session:
            await session.execute(LONG)

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    await asyncio.sleep(0.01)
    for _ in range(3):  # as cancel scopes do: the second one meets a connection that is being closed
        for task in asking:
            task.cancel()
        await asyncio.sleep(0.001)
    await asyncio.gather(*asking, return_exceptions=True)
    await database.close()
    return ["cancelled" if task.cancelled() else "done" for task in asking]


def test_the_loop_ends_after_interrupted_statements(tmp_path):
    outcomes: list[str] = []

    def run() -> None:
        for round_ in range(ROUNDS):
            outcomes.extend(asyncio.run(_interrupt(tmp_path / f"{round_}.db")))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert len(outcomes) == 4 * ROUNDS
    assert "cancelled" in outcomes


@pytest.mark.parametrize("interrupted", ["commit", "rollback"])
def test_a_transaction_that_is_interrupted_while_it_ends_ends_whole(
    tmp_path, caplog, monkeypatch, interrupted
):
    ending = asyncio.Event()
    original = getattr(_Connection, interrupted)

    async def told(connection: _Connection) -> None:
        ending.set()
        await original(connection)

    async def run() -> tuple[int, int]:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'ends.db'}")
        async with database.transaction() as session:
            await session.execute(text("CREATE TABLE t (n INTEGER)"))

        async def write() -> None:
            async with database.transaction() as session:
                await session.execute(text("INSERT INTO t VALUES (1)"))
            await asyncio.sleep(60)

        monkeypatch.setattr(_Connection, interrupted, told)
        writing = asyncio.create_task(write())
        await ending.wait()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        async with database.transaction(write=False) as session:
            kept = await session.scalar(text("SELECT count(*) FROM t"))
        await database.close()
        return kept, len(left)

    # Nothing goes on behind the back of whoever closes the database next, and nobody reads of an error.
    assert asyncio.run(run()) == (1, 0)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
