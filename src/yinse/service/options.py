"""What a host may set about the service. Every limit has a unit and a default that suits one machine."""

from pathlib import Path
from typing import Annotated, Literal

from limits import parse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

KIBIBYTE, MEBIBYTE = 1024, 1024 * 1024


def _rate(text: str) -> str:
    """Refuse at the start what could not be counted later."""
    try:
        parse(text)
    except ValueError as error:
        raise ValueError("a rate reads like 600/minute") from error
    return text


Rate = Annotated[str, AfterValidator(_rate)]
Address = Annotated[str, AfterValidator(lambda text: text.rstrip("/"))]
"""Paths are put behind it."""


class Frozen(BaseModel):
    """Strict and immutable: a typo names itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LimitOptions(Frozen):
    """How much and how often. Rates read like `600/minute`."""

    requests: Rate = Field(default="600/minute", description="requests of one account, with all its keys")
    anonymous: Rate = Field(default="60/minute", description="requests without a credential from one address")
    sign_in: Rate = Field(
        default="10/minute", description="sign-in attempts for one e-mail address or from one host"
    )
    uploads: Rate = Field(
        default="60/hour", description="voices, recordings and consents uploaded by one account"
    )
    streams: int = Field(default=4, ge=1, description="concurrent speech streams of one account")
    connections: int = Field(
        default=20, ge=1, description="sockets and event streams that one account may keep open"
    )
    characters_monthly: int = Field(default=1_000_000, ge=0, description="default quota of an account")
    text_characters: int = Field(default=5_000, ge=1, description="longest text of one request")
    job_characters: int = Field(default=200_000, ge=1, description="longest text of one job")
    body_bytes: int = Field(
        default=1 * MEBIBYTE, ge=KIBIBYTE, description="largest body that is not an upload"
    )
    body_seconds: float = Field(
        default=30.0, gt=0, description="longest time a body that is not an upload may take"
    )
    answer_bytes: int = Field(
        default=128 * MEBIBYTE, ge=KIBIBYTE, description="audio of an answer that is not streamed"
    )
    upload_bytes: int = Field(default=64 * MEBIBYTE, ge=KIBIBYTE, description="largest upload request")
    upload_seconds: float = Field(default=300.0, gt=0, description="longest time one upload may take")
    recordings: int = Field(default=20, ge=1, description="recordings of one voice")
    voices: int = Field(default=200, ge=1, description="voices of one account")
    dictionaries: int = Field(default=100, ge=1, description="pronunciation dictionaries of one account")
    dictionary_versions: int = Field(default=100, ge=1, description="newest versions kept of a dictionary")
    members: int = Field(
        default=100_000, ge=0, description="members one account may act for, each with limits of its own"
    )
    consent_attempts_daily: int = Field(
        default=5, ge=1, description="spoken consents tried by one account in 24 h"
    )


class OidcOptions(Frozen):
    """Sign-in at an OpenID Connect provider (authorisation code flow with PKCE)."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    name: str = Field(default="OpenID", description="what the sign-in button says")


class S3Options(Frozen):
    """Objects in an S3 bucket."""

    bucket: str
    endpoint: str | None = None
    region: str = "us-east-1"
    access_key: SecretStr | None = None
    secret_key: SecretStr | None = None
    allow_http: bool = False


class LabelOptions(Frozen):
    """How generated audio says that it is generated."""

    on: bool = Field(default=True, description="production refuses to run without")
    producer: str = Field(
        default="yinse",
        pattern=r"^[!#-\[\]-~]{1,128}$",
        description="name or code of the provider, for ContentProducer of GB 45438-2025",
    )


class ServiceOptions(Frozen):
    """The service: where its data lies, its secret, and its limits."""

    environment: Literal["development", "production"] = "development"
    secret: SecretStr | None = Field(default=None, description=">= 32 characters; hashes tokens, signs links")
    database_url: str | None = Field(default=None, description="default: SQLite in the home folder")
    keys_url: str | None = Field(
        default=None, description="wrapped keys; default: keys.sqlite3, or the database"
    )
    objects: Path | None = Field(
        default=None, description="folder of sealed objects; default: in the home folder"
    )
    s3: S3Options | None = None
    oidc: OidcOptions | None = None
    public_url: Address = Field(default="http://127.0.0.1:8700", description="how clients reach the service")
    trusted_proxies: str = Field(
        default="127.0.0.1,::1",
        description="addresses and networks, comma-separated, whose X-Forwarded-For and -Proto are believed",
    )
    sign_up: bool = Field(default=True, description="may anyone create an account?")
    session_hours: int = Field(default=24 * 14, ge=1)
    platform_name: str = Field(default="Yinse", description="named in the consent sentence")
    presets: bool = Field(
        default=True, description="may everybody speak in the voices that ship with the weights?"
    )
    consent_days: int = Field(
        default=365, ge=1, description="how long a consent lasts unless it says otherwise"
    )
    link_seconds: int = Field(default=3600, ge=1, description="life of a signed download link")
    history_days: int = Field(
        default=30, ge=0, description="how long history is kept; 0 keeps it until deleted"
    )
    drain_seconds: float = Field(default=20.0, ge=0, description="time for open streams at shutdown")
    lease_seconds: float = Field(
        default=30.0, gt=0, description="a job whose worker is silent this long is taken over"
    )
    tracing: bool = Field(default=False, description="OpenTelemetry spans; needs the extra telemetry")
    limits: LimitOptions = LimitOptions()
    labels: LabelOptions = LabelOptions()
