"""One click deletes: the key is shredded, caches and links die, objects are purged, a receipt is signed.

Revoking keeps the material and stops every use of it.
"""

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from yinse.contracts.errors import NotFound
from yinse.service.consents.tables import ConsentRow
from yinse.service.context import Context
from yinse.service.grants import repository as grants
from yinse.service.history import tally
from yinse.service.history.tables import GenerationRow
from yinse.service.ids import new_id
from yinse.service.jobs import queue
from yinse.service.jobs.tables import OPEN, JobRow
from yinse.service.objects.purging import ATTEMPTS, PURGE, UNHEARD, purge_prefix
from yinse.service.speech import orders
from yinse.service.voices import repository
from yinse.service.voices.tables import EvictionRow, ReceiptRow, VoiceRow, VoiceState

Statement = dict[str, Any]


async def delete_voice(ctx: Context, voice_id: str) -> ReceiptRow:
    """Destroy a voice and everything made of it; return the signed receipt. Raises `NotFound`."""
    row = await repository.own(ctx.session, ctx.account_id, voice_id)
    await _silence(ctx, row)
    fingerprint = await ctx.ports.keys.shred_voice(ctx.account_id, voice_id)
    objects = await repository.objects(ctx.session, voice_id)
    await _forget(ctx, row)
    statement: Statement = {
        "voice_id": voice_id,
        "account_id": ctx.account_id,
        "object_count": len(objects),
        "key_fingerprint": fingerprint,
        "epoch": row.epoch,
        "deleted_at": ctx.now.isoformat(),
    }
    await ctx.audit("voice.deleted", voice_id, statement)
    signature = (await ctx.ports.keys.signer()).sign(statement)
    return await _receipt(ctx, voice_id, statement, signature)


async def delete_again(ctx: Context, voice_id: str, statement: Statement, signature: str) -> bool:
    """Repeat a deletion that a restored backup has undone, on its receipt; tell whether the voice was there.

    The receipt is kept too where the backup does not have it: the next restore needs it again.
    """
    await ctx.ports.keys.shred_voice(ctx.account_id, voice_id)
    row = await ctx.session.get(VoiceRow, voice_id)
    undone = row is not None and row.state != VoiceState.DELETED.value
    if row is not None and undone:
        await _silence(ctx, row)
        await _forget(ctx, row)
        await ctx.audit("voice.deleted", voice_id, statement)
    if await ctx.session.scalar(select(ReceiptRow.id).where(ReceiptRow.voice_id == voice_id)) is None:
        await _receipt(ctx, voice_id, statement, signature)
    return undone


async def _forget(ctx: Context, row: VoiceRow) -> None:
    """Everything that describes a voice goes; its objects are purged by a job."""
    row.state, row.deleted_at = VoiceState.DELETED.value, ctx.now
    row.name, row.description, row.labels, row.report = "", "", {}, None
    await _forget_use(ctx, row.id)
    await evict(ctx, row)
    purge = {"voice_id": row.id}
    queue.enqueue(ctx.session, ctx.now, PURGE, ctx.account_id, purge, voice_id=row.id, max_attempts=ATTEMPTS)
    purge_prefix(ctx.session, ctx.now, ctx.account_id, f"{row.account_id}/{row.id}/", later=UNHEARD)


async def revoke_voice(ctx: Context, voice_id: str, reason: str) -> VoiceRow:
    """Stop every use of a voice at once; its owner may restore or delete it. Raises `NotFound`."""
    row = await repository.own(ctx.session, ctx.account_id, voice_id)
    await stop_voice(ctx, row, reason)
    await ctx.audit("voice.revoked", voice_id)
    return row


async def stop_voice(ctx: Context, row: VoiceRow, reason: str) -> None:
    """End every use of a voice, and everybody's right to it."""
    await _silence(ctx, row)
    row.state, row.reason = VoiceState.REVOKED.value, reason
    await grants.revoke_all(ctx.session, row.id, ctx.now)
    await evict(ctx, row)


async def _silence(ctx: Context, row: VoiceRow) -> None:
    """End the jobs of a voice, then lock it: a worker that ends a job locks the job first, and then the voice.

    Raises `NotFound` for one that was deleted meanwhile.
    """
    await cancel_jobs(ctx, JobRow.voice_id == row.id)
    await ctx.session.refresh(row, with_for_update=True)
    if row.state == VoiceState.DELETED.value:
        raise NotFound(repository.ABSENT)


async def evict(ctx: Context, row: VoiceRow) -> None:
    """Stop what speaks in a voice, and make every cache of every process forget it.

    Ours is asked before the answer leaves, and no transaction waits for it: an engine process may only just be starting.
    """
    row.epoch += 1
    ctx.session.add(EvictionRow(voice_id=row.id, at=ctx.now))
    ctx.ports.live.stop(row.id)
    ctx.afterwards.append(partial(ctx.ports.speech.forget, row.id))


async def _forget_use(ctx: Context, voice_id: str) -> None:
    """History, consents' words and grants of a voice: rows that describe it go with it."""
    await grants.revoke_all(ctx.session, voice_id, ctx.now)
    await ctx.session.execute(delete(GenerationRow).where(GenerationRow.voice_id == voice_id))
    await tally.forget(ctx.session, voice_id)
    withdrawn = update(ConsentRow).where(ConsentRow.voice_id == voice_id)
    await ctx.session.execute(withdrawn.values(phrase="", name="", revoked_at=ctx.now))


async def cancel_jobs(ctx: Context, which: ColumnElement[bool]) -> None:
    """End open jobs, but for those that remove what was deleted. Whoever paid for words that nobody will speak gets them back."""
    statement = select(JobRow).where(which, JobRow.state.in_(OPEN), JobRow.kind != PURGE)
    for job in (await ctx.session.scalars(statement.with_for_update())).all():
        queue.cancel(job, ctx.now)
        ctx.ports.metrics.jobs.labels(job.kind, job.state).inc()
        if job.kind == orders.KIND:
            await orders.refund(ctx.session, job)


async def _receipt(ctx: Context, voice_id: str, statement: Statement, signature: str) -> ReceiptRow:
    receipt = ReceiptRow(
        id=new_id("rcpt"),
        account_id=ctx.account_id,
        voice_id=voice_id,
        statement=statement,
        signature=signature,
        created_at=ctx.now,
    )
    ctx.session.add(receipt)
    await ctx.session.flush()
    return receipt
