"""What an operator does from the command line: accounts, keys, the audit chain, rotation."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.app.wiring import build_blobs, close_databases, open_databases
from yinse.contracts.errors import NotFound
from yinse.contracts.refusals import Conflict
from yinse.service.accounts import rotation
from yinse.service.accounts.rotation import Rotated
from yinse.service.accounts.service import add_key, create_account
from yinse.service.accounts.tables import AccountRow, ApiKeyRow
from yinse.service.audit.service import Verdict, record, verify
from yinse.service.audit.tables import AuditRow
from yinse.service.clock import utc_now
from yinse.service.db import Database
from yinse.service.keystore.service import KeyStore
from yinse.service.ports import Ports
from yinse.service.principal import Role, Scope
from yinse.serving import fake
from yinse.settings import Settings
from yinse.vault.keyring import Keyring
from yinse.vault.roots import retire_root_keys, rotate_root_file

_ACTOR = "command line"
_BATCH = 100
"""Events that are held at once."""


@asynccontextmanager
async def house(settings: Settings) -> AsyncIterator[Ports]:
    """The service's ports without its engine, opened and closed."""
    settings.prepare()
    keyring, blobs = Keyring(settings.vault.provider(settings.home)), build_blobs(settings)
    ports = Ports(
        options=settings.service,
        secret=settings.secret(),
        database=Database(settings.database_url),
        keys=KeyStore(Database(settings.keys_url, secure_delete=True), keyring),
        blobs=blobs,
        speech=fake.FakeSpeech(blobs, keyring),
        enrolment=fake.FakeEnrolment(blobs, keyring),
        training=fake.FakeTraining(blobs, keyring),
        coach=fake.FakeCoach(),
    )
    await open_databases(ports)
    try:
        yield ports
    finally:
        await close_databases(ports)


async def new_account(
    settings: Settings, name: str, email: str | None, password: str | None, role: Role
) -> str:
    """Make an account; return its id. Raises `AlreadyExists`, `InvalidInput`."""
    async with house(settings) as ports, ports.database.transaction() as session:
        row = await create_account(
            session, utc_now(), display_name=name, email=email, password=password, role=role
        )
        await _note(ports, session, "account.created", row.id, row.id, {"role": row.role})
        return row.id


async def list_accounts(settings: Settings) -> Sequence[AccountRow]:
    """Every account."""
    async with house(settings) as ports, ports.database.transaction(write=False) as session:
        return (await session.scalars(select(AccountRow).order_by(AccountRow.id))).all()


async def new_key(settings: Settings, account: str, name: str, scopes: Sequence[Scope]) -> tuple[str, str]:
    """Make a key for an account, by id or e-mail; return its secret and its id. Raises `NotFound`."""
    async with house(settings) as ports, ports.database.transaction() as session:
        row = await _account(session, account)
        token, key = add_key(session, ports.secret, row.id, name, scopes, utc_now())
        await _note(ports, session, "key.created", key.id, row.id, {"scopes": key.scopes})
        return token, key.id


async def revoke_key(settings: Settings, key_id: str) -> None:
    """End a key. Raises `NotFound`."""
    async with house(settings) as ports, ports.database.transaction() as session:
        row = await session.get(ApiKeyRow, key_id)
        if row is None:
            raise NotFound(f"There is no key {key_id!r}.")
        row.revoked_at = row.revoked_at or utc_now()
        await _note(ports, session, "key.revoked", key_id, row.account_id)


async def verify_audit(settings: Settings, head: str | None = None) -> Verdict:
    """Walk the audit chain; `head` (`number:digest`, printed earlier) must still be part of it."""
    async with house(settings) as ports, ports.database.transaction(write=False) as session:
        verdict = await verify(session)
        if head is None or not verdict.intact:
            return verdict
        number, _, digest = head.partition(":")
        row = await session.get(AuditRow, int(number)) if number.isdigit() else None
        if row is not None and row.digest == digest:
            return verdict
        return replace(
            verdict, intact=False, broken_at=verdict.events + 1, reason="the given head is not in it"
        )


async def audit_events(
    settings: Settings, *, account: str | None, actor: str | None, action: str | None, after: int
) -> AsyncGenerator[AuditRow, None]:
    """Events behind the number `after`, the oldest first: of an account, by an actor, of an action, where one is named."""
    named = ((AuditRow.account_id, account), (AuditRow.actor, actor), (AuditRow.action, action))
    wanted = [AuditRow.number > after, *(column == value for column, value in named if value is not None)]
    statement = select(AuditRow).where(*wanted).order_by(AuditRow.number).execution_options(yield_per=_BATCH)
    async with house(settings) as ports, ports.database.transaction(write=False) as session:
        rows = await session.stream_scalars(statement)
        try:
            async for row in rows:
                yield row
        finally:
            await rows.close()


async def rotate_root(settings: Settings, *, retire: bool) -> int:
    """Make a fresh root key active and rewrap everything under it; return how many keys moved.

    Raises `Conflict` where the root key is not in a file: it is not ours to replace.
    """
    if settings.vault.source != "file":
        raise Conflict("The root key comes from the environment; only one in a file can be rotated here.")
    settings.prepare()
    rotate_root_file(settings.vault.file(settings.home))
    async with house(settings) as ports:
        moved = await ports.keys.rotate_root()
        async with ports.database.transaction() as session:
            await _note(ports, session, "root.rotated", ports.keyring.active_root, None)
        if retire and await ports.keys.rotate_root():
            raise Conflict(
                "Keys were made under the old root key meanwhile; they were moved. Retire it again later."
            )
        if retire:
            async with ports.database.transaction() as session:
                await _note(ports, session, "root.retired", ports.keyring.active_root, None)
    if retire:  # once that is recorded: nobody destroys keys unseen
        retire_root_keys(settings.vault.file(settings.home))
    return moved


async def rotate_account(settings: Settings, account: str) -> Rotated:
    """Give an account, by id or e-mail, a fresh key; seal anew what lay under the old one. Raises `NotFound`."""
    async with house(settings) as ports:
        async with ports.database.transaction(write=False) as session:
            row = await _account(session, account)
        return await rotation.rotate_account(ports, row.id, _ACTOR)


async def public_key(settings: Settings) -> str:
    """The key that receipts are checked with."""
    async with house(settings) as ports:
        return (await ports.keys.signer()).public


async def _account(session: AsyncSession, account: str) -> AccountRow:
    wanted = (AccountRow.id == account) | (AccountRow.email == account.lower())
    row = await session.scalar(select(AccountRow).where(wanted))
    if row is None:
        raise NotFound(f"There is no account {account!r}.")
    return row


async def _note(
    ports: Ports,
    session: AsyncSession,
    action: str,
    subject: str,
    account_id: str | None,
    details: Mapping[str, Any] | None = None,
) -> None:
    await record(
        session,
        ports.clock(),
        account_id=account_id,
        actor=_ACTOR,
        action=action,
        subject=subject,
        details=details,
    )
