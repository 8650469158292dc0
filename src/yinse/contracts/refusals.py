"""Errors of a shared, networked house: who may do what, how often, and what is too much."""

from typing import Literal, TypeAlias

from yinse.contracts.errors import InvalidInput, YinseError

Quota: TypeAlias = Literal["account", "grant"]


class Unauthenticated(YinseError):
    """No credential, or one that is unknown, expired or revoked."""

    code = "unauthenticated"


class PermissionDenied(YinseError):
    """The caller is known but its role or key does not allow this action."""

    code = "permission_denied"


class Conflict(YinseError):
    """The thing exists but is in a state that does not allow this action."""

    code = "conflict"


class ConsentRequired(YinseError):
    """The speaker's verified consent for this use is missing, expired or withdrawn."""

    code = "consent_required"


class TooLarge(InvalidInput):
    """The upload or text exceeds a documented limit."""

    code = "too_large"


class UnsupportedMedia(InvalidInput):
    """The declared or detected media type is not one that we take."""

    code = "unsupported_media"


class Throttled(YinseError):
    """Too many requests; `retry_after` says in how many seconds to come back."""

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after: int, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = max(1, retry_after)


class QuotaExceeded(Throttled):
    """The account or grant has too few characters left; `retry_after` counts to the account's next period.

    `quota` says whose they are, `remaining` how many are left of them.
    """

    code = "quota_exceeded"

    def __init__(
        self,
        message: str,
        *,
        retry_after: int,
        code: str | None = None,
        quota: Quota = "account",
        remaining: int = 0,
    ) -> None:
        super().__init__(message, retry_after=retry_after, code=code)
        self.quota: Quota = quota
        self.remaining = max(0, remaining)


class AtCapacity(Throttled):
    """Every engine slot is busy; nothing was started."""

    code = "at_capacity"


class Outdated(AtCapacity):
    """The voice was made for other weights than those that speak here; it is made anew of its recordings."""

    code = "voice_outdated"


class Unsealable(YinseError):
    """Ciphertext does not open: wrong key, moved, altered, or the key was shredded."""

    code = "unsealable"


class InsecureConfiguration(YinseError):
    """The settings would run a production service with development secrets."""

    code = "insecure_configuration"
    exit_code = 2


class BackendFailed(YinseError):
    """The engine behind a Protocol broke; the cause is in the log, the request may be repeated."""

    code = "backend_failed"
