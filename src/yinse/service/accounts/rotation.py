"""A fresh key for an account, and everything that lay sealed under the old one itself sealed anew.

Voices' keys are rewrapped, their objects stay. Texts of history, orders of open jobs and consents without a
voice lie under the account's key: they are moved row by row, and only then is the old key destroyed. A
rotation that was cut off is completed by the next one; until then both keys open.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from yinse.contracts.refusals import Unsealable
from yinse.contracts.storage import KeyChain, ObjectRef
from yinse.service.audit.service import record
from yinse.service.history.tables import GenerationRow
from yinse.service.jobs.tables import OPEN, JobRow
from yinse.service.objects.tables import ObjectRow
from yinse.service.ports import Ports
from yinse.service.speech import orders
from yinse.service.speech.keeping import text_ref

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many voices' keys were rewrapped, and how many texts and recordings sealed anew."""

    voices: int
    objects: int


async def rotate_account(ports: Ports, account_id: str, actor: str) -> Rotated:
    """Rotate and destroy the old key. Safe to run beside requests, and to run again. Raises `Unsealable`."""
    voices = await ports.keys.rotate_account(account_id)
    mover = _Mover(ports, await ports.keys.account(account_id), await ports.keys.former(account_id))
    objects = 0
    while (
        moved := await mover.all()
    ):  # the last pass moves nothing: no request still sealed under the old key
        objects += moved
    await ports.keys.forget_former(account_id)
    async with ports.database.transaction() as session:
        details = {"voices": voices, "objects": objects}
        await record(
            session,
            ports.clock(),
            account_id=account_id,
            actor=actor,
            action="account.rotated",
            subject=account_id,
            details=details,
        )
    return Rotated(voices, objects)


@dataclass(frozen=True, slots=True)
class _Mover:
    """Moves what lies under the former keys to the fresh one."""

    ports: Ports
    fresh: KeyChain
    former: list[KeyChain]

    async def all(self) -> int:
        """One pass over everything of the account; returns how much was moved."""
        return await self._texts() + await self._orders() + await self._recordings()

    def _sealed(self, ref: ObjectRef, sealed: bytes) -> bytes | None:
        """The same plaintext under the fresh key; None when it lies there already."""
        ring = self.ports.keyring
        with suppress(Unsealable):
            ring.open(self.fresh, ref, sealed)
            return None
        for chain in self.former:
            with suppress(Unsealable):
                return ring.seal(self.fresh, ref, ring.open(chain, ref, sealed))
        raise Unsealable(
            f"{ref.kind} of {ref.object_id} opens under no key of its account; nothing was destroyed."
        )

    async def _texts(self) -> int:
        moved, after = 0, ""
        held = select(GenerationRow).where(GenerationRow.account_id == self.fresh.account_id)
        while True:
            async with self.ports.database.transaction() as session:
                page = held.where(GenerationRow.id > after).order_by(GenerationRow.id).limit(_BATCH)
                rows = (await session.scalars(page)).all()
                moved += sum(self._text(row) for row in rows)
            if len(rows) < _BATCH:
                return moved
            after = rows[-1].id

    def _text(self, row: GenerationRow) -> bool:
        text = self._sealed(text_ref(row.account_id, row.id, "text"), row.text)
        if text is not None:
            row.text = text
        timings = row.timings and self._sealed(text_ref(row.account_id, row.id, "timings"), row.timings)
        if timings is not None:
            row.timings = timings
        return text is not None or bool(timings)

    async def _orders(self) -> int:
        moved = 0
        account = JobRow.account_id == self.fresh.account_id
        held = select(JobRow).where(account, JobRow.kind == orders.KIND, JobRow.state.in_(OPEN))
        async with self.ports.database.transaction() as session:
            for job in (await session.scalars(held.with_for_update())).all():
                ref = text_ref(job.account_id, job.payload["generation_id"], "order")
                order = self._sealed(ref, bytes.fromhex(job.payload["order"]))
                if order is not None:
                    job.payload = {**job.payload, "order": order.hex()}
                    moved += 1
        return moved

    async def _recordings(self) -> int:
        held = select(ObjectRow).where(
            ObjectRow.account_id == self.fresh.account_id, ObjectRow.voice_id == ""
        )
        async with self.ports.database.transaction(write=False) as session:
            rows = (await session.scalars(held)).all()
        return sum([await self._recording(row.ref) for row in rows])

    async def _recording(self, ref: ObjectRef) -> bool:
        ring, blobs = self.ports.keyring, self.ports.blobs
        for chain in (self.fresh, *self.former):
            with suppress(Unsealable):
                plain = b"".join([chunk async for chunk in ring.get(blobs, chain, ref)])
                if chain is not self.fresh:
                    await ring.put(blobs, self.fresh, ref, _once(plain))
                return chain is not self.fresh
        raise Unsealable(
            f"The recording {ref.object_id} opens under no key of its account; nothing was destroyed."
        )


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
