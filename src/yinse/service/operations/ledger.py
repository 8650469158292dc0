"""The ledger of deletions: what was destroyed or revoked, signed by the house.

It is kept beside backups and given to a restore, which repeats every line of it: what was deleted or revoked after a
backup does not come back with it. It names ids and times, never people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from sqlalchemy import select

from yinse.contracts.errors import CorruptFile
from yinse.service.accounts.erasure import ERASED, erase_again
from yinse.service.audit.service import record
from yinse.service.audit.tables import AuditRow
from yinse.service.context import Context
from yinse.service.operations import revocations
from yinse.service.ports import Ports
from yinse.service.principal import Principal, Role
from yinse.service.voices.deletion import delete_again
from yinse.service.voices.presets import HOUSE
from yinse.service.voices.tables import ReceiptRow
from yinse.vault.receipts import verify


class Entry(BaseModel):
    """A signed statement: a voice (`voice_id`) or a whole account was destroyed, or something was revoked (`action`).

    A revocation names its account `owner_id`: a version that does not know revocations refuses it, and does not take it
    for the end of the account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    statement: dict[str, Any]
    signature: str

    @property
    def account_id(self) -> str:
        """Whose it was."""
        return str(self.statement["owner_id" if self.revoked else "account_id"])

    @property
    def revoked(self) -> bool:
        """Whether something was revoked, and nothing destroyed."""
        return "action" in self.statement

    @property
    def voice_id(self) -> str | None:
        """The voice, where it is one."""
        found = self.statement.get("voice_id")
        return None if found is None else str(found)


@dataclass(frozen=True, slots=True)
class Repeated:
    """How many voices and accounts a restore had brought back and were destroyed again; how much else was revoked again."""

    voices: int = 0
    accounts: int = 0
    revoked: int = 0


_ENTRIES = TypeAdapter(list[Entry])


def parse(text: str) -> list[Entry]:
    """Read a ledger. Raises `CorruptFile`."""
    try:
        entries = _ENTRIES.validate_json(text)
    except ValidationError as error:
        raise CorruptFile("This is no ledger of deletions.") from error
    if not all(_is_known(entry) for entry in entries):
        raise CorruptFile("The ledger of deletions holds a line that says nothing this version understands.")
    return entries


_VOICE, _ACCOUNT = {"voice_id", "account_id", "deleted_at"}, {"account_id", "erased_at"}
"""What tells a receipt and an erasure from all else that the house signs, such as consents."""


def _is_known(entry: Entry) -> bool:
    if entry.revoked:
        return revocations.is_revocation(entry.statement)
    return entry.statement.keys() >= _VOICE or entry.statement.keys() == _ACCOUNT


def written(entries: Sequence[Entry]) -> str:
    """The text of a ledger."""
    return _ENTRIES.dump_json(list(entries), indent=1).decode()


def check(entries: Sequence[Entry], public_key: str) -> None:
    """Raise `CorruptFile` if one line is not signed by the holder of `public_key`."""
    if not all(verify(entry.statement, entry.signature, public_key) for entry in entries):
        raise CorruptFile("The ledger of deletions holds a line that this house has not signed.")


async def read(ports: Ports) -> list[Entry]:
    """The whole ledger: the receipts of voices, the erasures of accounts, then revocations, each the oldest first."""
    signer = await ports.keys.signer()
    async with ports.database.transaction(write=False) as session:
        receipts = (await session.scalars(select(ReceiptRow).order_by(ReceiptRow.id))).all()
        erased = select(AuditRow).where(AuditRow.action == ERASED).order_by(AuditRow.number)
        accounts = (await session.scalars(erased)).all()
        revoked = await revocations.read(session)
    voices = [Entry(statement=row.statement, signature=row.signature) for row in receipts]
    told = [{"account_id": row.subject, "erased_at": _erased_at(row)} for row in accounts]
    return voices + [Entry(statement=one, signature=signer.sign(one)) for one in (*told, *revoked)]


def _erased_at(row: AuditRow) -> str:
    """When it was, also where a restore has repeated it since."""
    return str(row.details.get("erased_at", row.at.isoformat()))


async def repeat(ports: Ports, entries: Sequence[Entry], actor: str) -> Repeated:
    """Destroy and revoke again what a ledger names, and end every session; what is gone already stays so.

    That the house was restored is recorded first, with how many lines the ledger has: none tell of a restore without one.

    Raises `CorruptFile` before anything else.
    """
    check(entries, (await ports.keys.signer()).public)
    async with ports.database.transaction() as session:
        await record(
            session,
            ports.clock(),
            account_id=None,
            actor=actor,
            action="house.restored",
            subject=HOUSE,
            details={"ledger": len(entries)},
        )
        await revocations.end_sessions(session)
        known = {revocations.identity(one) for one in await revocations.read(session)}
    done = Repeated()
    for entry in entries:
        if entry.revoked and revocations.identity(entry.statement) in known:
            continue
        principal = Principal(entry.account_id, Role.CREATOR, frozenset(), actor)
        async with ports.database.transaction() as session:
            done = await _repeat(Context(session, ports, principal), entry, done)
    return done


async def _repeat(ctx: Context, entry: Entry, done: Repeated) -> Repeated:
    if entry.revoked:
        return replace(done, revoked=done.revoked + await revocations.repeat(ctx, entry.statement))
    if entry.voice_id is None:
        erased = await erase_again(ctx, str(entry.statement.get("erased_at", "")))
        return replace(done, accounts=done.accounts + erased)
    deleted = await delete_again(ctx, entry.voice_id, entry.statement, entry.signature)
    return replace(done, voices=done.voices + deleted)
