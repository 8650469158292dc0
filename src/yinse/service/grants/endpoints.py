"""Grants over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.service.access import allow
from yinse.service.accounts.tables import AccountRow
from yinse.service.consents import repository as consents
from yinse.service.context import Context
from yinse.service.grants import repository
from yinse.service.grants.schemas import Grant, Grants, NewGrant
from yinse.service.grants.tables import GrantRow
from yinse.service.ids import new_id
from yinse.service.ownership import owned
from yinse.service.principal import Scope
from yinse.service.voices import repository as voices

router = APIRouter(tags=["grants"])

VoicesRead = Annotated[Context, allow(Scope.VOICES_READ)]
VoicesWrite = Annotated[Context, allow(Scope.VOICES_WRITE)]


def _grant(row: GrantRow) -> Grant:
    names = Grant.model_fields.keys() - {"owner_id"}
    return Grant(**{name: getattr(row, name) for name in names}, owner_id=row.account_id)


@router.post("/v1/voices/{voice_id}/grants", status_code=201)
async def give_grant(ctx: VoicesWrite, voice_id: str, body: NewGrant) -> Grant:
    """Share a voice. Needs the speaker's consent to `share`."""
    await voices.own(ctx.session, ctx.account_id, voice_id)
    if await ctx.session.get(AccountRow, body.grantee_id) is None:
        raise NotFound("There is no such account to share with.")
    if body.grantee_id == ctx.account_id:
        raise InvalidInput("This voice is yours already.")
    if body.expires_at is not None and (body.expires_at.tzinfo is None or body.expires_at <= ctx.now):
        raise InvalidInput("`expires_at` must lie in the future and name its time zone.")
    for scope in {consents.SHARE, *body.scopes}:
        await consents.require(ctx.session, voice_id, scope, ctx.now)
    row = GrantRow(
        id=new_id("grant"),
        account_id=ctx.account_id,
        voice_id=voice_id,
        **body.model_dump(),
        characters_used=0,
        created_at=ctx.now,
    )
    ctx.session.add(row)
    await ctx.session.flush()
    terms = body.model_dump(mode="json")
    await ctx.audit("grant.given", row.id, {"voice_id": voice_id, **terms})
    return _grant(row)


@router.get("/v1/voices/{voice_id}/grants")
async def list_given(ctx: VoicesRead, voice_id: str) -> Grants:
    """List who may use my voice."""
    await voices.own(ctx.session, ctx.account_id, voice_id)
    return Grants(items=[_grant(row) for row in await repository.given(ctx.session, voice_id)])


@router.get("/v1/grants")
async def list_received(ctx: VoicesRead) -> Grants:
    """List the voices that others share with me."""
    rows = await repository.received(ctx.session, ctx.account_id, ctx.now)
    return Grants(items=[_grant(row) for row in rows])


@router.delete("/v1/grants/{grant_id}")
async def revoke_grant(ctx: VoicesWrite, grant_id: str) -> Grant:
    """End a grant at once."""
    row = await owned(ctx.session, GrantRow, grant_id, ctx.account_id, "grant")
    if row.revoked_at is None:
        row.revoked_at = ctx.now
        await ctx.audit("grant.revoked", row.id, {"voice_id": row.voice_id})
    return _grant(row)
