"""Signed links: which utterance until when, in the link itself; the row decides whether it lives."""

import base64
import hashlib
import hmac

from yinse.contracts.errors import NotFound

_GONE = "This link has expired, or what it led to is gone."


def sign(secret: bytes, generation_id: str, expires: int) -> str:
    """A token for an utterance until a moment (seconds since 1970)."""
    body = f"{generation_id}.{expires}"
    return f"{body}.{_mac(secret, body)}"


def verify(secret: bytes, token: str, now: int) -> str:
    """The utterance a token leads to. Raises `NotFound` for a forged or expired one."""
    body, _, mac = token.rpartition(".")
    generation_id, _, expires = body.partition(".")
    genuine = hmac.compare_digest(mac.encode(), _mac(secret, body).encode())
    if not genuine or not expires.isdigit() or int(expires) <= now:
        raise NotFound(_GONE)
    return generation_id


def _mac(secret: bytes, body: str) -> str:
    digest = hmac.new(secret, b"link|" + body.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
