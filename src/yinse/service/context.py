"""What a use case is given: one transaction, who calls, and the ports. One request, one transaction."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.service.audit.service import record
from yinse.service.ports import Ports
from yinse.service.principal import Principal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that needs no caller: sign-in, health. `host` is the peer's address.

    `principal` is who is signed in, on routes that ask.
    """

    session: AsyncSession
    ports: Ports
    host: str
    principal: Principal | None = None

    @property
    def now(self) -> datetime:
        """The moment of this use case."""
        return self.ports.clock()

    async def audit(
        self,
        action: str,
        subject: str,
        details: Mapping[str, Any] | None = None,
        *,
        account_id: str | None = None,
    ) -> None:
        """Append an event of nobody signed in."""
        await record(
            self.session,
            self.now,
            account_id=account_id,
            actor="anonymous",
            action=action,
            subject=subject,
            details=details,
        )


@dataclass(frozen=True, slots=True)
class Context:
    """A request of a known caller. `afterwards` is done once the transaction is committed, before the answer leaves."""

    session: AsyncSession
    ports: Ports
    principal: Principal
    afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The moment of this use case."""
        return self.ports.clock()

    @property
    def account_id(self) -> str:
        """The account acted for."""
        return self.principal.account_id

    async def audit(self, action: str, subject: str, details: Mapping[str, Any] | None = None) -> None:
        """Append an event of this caller."""
        await record(
            self.session,
            self.now,
            account_id=self.account_id,
            actor=self.principal.actor,
            action=action,
            subject=subject,
            details=details,
        )

    async def committed(self) -> None:
        """Do what was to be done afterwards. A failure is logged: what is committed is not undone by it."""
        for act in self.afterwards:
            try:
                await act()
            except Exception:
                log.exception("something failed after a commit")

    def within(self, session: AsyncSession) -> "Context":
        """Act for the same caller in another transaction (settling after a stream)."""
        return replace(self, session=session)
