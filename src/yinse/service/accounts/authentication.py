"""From a token to a principal: API keys, sessions, single-use tickets, and members acted for."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.errors import NotFound
from yinse.contracts.refusals import Unauthenticated
from yinse.service.accounts.credentials import hash_token, is_ticket
from yinse.service.accounts.tables import AccountRow, ApiKeyRow, SessionRow, TicketRow
from yinse.service.ports import Ports
from yinse.service.principal import Principal, Role, Scope, scopes_of

_UNKNOWN = "This credential is unknown, expired or revoked."


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential as it came, and the member it wants to act for."""

    token: str = field(repr=False)
    member: str | None = None


async def authenticate(ports: Ports, presented: Presented) -> Principal:
    """Find who this is. Raises `Unauthenticated`; `NotFound` for a member of somebody else."""
    digest, now = hash_token(ports.secret, presented.token), ports.clock()
    ticket = is_ticket(presented.token)
    async with ports.database.transaction(write=ticket) as session:
        if ticket:
            principal = await _by_ticket(session, digest, now)
        elif presented.token.startswith("ys_"):
            principal = await _by_session(session, digest, now)
        else:
            principal = await _by_key(session, digest, now)
        if presented.member is not None:
            return await _for_member(session, principal, presented.member)
        return principal


async def _by_key(session: AsyncSession, digest: str, now: datetime) -> Principal:
    row = _usable_key(await session.scalar(select(ApiKeyRow).where(ApiKeyRow.token_hash == digest)), now)
    role = await _active_role(session, row.account_id)
    scopes = frozenset(Scope(name) for name in row.scopes) & scopes_of(role)
    return Principal(row.account_id, role, scopes, actor=row.id, key_id=row.id)


async def _by_session(session: AsyncSession, digest: str, now: datetime) -> Principal:
    found = await session.scalar(select(SessionRow).where(SessionRow.token_hash == digest))
    row = _open_session(found, now)
    role = await _active_role(session, row.account_id)
    return Principal(row.account_id, role, scopes_of(role), actor=row.id)


async def _by_ticket(session: AsyncSession, digest: str, now: datetime) -> Principal:
    """Deleting is what makes it single-use: of two that race, one deletes. It acts as whoever issued it."""
    statement = delete(TicketRow).where(TicketRow.token_hash == digest).returning(TicketRow)
    row = (await session.scalars(statement)).one_or_none()
    if row is None or row.expires_at <= now:
        raise Unauthenticated(_UNKNOWN)
    role = await _active_role(session, row.account_id)
    scopes = frozenset(Scope(name) for name in row.scopes) & scopes_of(role)
    principal = Principal(row.account_id, role, scopes, actor=row.actor, key_id=_key_of(row.actor))
    await still_valid(session, principal, now)
    return principal


async def still_valid(session: AsyncSession, principal: Principal, now: datetime) -> None:
    """Check again, for a connection that stays open, the key or session it was opened with, and the accounts.

    Raises `Unauthenticated` once one of them has ended.
    """
    issuer: ApiKeyRow | SessionRow
    if principal.key_id is not None:
        issuer = _usable_key(await session.get(ApiKeyRow, principal.key_id), now)
    else:
        issuer = _open_session(await session.get(SessionRow, principal.actor), now)
    for account_id in {issuer.account_id, principal.account_id}:
        await _active_role(session, account_id)


def _usable_key(row: ApiKeyRow | None, now: datetime) -> ApiKeyRow:
    if row is None or row.revoked_at is not None or (row.expires_at and row.expires_at <= now):
        raise Unauthenticated(_UNKNOWN)
    return row


def _open_session(row: SessionRow | None, now: datetime) -> SessionRow:
    if row is None or row.expires_at <= now:
        raise Unauthenticated(_UNKNOWN)
    return row


def _key_of(actor: str) -> str | None:
    return actor if actor.startswith("key_") else None


async def _active_role(session: AsyncSession, account_id: str) -> Role:
    account = await session.get(AccountRow, account_id)
    if account is None or account.suspended_at is not None:
        raise Unauthenticated("This account is suspended or deleted.")
    return Role(account.role)


async def _for_member(session: AsyncSession, principal: Principal, member: str) -> Principal:
    principal.require(Scope.MEMBERS)
    statement = select(AccountRow).where(
        AccountRow.managed_by == principal.account_id, AccountRow.external_id == member
    )
    account = await session.scalar(statement)
    if account is None or account.suspended_at is not None:
        raise NotFound("You have no such member.")
    scopes = principal.scopes - {Scope.MEMBERS, Scope.OPERATOR}
    return Principal(account.id, Role.CREATOR, scopes, actor=principal.actor, key_id=principal.key_id)
