"""Queries about history."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from yinse.service.history.tables import GenerationRow


async def page(
    session: AsyncSession, account_id: str, *, voice_id: str | None, before: str | None, limit: int
) -> Sequence[GenerationRow]:
    """An account's utterances, newest first, older than `before`; when what was spoken in them is not read."""
    statement = select(GenerationRow).where(GenerationRow.account_id == account_id)
    statement = statement.options(defer(GenerationRow.timings))
    if voice_id is not None:
        statement = statement.where(GenerationRow.voice_id == voice_id)
    if before is not None:
        statement = statement.where(GenerationRow.id < before)
    return (await session.scalars(statement.order_by(GenerationRow.id.desc()).limit(limit))).all()


async def of_voice(session: AsyncSession, voice_id: str) -> Sequence[GenerationRow]:
    """Every utterance in a voice, oldest first; what was said in them is not read."""
    statement = select(GenerationRow).where(GenerationRow.voice_id == voice_id)
    statement = statement.options(defer(GenerationRow.text), defer(GenerationRow.timings))
    return (await session.scalars(statement.order_by(GenerationRow.id))).all()
