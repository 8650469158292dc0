"""Alembic's entry: the connection comes from the caller, the metadata from every feature's tables."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from yinse.service.db import Instant
from yinse.service.tables import METADATA


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own types as the plain ones they are stored as."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def ours(item: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    """Tables of keys may lie in the same database; they are not ours to change."""
    return kind != "table" or name in METADATA.tables


connection: sa.Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render,
    include_object=ours,
)
with context.begin_transaction():
    context.run_migrations()
