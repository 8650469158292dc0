"""Characters per month: reserved before speaking, given back when it fails."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.refusals import QuotaExceeded
from yinse.service.accounts.tables import AccountRow, UsageRow


def period_of(now: datetime) -> str:
    """The month that use is counted in."""
    return now.strftime("%Y-%m")


def seconds_left(now: datetime) -> int:
    """Seconds until the next month begins."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int(((first + timedelta(days=32)).replace(day=1) - now).total_seconds())


async def allowance(session: AsyncSession, account_id: str, default: int) -> int:
    """Characters an account may speak in a month."""
    account = await session.get_one(AccountRow, account_id)
    return default if account.characters_monthly is None else account.characters_monthly


async def used(session: AsyncSession, account_id: str, now: datetime) -> int:
    """Characters spoken this month."""
    row = await session.get(UsageRow, (account_id, period_of(now)))
    return row.characters if row else 0


async def reserve(session: AsyncSession, account_id: str, characters: int, most: int, now: datetime) -> None:
    """Take characters from the month's allowance. Raises `QuotaExceeded`."""
    period = period_of(now)
    if await session.get(UsageRow, (account_id, period)) is None:
        with suppress(IntegrityError):  # another request was the first of this month
            async with session.begin_nested():
                session.add(UsageRow(account_id=account_id, period=period, characters=0))
    statement = (
        update(UsageRow)
        .where(UsageRow.account_id == account_id, UsageRow.period == period)
        .where(UsageRow.characters + characters <= most)
        .values(characters=UsageRow.characters + characters)
        .returning(UsageRow.characters)
        .execution_options(synchronize_session=False)
    )
    if (await session.scalar(statement)) is None:
        spent = select(UsageRow.characters).where(
            UsageRow.account_id == account_id, UsageRow.period == period
        )
        remaining = max(0, most - (await session.scalar(spent) or 0))
        message = f"{remaining} of this month's {most} characters are left."
        raise QuotaExceeded(message, retry_after=seconds_left(now), remaining=remaining)


async def give_back(session: AsyncSession, account_id: str, characters: int, period: str) -> None:
    """Return characters that were reserved and not spoken."""
    statement = (
        update(UsageRow)
        .where(UsageRow.account_id == account_id, UsageRow.period == period)
        .values(characters=UsageRow.characters - characters)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)
