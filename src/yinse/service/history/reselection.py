"""Bad ratings have other stretches of the recordings tried as the reference, on the very texts that were not liked.

What comes of it is a candidate: nothing is replaced before its owner has heard both and chosen.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.refusals import Conflict
from yinse.service.context import Context
from yinse.service.history.feedback import is_bad
from yinse.service.history.tables import GenerationRow
from yinse.service.jobs import queue
from yinse.service.jobs.tables import OPEN, JobRow
from yinse.service.voices.tables import VoiceRow, VoiceState

KIND = "reselect"
BAD_RATINGS = 3
"""Bad ratings of one version that have another reference tried."""
TEXTS = 3
AUTO = "auto"


async def enqueue(ctx: Context, voice: VoiceRow) -> JobRow:
    """Try it, or name the job that is at it already. Raises `Conflict` for a voice that is not ready."""
    if voice.state != VoiceState.READY.value:
        raise Conflict("Only a ready voice can be improved.", code=f"voice_{voice.state}")
    if (job := await at_it(ctx.session, voice)) is not None:
        return job
    payload = {"voice_id": voice.id, "version_id": voice.version_id}
    return queue.enqueue(ctx.session, ctx.now, KIND, voice.account_id, payload, voice_id=voice.id)


async def at_it(session: AsyncSession, voice: VoiceRow) -> JobRow | None:
    """The job that tries it now, if there is one."""
    statement = select(JobRow).where(JobRow.voice_id == voice.id, JobRow.kind == KIND, JobRow.state.in_(OPEN))
    return await session.scalar(statement.limit(1))


async def tried(session: AsyncSession, voice: VoiceRow) -> bool:
    """Whether it was tried, or will be, for the version that speaks."""
    rows = await session.scalars(select(JobRow).where(JobRow.voice_id == voice.id, JobRow.kind == KIND))
    return any(row.payload["version_id"] == voice.version_id for row in rows)


async def consider(ctx: Context, rated: GenerationRow) -> None:
    """After a bad rating: enough of them by the voice's owner, and none tried yet, and it is tried."""
    if not is_bad(rated):
        return
    voice = await ctx.session.get(VoiceRow, rated.voice_id)
    if voice is None or voice.account_id != ctx.account_id or voice.state != VoiceState.READY.value:
        return
    await ctx.session.flush()
    bad = await disliked(ctx.session, voice)
    if len(bad) >= BAD_RATINGS and not await tried(ctx.session, voice):
        await enqueue(ctx, voice)


async def disliked(session: AsyncSession, voice: VoiceRow) -> Sequence[GenerationRow]:
    """What the owner did not like of the version that speaks, newest first. Others' words are not the owner's."""
    statement = select(GenerationRow).where(
        GenerationRow.voice_id == voice.id,
        GenerationRow.version_id == voice.version_id,
        GenerationRow.account_id == voice.account_id,
        GenerationRow.rating.is_not(None) | GenerationRow.thumb.is_not(None),
    )
    rows = await session.scalars(statement.order_by(GenerationRow.id.desc()))
    return [row for row in rows if is_bad(row)]


def reading_language(voice: VoiceRow, rows: Sequence[GenerationRow]) -> str:
    """What a voice's owner reads in: the voice's language, else the one that was asked for most, else Chinese."""
    if voice.language != AUTO:
        return voice.language
    asked = [language for row in rows if (language := row.controls.get("language", AUTO)) != AUTO]
    return max(sorted(set(asked)), key=asked.count, default="zh")
