"""Queries about voices, each bound to an account."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.errors import NotFound
from yinse.contracts.refusals import PermissionDenied
from yinse.service.objects.tables import ObjectRow
from yinse.service.voices.presets import is_preset
from yinse.service.voices.tables import VersionRow, VersionState, VoiceRow, VoiceState

ABSENT = "You have no such voice."


async def own(session: AsyncSession, account_id: str, voice_id: str, *, lock: bool = False) -> VoiceRow:
    """Fetch the account's own voice; `lock` it for a change of its state, of which there is one at a time.

    Raises `NotFound` for deleted and foreign ones alike, `PermissionDenied` for presets.
    """
    row = await session.get(VoiceRow, voice_id, with_for_update=lock)
    if row is not None and is_preset(voice_id):
        raise PermissionDenied(
            "This is a preset: everybody may speak with it, nobody may change or share it."
        )
    if row is None or row.account_id != account_id or row.state == VoiceState.DELETED.value:
        raise NotFound(ABSENT)
    return row


async def all_own(session: AsyncSession, account_id: str) -> Sequence[VoiceRow]:
    """Every voice of an account that is not deleted, newest first."""
    statement = select(VoiceRow).where(VoiceRow.account_id == account_id)
    alive = statement.where(VoiceRow.state != VoiceState.DELETED.value)
    return (await session.scalars(alive.order_by(VoiceRow.id.desc()))).all()


async def count_own(session: AsyncSession, account_id: str) -> int:
    """Number of an account's voices that are not deleted."""
    alive = (VoiceRow.account_id == account_id) & (VoiceRow.state != VoiceState.DELETED.value)
    return await session.scalar(select(func.count()).select_from(VoiceRow).where(alive)) or 0


async def by_handle(session: AsyncSession, account_id: str, handle: str) -> VoiceRow | None:
    """Find the account's own voice by id, else the newest one by name."""
    by_id = await session.get(VoiceRow, handle)
    if by_id is not None and by_id.account_id == account_id and by_id.state != VoiceState.DELETED.value:
        return by_id
    statement = select(VoiceRow).where(
        VoiceRow.account_id == account_id,
        VoiceRow.name == handle,
        VoiceRow.state != VoiceState.DELETED.value,
    )
    return await session.scalar(statement.order_by(VoiceRow.id.desc()).limit(1))


async def objects(session: AsyncSession, voice_id: str, kind: str | None = None) -> Sequence[ObjectRow]:
    """The sealed objects of a voice, oldest first."""
    statement = select(ObjectRow).where(ObjectRow.voice_id == voice_id).order_by(ObjectRow.id)
    if kind is not None:
        statement = statement.where(ObjectRow.kind == kind)
    return (await session.scalars(statement)).all()


async def versions(session: AsyncSession, voice_id: str) -> Sequence[VersionRow]:
    """Every version of a voice, newest first."""
    statement = select(VersionRow).where(VersionRow.voice_id == voice_id)
    return (await session.scalars(statement.order_by(VersionRow.number.desc()))).all()


async def activate(session: AsyncSession, voice: VoiceRow, version: VersionRow) -> None:
    """Make one version the one that speaks; the one before it can come back. Caches must not mix them."""
    for row in await versions(session, voice.id):
        if row.state == VersionState.ACTIVE.value:
            row.state = VersionState.RETIRED.value
    version.state = VersionState.ACTIVE.value
    voice.version_id = version.id
    voice.epoch += 1
