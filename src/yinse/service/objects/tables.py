"""One row for every ciphertext in the store."""

from datetime import datetime

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

    @property
    def ref(self) -> ObjectRef:
        """The row that the ciphertext is bound to."""
        return ObjectRef(self.account_id, self.voice_id, self.id, self.kind)
