"""Accounts, sessions, keys, tickets and members over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Response

from yinse.service.access import COOKIE, allow, arriving, public
from yinse.service.accounts import quota, service
from yinse.service.accounts.schemas import (
    Account,
    ApiKey,
    CreatedKey,
    Entrance,
    ExternalId,
    Keys,
    Me,
    Members,
    NewKey,
    NewMember,
    NewPassword,
    NewTicket,
    SignedIn,
    SignIn,
    SignUp,
    Ticket,
)
from yinse.service.accounts.tables import AccountRow, ApiKeyRow
from yinse.service.context import Context, Visit
from yinse.service.principal import Scope

router = APIRouter(tags=["accounts"])

AccountRead = Annotated[Context, allow(Scope.ACCOUNT)]
AccountWrite = Annotated[Context, allow(Scope.ACCOUNT)]
MembersWrite = Annotated[Context, allow(Scope.MEMBERS)]


def _account(row: AccountRow) -> Account:
    return Account.model_validate(row, from_attributes=True)


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey.model_validate(row, from_attributes=True)


@router.post("/v1/accounts", status_code=201)
async def sign_up(visit: Annotated[Visit, public()], body: SignUp) -> Account:
    """Create an account."""
    return _account(
        await service.sign_up(visit, body.email, body.password.get_secret_value(), body.display_name)
    )


@router.post("/v1/sessions", status_code=201)
async def sign_in(visit: Annotated[Visit, public()], body: SignIn, response: Response) -> SignedIn:
    """Sign in; the session is also set as a cookie."""
    token, session, account = await service.sign_in(visit, body.email, body.password.get_secret_value())
    set_cookie(response, token, visit)
    return SignedIn(token=token, expires_at=session.expires_at, account=_account(account))


def set_cookie(response: Response, token: str, visit: Visit) -> None:
    """Give the browser its session: no script reads it, no other site sends it along."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=visit.ports.options.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=visit.ports.options.public_url.startswith("https"),
    )


@router.delete("/v1/sessions/current", status_code=204)
async def sign_out(ctx: AccountWrite, response: Response) -> None:
    """End this session."""
    await service.sign_out(ctx)
    response.delete_cookie(COOKIE)


@router.get("/v1/entrance")
async def entrance(visit: Annotated[Visit, arriving()]) -> Entrance:
    """Who is signed in here, if anyone, and how one may sign in. For pages that greet: nobody is no error."""
    options, principal = visit.ports.options, visit.principal
    account = await _me(Context(visit.session, visit.ports, principal)) if principal else None
    provider = options.oidc.name if options.oidc else None
    return Entrance(account=account, sign_up=options.sign_up, provider=provider)


@router.get("/v1/me")
async def me(ctx: Annotated[Context, allow(Scope.SPEECH)]) -> Me:
    """Who I am, what I may do, and what I used this month."""
    return await _me(ctx)


async def _me(ctx: Context) -> Me:
    row = await ctx.session.get_one(AccountRow, ctx.account_id)
    default = ctx.ports.options.limits.characters_monthly
    return Me(
        **_account(row).model_dump(),
        scopes=sorted(ctx.principal.scopes),
        characters_used=await quota.used(ctx.session, ctx.account_id, ctx.now),
        characters_monthly=await quota.allowance(ctx.session, ctx.account_id, default),
    )


@router.post("/v1/me/password", status_code=204)
async def change_password(ctx: AccountWrite, body: NewPassword) -> None:
    """Change the password; every other session ends."""
    await service.change_password(ctx, body.current.get_secret_value(), body.new.get_secret_value())


@router.post("/v1/keys", status_code=201)
async def create_key(ctx: AccountWrite, body: NewKey) -> CreatedKey:
    """Create an API key. Its secret is in this answer and nowhere else."""
    token, row = await service.create_key(ctx, body.name, body.scopes, body.expires_at)
    return CreatedKey(**_key(row).model_dump(), key=token)


@router.get("/v1/keys")
async def list_keys(ctx: AccountRead) -> Keys:
    """List API keys."""
    return Keys(items=[_key(row) for row in await service.list_keys(ctx)])


@router.delete("/v1/keys/{key_id}")
async def revoke_key(ctx: AccountWrite, key_id: str) -> ApiKey:
    """Revoke an API key at once."""
    return _key(await service.revoke_key(ctx, key_id))


@router.post("/v1/tickets", status_code=201)
async def issue_ticket(ctx: Annotated[Context, allow(Scope.SPEECH)], body: NewTicket) -> Ticket:
    """Create a single-use token for a browser's WebSocket."""
    token, expires_at = await service.issue_ticket(ctx, body.scopes)
    return Ticket(token=token, expires_at=expires_at)


@router.put("/v1/members/{external_id}")
async def put_member(ctx: MembersWrite, external_id: ExternalId, body: NewMember) -> Account:
    """Create or rename a member, for whom this platform may act (`Yinse-On-Behalf-Of: external_id`)."""
    return _account(await service.put_member(ctx, external_id, body.display_name))


@router.get("/v1/members")
async def list_members(ctx: MembersWrite) -> Members:
    """List this platform's members."""
    return Members(items=[_account(row) for row in await service.list_members(ctx)])
