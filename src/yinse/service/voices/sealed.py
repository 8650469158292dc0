"""Who may speak in which voice, and the sealed voice that goes to the engine."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.errors import NotFound
from yinse.contracts.refusals import Conflict
from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import ObjectRef
from yinse.service.consents import coverage
from yinse.service.context import Context
from yinse.service.grants import repository as grants
from yinse.service.grants.tables import GrantRow
from yinse.service.keystore.service import KeyStore
from yinse.service.voices import presets, repository
from yinse.service.voices.tables import SPEAKING, VersionRow, VersionState, VoiceRow, VoiceState

_NO_VERSION = "This voice has no such version."


@dataclass(frozen=True, slots=True)
class Usable:
    """A voice the caller may speak in now, by ownership, by a grant, or because it is a preset.

    What is spoken is kept for `keeper`, under the key of `shelf`: the voice's own, but for presets.
    """

    row: VoiceRow
    sealed: SealedVoice
    grant: GrantRow | None
    keeper: str
    shelf: str


async def require_ready(ctx: Context, handle: str, version_id: str | None, scope: str) -> Usable:
    """Owned, granted for `scope` or a preset, consented where it must be, and ready. `handle` is an id or one of my names.

    Raises `NotFound`, `PermissionDenied`, `Conflict` (not ready), `ConsentRequired`, `Unsealable`.
    """
    row, grant = await find(ctx, handle, scope)
    if row.state not in SPEAKING:
        raise Conflict(_unready(row), code=f"voice_{row.state}")
    if presets.is_preset(row.id):
        if version_id is not None:
            raise NotFound(_NO_VERSION)
        sealed = await presets.seal(ctx.ports.keys, ctx.account_id, row)
        return Usable(row, sealed, None, ctx.account_id, presets.shelf_of(ctx.account_id))
    version = await _version(ctx.session, row, version_id)
    if grant is not None:
        await coverage.require_version(ctx.session, version.id, scope, ctx.now)
    sealed = await seal(ctx.session, ctx.ports.keys, row, version)
    return Usable(row, sealed, grant, row.account_id, row.id)


async def find(ctx: Context, handle: str, scope: str | None = None) -> tuple[VoiceRow, GrantRow | None]:
    """Find a voice the caller owns or holds a valid grant for, or a preset; one's own names come first.

    Raises `NotFound`, `ConsentRequired`, and `PermissionDenied` for a voice that is shared, but not for `scope`.
    """
    row = await repository.by_handle(ctx.session, ctx.account_id, handle)
    if row is not None:
        return row, None
    grant = await grants.valid(ctx.session, handle, ctx.account_id, ctx.now, scope)
    if grant is None and (preset := await presets.by_handle(ctx.session, ctx.ports.presets, handle)):
        return preset, None
    row = await ctx.session.get(VoiceRow, handle) if grant else None
    if row is None or row.state == VoiceState.DELETED.value:
        raise NotFound(repository.ABSENT)
    return row, grant


async def seal(session: AsyncSession, keys: KeyStore, row: VoiceRow, version: VersionRow) -> SealedVoice:
    """Gather wrapped keys and object references of one version. Raises `Unsealable` after shredding."""
    objects = {"prompt": ObjectRef(row.account_id, row.id, version.prompt_id, "prompt")}
    if version.adapter_id is not None:
        objects["adapter"] = ObjectRef(row.account_id, row.id, version.adapter_id, "adapter")
    chain = await keys.voice(row.account_id, row.id)
    epoch = row.epoch if version.state == VersionState.ACTIVE.value else -version.number
    return SealedVoice(row.id, epoch, chain, objects)


async def _version(session: AsyncSession, row: VoiceRow, version_id: str | None) -> VersionRow:
    version = await session.get(VersionRow, version_id or row.version_id or "")
    if version is None or version.voice_id != row.id:
        raise NotFound(_NO_VERSION)
    return version


def _unready(row: VoiceRow) -> str:
    if row.state == VoiceState.PENDING.value:
        return "This voice is still being made; follow its job."
    if row.state == VoiceState.REJECTED.value:
        return f"This voice could not be made: {row.reason}"
    return "This voice is revoked."
