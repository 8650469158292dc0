"""Wrapped keys. Destroying a row here destroys everything sealed under it."""

from sqlalchemy.orm import Mapped, mapped_column

from yinse.service.db import KeysBase


class AccountKeyRow(KeysBase):
    """An account's key, wrapped by the root."""

    __tablename__ = "account_keys"

    account_id: Mapped[str] = mapped_column(primary_key=True)
    wrapper: Mapped[str]
    ciphertext: Mapped[bytes]


class FormerKeyRow(KeysBase):
    """An account's key that was replaced, kept until everything sealed under it is sealed anew."""

    __tablename__ = "former_account_keys"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(index=True)
    wrapper: Mapped[str]
    ciphertext: Mapped[bytes]


class VoiceKeyRow(KeysBase):
    """A voice's key, wrapped by its account's."""

    __tablename__ = "voice_keys"

    voice_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    wrapper: Mapped[str]
    ciphertext: Mapped[bytes]


class HouseKeyRow(KeysBase):
    """A key of the house itself, wrapped by the root: the one that signs receipts."""

    __tablename__ = "house_keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    wrapper: Mapped[str]
    ciphertext: Mapped[bytes]
