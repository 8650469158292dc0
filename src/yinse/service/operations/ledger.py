"""The ledger of deletions: every voice and account that was destroyed, signed by the house.

It is kept beside backups and given to a restore, which repeats every line of it: what was deleted after a backup
does not come back with it. It names ids and times, never people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from sqlalchemy import select

from yinse.contracts.errors import CorruptFile
from yinse.service.accounts.erasure import ERASED, erase_again
from yinse.service.audit.tables import AuditRow
from yinse.service.context import Context
from yinse.service.ports import Ports
from yinse.service.principal import Principal, Role
from yinse.service.voices.deletion import delete_again
from yinse.service.voices.tables import ReceiptRow
from yinse.vault.receipts import verify


class Entry(BaseModel):
    """A signed statement that a voice (`voice_id`), or else a whole account (`account_id`), was destroyed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statement: dict[str, Any]
    signature: str

    @property
    def account_id(self) -> str:
        """Whose it was."""
        return str(self.statement["account_id"])

    @property
    def voice_id(self) -> str | None:
        """The voice, where it is one."""
        found = self.statement.get("voice_id")
        return None if found is None else str(found)


@dataclass(frozen=True, slots=True)
class Repeated:
    """How many voices and accounts a restore had brought back, and were destroyed again."""

    voices: int
    accounts: int


_ENTRIES = TypeAdapter(list[Entry])


def parse(text: str) -> list[Entry]:
    """Read a ledger. Raises `CorruptFile`."""
    try:
        entries = _ENTRIES.validate_json(text)
    except ValidationError as error:
        raise CorruptFile("This is no ledger of deletions.") from error
    if any("account_id" not in entry.statement for entry in entries):
        raise CorruptFile("The ledger of deletions holds a line that names no account.")
    return entries


def written(entries: Sequence[Entry]) -> str:
    """The text of a ledger."""
    return _ENTRIES.dump_json(list(entries), indent=1).decode()


def check(entries: Sequence[Entry], public_key: str) -> None:
    """Raise `CorruptFile` if one line is not signed by the holder of `public_key`."""
    if not all(verify(entry.statement, entry.signature, public_key) for entry in entries):
        raise CorruptFile("The ledger of deletions holds a line that this house has not signed.")


async def read(ports: Ports) -> list[Entry]:
    """The whole ledger: the receipts of voices, then the erasures of accounts, the oldest first."""
    signer = await ports.keys.signer()
    async with ports.database.transaction(write=False) as session:
        receipts = (await session.scalars(select(ReceiptRow).order_by(ReceiptRow.id))).all()
        erased = select(AuditRow).where(AuditRow.action == ERASED).order_by(AuditRow.number)
        accounts = (await session.scalars(erased)).all()
    voices = [Entry(statement=row.statement, signature=row.signature) for row in receipts]
    told = [{"account_id": row.subject, "erased_at": _erased_at(row)} for row in accounts]
    return voices + [Entry(statement=one, signature=signer.sign(one)) for one in told]


def _erased_at(row: AuditRow) -> str:
    """When it was, also where a restore has repeated it since."""
    return str(row.details.get("erased_at", row.at.isoformat()))


async def repeat(ports: Ports, entries: Sequence[Entry], actor: str) -> Repeated:
    """Destroy again what a ledger names; what is gone already stays so. Raises `CorruptFile` before anything else."""
    check(entries, (await ports.keys.signer()).public)
    voices = accounts = 0
    for entry in entries:
        principal = Principal(entry.account_id, Role.CREATOR, frozenset(), actor)
        async with ports.database.transaction() as session:
            ctx = Context(session, ports, principal)
            if entry.voice_id is None:
                accounts += await erase_again(ctx, str(entry.statement.get("erased_at", "")))
            else:
                voices += await delete_again(ctx, entry.voice_id, entry.statement, entry.signature)
    return Repeated(voices, accounts)
