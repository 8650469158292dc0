"""What belongs to others does not exist: one function fetches rows, and answers 404 for a foreign id."""

from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.errors import NotFound


class _Owned(Protocol):
    @property
    def account_id(self) -> str: ...


Row = TypeVar("Row", bound=_Owned)


async def owned(
    session: AsyncSession, table: type[Row], row_id: str, account_id: str, what: str, *, lock: bool = False
) -> Row:
    """Fetch the caller's own row; `lock` it for what depends on its state.

    Raises `NotFound` alike for what is absent and what is foreign.
    """
    row = await session.get(table, row_id, with_for_update=lock)
    if row is None or row.account_id != account_id:
        raise NotFound(f"You have no such {what}.")
    return row
