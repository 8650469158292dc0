"""Accounts on the wire."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from yinse.service.principal import Role, Scope

_MOST_TYPOS = 8
MOST_SCOPES = 32
"""More than there are; some may be named twice."""


def composed(address: str) -> str:
    """An e-mail address as it is compared (RFC 6532, section 3.1): the same letters may be typed in several ways."""
    return unicodedata.normalize("NFC", address)


Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$",
    ),
    AfterValidator(composed),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
ExternalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._@-]{1,128}$")]


def _in_utc(value: datetime) -> datetime:
    """The same moment in UTC; one without a zone is left for whoever asks for zones."""
    try:
        return value.astimezone(UTC) if value.tzinfo else value
    except OverflowError as error:
        raise ValueError("this moment lies beyond the calendar") from error


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class Strict(BaseModel):
    """A body that names its typos. Its values are personal: an error that reaches the log does not repeat them."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _few_typos(cls, value: object) -> object:
        """Refuse at once what holds very many members: each would be an error of its own, and take its time."""
        if isinstance(value, dict) and len(value) > len(cls.model_fields) + _MOST_TYPOS:
            raise ValueError("this holds many members that are not known here")
        return value


class SignUp(Strict):
    """A new account."""

    email: Email
    password: SecretStr = Field(max_length=256)
    display_name: Name


class SignIn(Strict):
    """E-mail and password."""

    email: Email
    password: SecretStr = Field(max_length=256)


class NewPassword(Strict):
    """The old one proves it is you; all other sessions end."""

    current: SecretStr = Field(max_length=256)
    new: SecretStr = Field(max_length=256)


class Account(BaseModel):
    """An account."""

    id: str
    email: str | None
    display_name: str
    role: Role
    external_id: str | None = None
    created_at: datetime


class Me(Account):
    """The account acted for, what the credential may do, and this month's use."""

    scopes: list[Scope]
    characters_used: int
    characters_monthly: int


class Entrance(BaseModel):
    """Who stands at the door, and which doors there are."""

    account: Me | None = Field(description="who is signed in")
    sign_up: bool = Field(description="whether anyone may create an account")
    provider: str | None = Field(description="name of the OpenID provider at /v1/oidc/login")


class SignedIn(BaseModel):
    """A session; the token is also set as a cookie."""

    token: str
    expires_at: datetime
    account: Account


class NewKey(Strict):
    """A key to make."""

    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=MOST_SCOPES)
    expires_at: Moment | None = None


class ApiKey(BaseModel):
    """A key, without its secret."""

    id: str
    name: str
    hint: str = Field(description="the last four characters")
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class CreatedKey(ApiKey):
    """The only answer that ever holds the secret."""

    key: str


class Keys(BaseModel):
    """All keys of an account."""

    items: list[ApiKey]


class NewTicket(Strict):
    """A single-use token for a browser's WebSocket."""

    scopes: list[Scope] = Field(default=[Scope.SPEECH], min_length=1, max_length=MOST_SCOPES)


class Ticket(BaseModel):
    """Send it as `?token=` within a minute, once."""

    token: str
    expires_at: datetime


class NewMember(Strict):
    """A member of the platform that acts."""

    display_name: Name


class Members(BaseModel):
    """The platform's members."""

    items: list[Account]
