"""One row for every ciphertext in the store."""

from datetime import datetime
from typing import Self

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from yinse.contracts.storage import ObjectRef
from yinse.service.db import Base


class ObjectRow(Base):
    """A sealed object. `kind` is recording, consent, prompt, adapter or audio; `size` counts ciphertext.

    `words` says, sealed, what a recording says, where its owner told it.
    """

    __tablename__ = "objects"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    voice_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    digest: Mapped[str]
    words: Mapped[bytes | None]
    created_at: Mapped[datetime]

    @classmethod
    def at(cls, ref: ObjectRef, now: datetime, *, size: int, media_type: str, digest: str) -> Self:
        """The row of a ciphertext that was stored; `digest` is that of what was sealed."""
        return cls(
            id=ref.object_id,
            account_id=ref.account_id,
            voice_id=ref.voice_id,
            kind=ref.kind,
            size=size,
            media_type=media_type,
            digest=digest,
            created_at=now,
        )

    @property
    def ref(self) -> ObjectRef:
        """The row that the ciphertext is bound to."""
        return ObjectRef(self.account_id, self.voice_id, self.id, self.kind)
