"""The database: SQLite in WAL mode by default, PostgreSQL by its URL. Feature code never commits.

On SQLite a writing transaction begins with BEGIN IMMEDIATE, so that it waits for its turn at the start
instead of failing when it first writes.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar
from weakref import WeakSet

import aiosqlite
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

_PATIENCE_SECONDS, _STEP_SECONDS = 5.0, 0.02
"""Longest wait for connections whose threads still work, and how often they are looked at."""
_ROWS_AT_ONCE = 64
"""Rows that aiosqlite fetches together; its own default."""
_TABLES_LOCK = 0x79696E7365
"""Whoever changes tables on PostgreSQL holds this advisory lock: "yinse" in ASCII, an arbitrary number."""
_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment in UTC that keeps its zone on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse moments without a zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's bare moments their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Wide = BigInteger().with_variant(Integer, "sqlite")
"""A whole number beyond 31 bits; SQLite's integers are wide as they are."""


class Base(DeclarativeBase):
    """Every table of the main database."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant(),
        dict[str, Any]: JSON(),
        dict[str, Any] | None: JSON(none_as_null=True),
        list[str]: JSON(),
        list[str] | None: JSON(none_as_null=True),
        list[Any]: JSON(),
    }


class KeysBase(DeclarativeBase):
    """Tables of wrapped keys: a database of their own, left out of long-lived backups."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant()}


class Database:
    """One engine and its transactions."""

    def __init__(self, url: str, *, secure_delete: bool = False) -> None:
        self.url = url
        # Parameters are names, addresses and texts: an error may reach the log, they may not.
        self._threads: WeakSet[threading.Thread] = WeakSet()
        self._opened: WeakSet[Any] = WeakSet()
        self.engine = create_async_engine(url, pool_pre_ping=not self.is_sqlite, hide_parameters=True)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite(secure_delete))
            event.listen(self.engine.sync_engine, "do_connect", self._watch)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        self._read = async_sessionmaker(self.engine, expire_on_commit=False)
        self._write = async_sessionmaker(
            self.engine.execution_options(yinse_write=True), expire_on_commit=False
        )

    @property
    def is_sqlite(self) -> bool:
        """Tell the embedded database from a server."""
        return make_url(self.url).get_backend_name() == "sqlite"

    @asynccontextmanager
    async def transaction(self, *, write: bool = True) -> AsyncIterator[AsyncSession]:
        """Commit when the block ends, roll back when it raises. Begins at the first statement.

        Whoever is cancelled while it ends is kept until it has.
        """
        sessions = self._write if write else self._read
        async with sessions.begin() as session:
            yield session

    async def answers(self) -> bool:
        """Tell whether it can be asked anything."""
        try:
            async with self.transaction(write=False) as session:
                return bool(await session.scalar(text("SELECT 1")))
        except SQLAlchemyError:
            return False

    async def create(self, metadata: MetaData) -> None:
        """Make every missing table of `metadata` as it is now (tests, and the key database)."""
        async with self.alone() as connection:
            await connection.run_sync(metadata.create_all)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes tables; of several processes that start at once, one does at a time."""
        async with self.engine.execution_options(yinse_write=True).begin() as connection:
            if not self.is_sqlite:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_TABLES_LOCK})"))
            yield connection

    async def checkpoint(self) -> None:
        """Empty SQLite's write-ahead log into the file, so that deleted rows are gone from both."""
        if self.is_sqlite:
            async with self.engine.connect() as connection:
                raw = await connection.get_raw_connection()
                await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    async def close(self) -> None:
        """Close every connection, those that interrupted requests left closing behind them too.

        aiosqlite waits for its thread once more when it is cancelled while it closes; if the thread ended meanwhile, that
        would be for ever, and the loop could not end. Cancelled twice, it gives up that wait too. A thread that still works
        on a statement is waited for: it tells the loop, which must be there.
        """
        await self.engine.dispose()
        for connection in list(self._opened):  # what a request that was interrupted twice has lost
            if connection._thread.is_alive():
                connection.stop()
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + _PATIENCE_SECONDS
        while True:
            closing = [task for task in asyncio.all_tasks() if _closes(task)]
            working = any(thread.is_alive() for thread in self._threads)
            late = loop.time() > patient_until
            if not closing and (late or not working):
                return
            for task in closing:
                if late or not working:
                    task.cancel()
            await asyncio.sleep(_STEP_SECONDS)

    def _watch(self, _dialect: Any, _record: Any, _arguments: Any, named: dict[str, Any]) -> None:
        """Have connections made where they can be found again, also those that are never finished."""

        async def connect(*arguments: Any, **others: Any) -> Any:
            connection = _Connection(partial(sqlite3.connect, *arguments, **others), _ROWS_AT_ONCE)
            connection._thread.daemon = True
            self._opened.add(connection)
            self._threads.add(connection._thread)
            return await connection

        named["async_creator_fn"] = connect


class _Connection(aiosqlite.Connection):
    """Ends its transaction before it closes or stops.

    SQLite keeps a connection that is closed open while one of its statements is, and a request that is interrupted leaves
    its statement open: its transaction would keep the database locked for everybody until the garbage is collected.
    Told to stop and then to close, aiosqlite does not even close it.
    """

    async def close(self) -> None:
        """Let go of the database, then close."""
        self._end()
        await super().close()

    def stop(self) -> "asyncio.Future[Any] | None":
        """Let go of the database after what the thread works on, then stop it."""
        self._end()
        return super().stop()

    def _end(self) -> None:
        if self._connection is not None:
            self._tx.put_nowait((None, partial(_let_go, self._connection)))


def _let_go(connection: sqlite3.Connection) -> None:
    connection.rollback()
    connection.close()


def _closes(task: "asyncio.Task[Any]") -> bool:
    """Whether a task is SQLAlchemy's, closing a connection whose request was interrupted."""
    return getattr(task.get_coro(), "__name__", "") == "_terminate_graceful_close"


def _prepare_sqlite(secure_delete: bool) -> Any:
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
            cursor.execute(f"PRAGMA {pragma}")
        if secure_delete:
            cursor.execute("PRAGMA secure_delete=ON")
            cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return prepare


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("yinse_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
