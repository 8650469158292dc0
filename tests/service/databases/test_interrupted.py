"""Requests that are interrupted in the middle of a statement do not keep the service from ending."""

import asyncio
import threading
from pathlib import Path

from sqlalchemy import text

from yinse.service.db import Database

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
