"""Everything an account has: shown on request, and destroyed on request."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select

from yinse.contracts.refusals import Conflict
from yinse.service.accounts.tables import (
    AccountRow,
    ApiKeyRow,
    IdentityRow,
    SessionRow,
    TicketRow,
    UsageRow,
)
from yinse.service.audit.tables import AuditRow
from yinse.service.consents.tables import ChallengeRow, ConsentRow
from yinse.service.context import Context
from yinse.service.dictionaries.tables import DictionaryRow, DictionaryVersionRow
from yinse.service.grants.tables import GrantRow
from yinse.service.history.tables import GenerationRow
from yinse.service.jobs.tables import JobRow
from yinse.service.objects.purging import purge
from yinse.service.objects.tables import ObjectRow
from yinse.service.voices import repository
from yinse.service.voices.deletion import cancel_jobs, delete_voice
from yinse.service.voices.tables import ReceiptRow, VoiceRow

ERASED = "account.erased"
"""What the audit chain calls an erasure: the ledger of deletions reads it there."""
_OWNED: tuple[Any, ...] = (
    VoiceRow,
    ConsentRow,
    GrantRow,
    GenerationRow,
    DictionaryRow,
    ObjectRow,
    JobRow,
    ApiKeyRow,
    ReceiptRow,
)
_FORGOTTEN: tuple[Any, ...] = (
    GenerationRow,
    DictionaryRow,
    ConsentRow,
    ChallengeRow,
    ApiKeyRow,
    SessionRow,
    TicketRow,
    IdentityRow,
    UsageRow,
)


async def inventory(ctx: Context) -> Mapping[str, Any]:
    """What is stored about the account, by kind: how many rows, and how many bytes of sealed objects."""
    counts = {}
    for table in _OWNED:
        statement = select(func.count()).select_from(table).where(table.account_id == ctx.account_id)
        counts[str(table.__tablename__)] = await ctx.session.scalar(statement) or 0
    size = select(func.coalesce(func.sum(ObjectRow.size), 0)).where(ObjectRow.account_id == ctx.account_id)
    return {"rows": counts, "sealed_bytes": int(await ctx.session.scalar(size) or 0)}


async def erase(ctx: Context) -> list[ReceiptRow]:
    """Destroy every voice and the account itself; return the receipts. The audit chain keeps ids only.

    Raises `Conflict` for a platform that still has members: nobody could reach their voices any more.
    """
    await cancel_jobs(ctx, JobRow.account_id == ctx.account_id)
    await ctx.session.get(AccountRow, ctx.account_id, with_for_update=True)  # speech settles before or after
    members = select(func.count()).select_from(AccountRow).where(AccountRow.managed_by == ctx.account_id)
    if count := await ctx.session.scalar(members):
        raise Conflict(
            f"You act for {count} members; erase them first, each on its behalf.", code="has_members"
        )
    voices = await repository.all_own(ctx.session, ctx.account_id)
    receipts = [await delete_voice(ctx, voice.id) for voice in voices]
    await ctx.session.flush()
    await _forget_account(ctx)
    await ctx.audit(ERASED, ctx.account_id, {"voices": len(receipts)})
    return receipts


async def erase_again(ctx: Context, erased_at: str) -> bool:
    """Repeat an erasure that a restored backup has undone; tell whether the account was there."""
    known = select(AuditRow.number).where(AuditRow.action == ERASED, AuditRow.subject == ctx.account_id)
    if await ctx.session.scalar(known.limit(1)) is not None:
        return False
    undone = await ctx.session.get(AccountRow, ctx.account_id) is not None
    await _forget_account(ctx)
    await ctx.audit(ERASED, ctx.account_id, {"erased_at": erased_at})
    return undone


async def _forget_account(ctx: Context) -> None:
    await cancel_jobs(ctx, JobRow.account_id == ctx.account_id)
    await _purge_audio(ctx)
    await ctx.ports.keys.shred_account(ctx.account_id)
    await _forget_rows(ctx)
    account = await ctx.session.get(AccountRow, ctx.account_id)
    if account is not None:
        account.email, account.display_name, account.password_hash = None, "", None
        account.external_id, account.managed_by, account.suspended_at = None, None, ctx.now


async def _purge_audio(ctx: Context) -> None:
    """Remove what no voice of its own takes along: what others' and presets said for it, and consents without a voice."""
    spoken = select(GenerationRow.audio_id).where(GenerationRow.account_id == ctx.account_id)
    unbound = (ObjectRow.account_id == ctx.account_id) & (ObjectRow.voice_id == "")
    held = select(ObjectRow).where(ObjectRow.id.in_(spoken) | unbound)
    rows = (await ctx.session.scalars(held)).all()
    for row in rows:
        await ctx.session.delete(row)
    purge(ctx.session, ctx.now, ctx.account_id, [row.ref.path for row in rows])


async def _forget_rows(ctx: Context) -> None:
    own = select(DictionaryRow.id).where(DictionaryRow.account_id == ctx.account_id)
    versions = delete(DictionaryVersionRow).where(DictionaryVersionRow.dictionary_id.in_(own))
    await ctx.session.execute(versions)
    for table in _FORGOTTEN:
        await ctx.session.execute(delete(table).where(table.account_id == ctx.account_id))
    await ctx.session.execute(delete(GrantRow).where(GrantRow.grantee_id == ctx.account_id))
