"""Who is calling, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum

from yinse.contracts.refusals import PermissionDenied


class Role(StrEnum):
    """A creator owns voices; an operator also runs the house."""

    CREATOR = "creator"
    OPERATOR = "operator"


class Scope(StrEnum):
    """What a key may do. A signed-in session may do everything its role allows."""

    SPEECH = "speech"
    VOICES_READ = "voices:read"
    VOICES_WRITE = "voices:write"
    HISTORY = "history"
    ACCOUNT = "account"
    MEMBERS = "members"
    OPERATOR = "operator"


def scopes_of(role: Role) -> frozenset[Scope]:
    """Everything a role may do."""
    everything = frozenset(Scope)
    return everything if role is Role.OPERATOR else everything - {Scope.OPERATOR}


@dataclass(frozen=True, slots=True)
class Principal:
    """The account acted for, who acts (`actor`: session, key or account), and with which scopes."""

    account_id: str
    role: Role
    scopes: frozenset[Scope]
    actor: str
    key_id: str | None = None

    def require(self, scope: Scope) -> None:
        """Raise `PermissionDenied` unless the scope is held."""
        if scope not in self.scopes:
            raise PermissionDenied(f"This key or role does not have the scope {scope.value!r}.")
