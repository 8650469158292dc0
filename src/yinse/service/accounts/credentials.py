"""Tokens and passwords: drawn, hashed, compared. Tokens are stored as keyed hashes (HMAC-SHA256)."""

import asyncio
import functools
import hashlib
import hmac
import secrets

from pwdlib import PasswordHash

from yinse.contracts.errors import InvalidInput

TICKET = "yt"
"""The kind of token that opens one WebSocket."""
_PASSWORDS = PasswordHash.recommended()
_SHORTEST = 10


def new_token(kind: str) -> str:
    """Draw a token of 256 random bits; `kind` (`yk`, `ys`, `yt`) says what it is."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def is_ticket(token: str) -> bool:
    """Whether a token opens one WebSocket and nothing else."""
    return token.startswith(f"{TICKET}_")


def hash_token(secret: bytes, token: str) -> str:
    """Keyed hash: a stolen table finds no token."""
    return hmac.new(secret, token.encode(), hashlib.sha256).hexdigest()


async def hash_password(password: str) -> str:
    """Argon2id, in a thread. Raises `InvalidInput` for a password that is too short."""
    if len(password) < _SHORTEST:
        raise InvalidInput(f"A password needs at least {_SHORTEST} characters.", code="weak_password")
    return await asyncio.to_thread(_PASSWORDS.hash, password)


async def password_matches(password: str, stored: str | None) -> bool:
    """Compare in a thread; an unknown account takes as long as a known one."""
    matches = await asyncio.to_thread(_PASSWORDS.verify, password, stored or _decoy())
    return matches and stored is not None


@functools.cache
def _decoy() -> str:
    """A hash nobody knows the password of."""
    return _PASSWORDS.hash(secrets.token_urlsafe(16))
