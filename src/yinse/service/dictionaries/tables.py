"""Dictionaries; every change is a new version, so that an old request can be repeated."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from yinse.service.db import Base


class DictionaryRow(Base):
    """A named dictionary and its newest version."""

    __tablename__ = "dictionaries"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]


class DictionaryVersionRow(Base):
    """The rules as they were."""

    __tablename__ = "dictionary_versions"

    dictionary_id: Mapped[str] = mapped_column(
        ForeignKey("dictionaries.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[list[Any]]
    created_at: Mapped[datetime]
