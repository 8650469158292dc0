"""Key chains for sealed things: make, fetch, rotate, shred.

Shredding happens in its own transaction, before the rows that describe the voice change: if anything later
fails, the material is gone and the caller asks again; the other order could leave a promise unkept.
"""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.refusals import Unsealable
from yinse.contracts.storage import KeyChain, ObjectRef, WrappedKey
from yinse.service.db import Database
from yinse.service.keystore.tables import AccountKeyRow, FormerKeyRow, HouseKeyRow, VoiceKeyRow
from yinse.vault.keyring import Keyring
from yinse.vault.receipts import Signer

RECEIPTS = "receipts"
"""Name of the house's key that signs receipts."""


def _wrapped(row: AccountKeyRow | FormerKeyRow | VoiceKeyRow | HouseKeyRow) -> WrappedKey:
    return WrappedKey(row.wrapper, row.ciphertext)


class KeyStore:
    """The only way from an id to a key chain."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.database = database
        self.keyring = keyring

    async def account(self, account_id: str) -> KeyChain:
        """Fetch an account's chain, making its key when it has none yet."""
        async with self.database.transaction(write=False) as session:
            row = await session.get(AccountKeyRow, account_id)
        if row is not None:
            return KeyChain(account_id, _wrapped(row), None)
        async with self.database.transaction() as session:
            row = await self._account_row(session, account_id)
            return KeyChain(account_id, _wrapped(row), None)

    async def new_voice(self, account_id: str, voice_id: str) -> KeyChain:
        """Make the key of a new voice."""
        async with self.database.transaction() as session:
            account = _wrapped(await self._account_row(session, account_id))
            voice = self.keyring.new_voice_key(account_id, voice_id, account)
            session.add(
                VoiceKeyRow(
                    voice_id=voice_id,
                    account_id=account_id,
                    wrapper=voice.wrapper,
                    ciphertext=voice.ciphertext,
                )
            )
        return KeyChain(account_id, account, voice)

    async def voice(self, account_id: str, voice_id: str) -> KeyChain:
        """Fetch a voice's chain. Raises `Unsealable` when it was shredded."""
        async with self.database.transaction(write=False) as session:
            account = await session.get(AccountKeyRow, account_id)
            voice = await session.get(VoiceKeyRow, voice_id)
        if account is None or voice is None or voice.account_id != account_id:
            raise Unsealable("The key of this voice was destroyed; its recordings cannot be read again.")
        return KeyChain(account_id, _wrapped(account), _wrapped(voice))

    async def voice_or_new(self, account_id: str, voice_id: str) -> KeyChain:
        """Fetch a voice's chain, making its key when it has none yet."""
        with suppress(Unsealable):
            return await self.voice(account_id, voice_id)
        with suppress(IntegrityError):  # another request was first
            return await self.new_voice(account_id, voice_id)
        return await self.voice(account_id, voice_id)

    async def shred_voice(self, account_id: str, voice_id: str) -> str | None:
        """Destroy a voice's key; return its fingerprint, or None when it was gone already."""
        try:
            chain = await self.voice(account_id, voice_id)
        except Unsealable:
            return None
        fingerprint = self.keyring.fingerprint(chain, voice_id)
        async with self.database.transaction() as session:
            await session.execute(delete(VoiceKeyRow).where(VoiceKeyRow.voice_id == voice_id))
        await self.database.checkpoint()
        return fingerprint

    async def shred_account(self, account_id: str) -> None:
        """Destroy an account's key and those of all its voices."""
        async with self.database.transaction() as session:
            await session.execute(delete(VoiceKeyRow).where(VoiceKeyRow.account_id == account_id))
            await session.execute(delete(AccountKeyRow).where(AccountKeyRow.account_id == account_id))
            await session.execute(delete(FormerKeyRow).where(FormerKeyRow.account_id == account_id))
        await self.database.checkpoint()

    async def rotate_root(self) -> int:
        """Rewrap every key that lies under an older root version; return how many moved."""
        moved = 0
        async with self.database.transaction() as session:
            rows: list[AccountKeyRow | FormerKeyRow] = [
                *(await session.scalars(select(AccountKeyRow))).all(),
                *(await session.scalars(select(FormerKeyRow))).all(),
            ]
            for row in rows:
                if row.wrapper != self.keyring.active_root:
                    fresh = self.keyring.rewrap_account(row.account_id, _wrapped(row))
                    row.wrapper, row.ciphertext = fresh.wrapper, fresh.ciphertext
                    moved += 1
            for house in (await session.scalars(select(HouseKeyRow))).all():
                if house.wrapper != self.keyring.active_root:
                    secret = self.keyring.unwrap_secret(house.name, _wrapped(house))
                    wrapped = self.keyring.wrap_secret(house.name, secret)
                    house.wrapper, house.ciphertext = wrapped.wrapper, wrapped.ciphertext
                    moved += 1
        await self.database.checkpoint()
        return moved

    async def rotate_account(self, account_id: str) -> int:
        """Give an account a fresh key and rewrap its voices' keys; return how many moved.

        The former key stays until `forget_former`, for what lies sealed under it itself.
        """
        async with self.database.transaction() as session:
            row = await self._account_row(session, account_id)
            old, fresh = _wrapped(row), self.keyring.new_account_key(account_id)
            held = select(VoiceKeyRow).where(VoiceKeyRow.account_id == account_id)
            voices = (await session.scalars(held)).all()
            for voice in voices:
                moved = self.keyring.rewrap_voice(account_id, voice.voice_id, _wrapped(voice), old, fresh)
                voice.wrapper, voice.ciphertext = moved.wrapper, moved.ciphertext
            former = FormerKeyRow(account_id=account_id, wrapper=old.wrapper, ciphertext=old.ciphertext)
            session.add(former)
            row.wrapper, row.ciphertext = fresh.wrapper, fresh.ciphertext
        return len(voices)

    async def former(self, account_id: str) -> list[KeyChain]:
        """Chains of an account's replaced keys, newest first; none but during a rotation."""
        held = select(FormerKeyRow).where(FormerKeyRow.account_id == account_id)
        async with self.database.transaction(write=False) as session:
            rows = (await session.scalars(held.order_by(FormerKeyRow.id.desc()))).all()
        return [KeyChain(account_id, _wrapped(row), None) for row in rows]

    async def forget_former(self, account_id: str) -> None:
        """Destroy an account's replaced keys; nothing may lie sealed under them any more."""
        async with self.database.transaction() as session:
            await session.execute(delete(FormerKeyRow).where(FormerKeyRow.account_id == account_id))
        await self.database.checkpoint()

    async def open(self, ref: ObjectRef, sealed: bytes) -> bytes:
        """Open a small object of an account, also while its key is being rotated. Raises `Unsealable`."""
        (plain,) = await self.open_all(ref.account_id, [(ref, sealed)])
        return plain

    async def open_all(self, account_id: str, objects: Sequence[tuple[ObjectRef, bytes]]) -> list[bytes]:
        """Open small objects of one account, whose key is fetched once. Raises `Unsealable`."""
        chains, plain = [await self.account(account_id)], []
        for ref, sealed in objects:
            try:
                plain.append(self.keyring.open_any(chains, ref, sealed))
            except Unsealable:
                chains = [chains[0], *await self.former(account_id)]
                plain.append(self.keyring.open_any(chains, ref, sealed))
        return plain

    async def signer(self) -> Signer:
        """Return the signer of receipts, making its key at first use."""
        async with self.database.transaction(write=False) as session:
            row = await session.get(HouseKeyRow, RECEIPTS)
        if row is None:
            with suppress(IntegrityError):  # another process was first
                await self._new_signer()
            return await self.signer()
        return Signer(self.keyring.unwrap_secret(RECEIPTS, _wrapped(row)))

    async def _new_signer(self) -> None:
        wrapped = self.keyring.wrap_secret(RECEIPTS, Signer.generate())
        async with self.database.transaction() as session:
            session.add(HouseKeyRow(name=RECEIPTS, wrapper=wrapped.wrapper, ciphertext=wrapped.ciphertext))

    async def _account_row(self, session: AsyncSession, account_id: str) -> AccountKeyRow:
        row = await session.get(AccountKeyRow, account_id)
        if row is None:
            wrapped = self.keyring.new_account_key(account_id)
            row = AccountKeyRow(account_id=account_id, wrapper=wrapped.wrapper, ciphertext=wrapped.ciphertext)
            session.add(row)
            await session.flush()
        return row
