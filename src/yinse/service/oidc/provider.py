"""The provider's side: discovery, the authorisation address, and a code exchanged for proven claims.

OpenID Connect Core 1.0, authorisation code flow with PKCE (RFC 7636).
"""

import warnings
from collections.abc import Mapping
from typing import Any, cast

import httpx
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from yinse.contracts.refusals import BackendFailed, Unauthenticated
from yinse.service.options import OidcOptions

_SCOPE = "openid email profile"
_ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
_DISCOVERED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_SECONDS = 10.0


class Provider:
    """One provider. Raises `BackendFailed` when it does not answer, `Unauthenticated` when it does not vouch."""

    def __init__(self, options: OidcOptions, redirect: str) -> None:
        self._options, self._redirect = options, redirect

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in."""
        found = await self._discover()
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    async def claims(self, code: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """What the provider says of who signed in."""
        found = await self._discover()
        try:
            async with self._client() as client:
                token = await client.fetch_token(found["token_endpoint"], code=code, code_verifier=verifier)
            keys = KeySet.import_key_set(cast(KeySetSerialization, await self._get(found["jwks_uri"])))
            claims = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS).claims
            self._registry(found["issuer"], nonce).validate(claims)
        except (JoseError, AuthlibBaseError, KeyError, ValueError) as error:
            raise Unauthenticated("The sign-in could not be proven; start it again.") from error
        except httpx.HTTPError as error:
            raise BackendFailed("The sign-in provider does not answer.") from error
        return dict(claims)

    def _registry(self, issuer: str, nonce: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=30,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self._options.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )

    def _client(self) -> Any:
        # It warns of what its next version will do, whatever the filters are: that is nothing to our operators.
        with warnings.catch_warnings(record=True):
            from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
        return AsyncOAuth2Client(
            self._options.client_id,
            self._options.client_secret.get_secret_value(),
            scope=_SCOPE,
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            timeout=_SECONDS,
        )

    async def _discover(self) -> dict[str, Any]:
        issuer = self._options.issuer.rstrip("/")
        found = await self._get(f"{issuer}/.well-known/openid-configuration")
        if found.get("issuer", "").rstrip("/") != issuer:
            raise BackendFailed("The sign-in provider calls itself by another name.")
        if missing := [name for name in _DISCOVERED if name not in found]:
            raise BackendFailed(f"The sign-in provider does not say its {', '.join(missing)}.")
        return found

    async def _get(self, url: str) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=_SECONDS) as client:
                answer = await client.get(url)
                answer.raise_for_status()
                found: dict[str, Any] = answer.json()
                return found
        except (httpx.HTTPError, ValueError) as error:
            raise BackendFailed("The sign-in provider does not answer.") from error
