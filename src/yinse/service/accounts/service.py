"""Sign up, sign in, keys, tickets and members."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.errors import AlreadyExists, InvalidInput
from yinse.contracts.refusals import Conflict, PermissionDenied, Unauthenticated
from yinse.service.accounts.credentials import (
    TICKET,
    hash_password,
    hash_token,
    new_token,
    password_matches,
)
from yinse.service.accounts.tables import AccountRow, ApiKeyRow, SessionRow, TicketRow
from yinse.service.context import Context, Visit
from yinse.service.ids import new_id
from yinse.service.ownership import owned
from yinse.service.principal import Role, Scope

_TICKET_LIFE = timedelta(seconds=60)


async def create_account(
    session: AsyncSession,
    now: datetime,
    *,
    display_name: str,
    email: str | None = None,
    password: str | None = None,
    role: Role = Role.CREATOR,
) -> AccountRow:
    """Make an account. Raises `AlreadyExists`, `InvalidInput`."""
    password_hash = await hash_password(password) if password is not None else None
    if email and await session.scalar(select(AccountRow.id).where(AccountRow.email == email)):
        raise AlreadyExists("There is already an account with this e-mail address.")
    row = AccountRow(
        id=new_id("acct"),
        email=email,
        display_name=display_name,
        password_hash=password_hash,
        role=role.value,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def sign_up(visit: Visit, email: str, password: str, display_name: str) -> AccountRow:
    """Make an account for a visitor. Raises `PermissionDenied` where sign-up is closed."""
    if not visit.ports.options.sign_up:
        raise PermissionDenied("Sign-up is closed here; ask the operator for an account.")
    row = await create_account(
        visit.session, visit.now, display_name=display_name, email=email, password=password
    )
    await visit.audit("account.created", row.id, account_id=row.id)
    return row


async def sign_in(visit: Visit, email: str, password: str) -> tuple[str, SessionRow, AccountRow]:
    """Open a session. Raises `Unauthenticated` alike for a wrong password and an unknown address.

    Both are recorded alike, too: what only one of them waits for would tell them apart.
    """
    rate = visit.ports.options.limits.sign_in
    await visit.ports.throttle.hit(
        rate, "sign-in-from", visit.host
    )  # who tries too often keeps nobody else out
    await visit.ports.throttle.hit(rate, "sign-in", email)
    async with visit.ports.database.transaction(write=False) as reading:
        row = await reading.scalar(select(AccountRow).where(AccountRow.email == email))
    if not await password_matches(password, row.password_hash if row else None) or row is None:
        await _note_refusal(visit, row)
        raise Unauthenticated("The e-mail address or the password is wrong.")
    if row.suspended_at is not None:
        await _note_refusal(visit, row)
        raise Unauthenticated("This account is suspended or deleted.")
    token, opened = await open_session(visit, row)
    return token, opened, row


async def _note_refusal(visit: Visit, account: AccountRow | None) -> None:
    """Record who was not let in, in a transaction of its own: the request's is undone. An unknown address is nobody's."""
    account_id = account.id if account else None
    async with visit.ports.database.transaction() as session:
        refused = replace(visit, session=session)
        await refused.audit("session.refused", account_id or "unknown", account_id=account_id)


async def open_session(visit: Visit, account: AccountRow) -> tuple[str, SessionRow]:
    """Start a session for an account whose identity has been proven."""
    token = new_token("ys")
    row = SessionRow(
        id=new_id("sess"),
        account_id=account.id,
        token_hash=hash_token(visit.ports.secret, token),
        created_at=visit.now,
        expires_at=visit.now + timedelta(hours=visit.ports.options.session_hours),
    )
    visit.session.add(row)
    await visit.audit("session.opened", row.id, account_id=account.id)
    return token, row


async def sign_out(ctx: Context) -> None:
    """End the session that calls."""
    await ctx.session.execute(delete(SessionRow).where(SessionRow.id == ctx.principal.actor))
    await ctx.audit("session.closed", ctx.principal.actor)


async def change_password(ctx: Context, current: str, new: str) -> None:
    """Replace the password and end every other session. Raises `Unauthenticated`, `Throttled`, `Conflict`.

    Hashing takes its time: nothing is written, and no database locked, before it is done.
    """
    await ctx.ports.throttle.hit(ctx.ports.options.limits.sign_in, "password", ctx.account_id)
    async with ctx.ports.database.transaction(write=False) as reading:
        known = (await reading.get_one(AccountRow, ctx.account_id)).password_hash
    if not await password_matches(current, known):
        async with ctx.ports.database.transaction() as session:  # that of the request is undone
            await ctx.within(session).audit("account.password_refused", ctx.account_id)
        raise Unauthenticated("The current password is wrong.")
    fresh = await hash_password(new)
    unchanged = (AccountRow.id == ctx.account_id) & (AccountRow.password_hash == known)
    replaced = update(AccountRow).where(unchanged).values(password_hash=fresh).returning(AccountRow.id)
    if await ctx.session.scalar(replaced) is None:
        raise Conflict("The password was changed meanwhile.")
    others = (SessionRow.account_id == ctx.account_id) & (SessionRow.id != ctx.principal.actor)
    await ctx.session.execute(delete(SessionRow).where(others))
    await ctx.audit("account.password_changed", ctx.account_id)


async def create_key(
    ctx: Context, name: str, scopes: Sequence[Scope], expires_at: datetime | None
) -> tuple[str, ApiKeyRow]:
    """Make a key of scopes the caller holds. Raises `PermissionDenied`, `InvalidInput`."""
    for scope in scopes:
        ctx.principal.require(scope)
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= ctx.now):
        raise InvalidInput("`expires_at` must lie in the future and name its time zone.")
    token, row = add_key(ctx.session, ctx.ports.secret, ctx.account_id, name, scopes, ctx.now, expires_at)
    await ctx.audit("key.created", row.id, {"scopes": row.scopes})
    return token, row


def add_key(
    session: AsyncSession,
    secret: bytes,
    account_id: str,
    name: str,
    scopes: Sequence[Scope],
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[str, ApiKeyRow]:
    """Draw a key and store its hash."""
    token = new_token("yk")
    row = ApiKeyRow(
        id=new_id("key"),
        account_id=account_id,
        name=name,
        token_hash=hash_token(secret, token),
        hint=token[-4:],
        scopes=sorted({scope.value for scope in scopes}),
        defaults={},
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    return token, row


async def list_keys(ctx: Context) -> Sequence[ApiKeyRow]:
    """Every key of the account, newest first."""
    statement = select(ApiKeyRow).where(ApiKeyRow.account_id == ctx.account_id).order_by(ApiKeyRow.id.desc())
    return (await ctx.session.scalars(statement)).all()


async def revoke_key(ctx: Context, key_id: str) -> ApiKeyRow:
    """End a key at once; revoking twice changes nothing. Raises `NotFound`."""
    row = await owned(ctx.session, ApiKeyRow, key_id, ctx.account_id, "key")
    if row.revoked_at is None:
        row.revoked_at = ctx.now
        await ctx.audit("key.revoked", row.id)
    return row


async def issue_ticket(ctx: Context, scopes: Sequence[Scope]) -> tuple[str, datetime]:
    """Make a single-use token that lives a minute; what it opens ends with the credential that asked for it."""
    for scope in scopes:
        ctx.principal.require(scope)
    token, expires_at = new_token(TICKET), ctx.now + _TICKET_LIFE
    ctx.session.add(
        TicketRow(
            token_hash=hash_token(ctx.ports.secret, token),
            account_id=ctx.account_id,
            actor=ctx.principal.actor,
            scopes=[scope.value for scope in scopes],
            expires_at=expires_at,
        )
    )
    return token, expires_at


async def put_member(ctx: Context, external_id: str, display_name: str) -> AccountRow:
    """Make a member of the calling platform, or rename it. Raises `Conflict` where it has very many."""
    row = await _member(ctx, external_id)
    if row is None:
        await _require_room(ctx)
        row = AccountRow(
            id=new_id("acct"),
            display_name=display_name,
            role=Role.CREATOR.value,
            managed_by=ctx.account_id,
            external_id=external_id,
            created_at=ctx.now,
        )
        ctx.session.add(row)
        await ctx.audit("member.created", row.id)
    row.display_name = display_name
    await ctx.session.flush()
    return row


async def list_members(ctx: Context) -> Sequence[AccountRow]:
    """Every member of the calling platform."""
    statement = select(AccountRow).where(AccountRow.managed_by == ctx.account_id).order_by(AccountRow.id)
    return (await ctx.session.scalars(statement)).all()


async def _require_room(ctx: Context) -> None:
    """Each member has limits of its own: whoever may have any number of them has none."""
    statement = select(func.count()).select_from(AccountRow).where(AccountRow.managed_by == ctx.account_id)
    most = ctx.ports.options.limits.members
    if (await ctx.session.scalar(statement) or 0) >= most:
        raise Conflict(f"An account may act for {most} members here.", code="too_many_members")


async def _member(ctx: Context, external_id: str) -> AccountRow | None:
    statement = select(AccountRow).where(
        AccountRow.managed_by == ctx.account_id, AccountRow.external_id == external_id
    )
    return (await ctx.session.scalars(statement)).one_or_none()
