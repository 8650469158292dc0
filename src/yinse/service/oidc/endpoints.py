"""Sign-in at a provider: the browser goes there and comes back with a code."""

import hmac
import secrets
from typing import Annotated

from fastapi import APIRouter, Cookie, Query
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from yinse.contracts.errors import NotFound
from yinse.contracts.refusals import Unauthenticated
from yinse.service.access import public
from yinse.service.accounts.endpoints import set_cookie
from yinse.service.accounts.service import open_session
from yinse.service.context import Visit
from yinse.service.oidc.provider import Provider
from yinse.service.oidc.service import account_of

router = APIRouter(tags=["accounts"])

COOKIE = "yinse_oidc"
_LIFE_SECONDS = 600

PublicWrite = Annotated[Visit, public(write=True)]


@router.get("/v1/oidc/login", response_class=RedirectResponse, status_code=302)
async def login(visit: Annotated[Visit, public()]) -> RedirectResponse:
    """Go to the provider."""
    state, nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    response = RedirectResponse(await _provider(visit).address(state, nonce, verifier), 302)
    until = int(visit.now.timestamp()) + _LIFE_SECONDS
    claims = {"state": state, "nonce": nonce, "verifier": verifier, "exp": until}
    sealed = jwt.encode({"alg": "HS256"}, claims, _key(visit))
    secure = visit.ports.options.public_url.startswith("https")
    response.set_cookie(COOKIE, sealed, max_age=_LIFE_SECONDS, httponly=True, samesite="lax", secure=secure)
    return response


@router.get("/v1/oidc/callback", response_class=RedirectResponse, status_code=302)
async def callback(
    visit: PublicWrite,
    state: Annotated[str, Query(min_length=1, max_length=256)],
    code: Annotated[str, Query(max_length=2048)] = "",
    begun: Annotated[str | None, Cookie(alias=COOKIE)] = None,
) -> RedirectResponse:
    """Come back from the provider, signed in; without a code where somebody thought better of it there."""
    expected = _begun(visit, begun)
    if not hmac.compare_digest(str(expected["state"]).encode(), state.encode()):
        raise Unauthenticated("This sign-in was not begun in this browser; start it again.")
    if not code:
        raise Unauthenticated("The provider did not sign you in; start it again.")
    provider = _provider(visit)
    claims = await provider.claims(code, str(expected["nonce"]), str(expected["verifier"]))
    account = await account_of(visit, claims)
    token, _ = await open_session(visit, account)
    response = RedirectResponse(visit.ports.options.public_url, 302)
    set_cookie(response, token, visit)
    response.delete_cookie(COOKIE)
    return response


def _provider(visit: Visit) -> Provider:
    options = visit.ports.options
    if options.oidc is None:
        raise NotFound("There is no sign-in provider here.")
    return Provider(options.oidc, f"{options.public_url}/v1/oidc/callback")


def _begun(visit: Visit, cookie: str | None) -> dict[str, object]:
    try:
        claims = jwt.decode(cookie or "", _key(visit), algorithms=["HS256"]).claims
    except (JoseError, ValueError) as error:
        raise Unauthenticated("This sign-in was not begun in this browser; start it again.") from error
    if int(claims["exp"]) <= int(visit.now.timestamp()):
        raise Unauthenticated("This sign-in took too long; start it again.")
    return dict(claims)


def _key(visit: Visit) -> OctKey:
    return OctKey.import_key(hmac.digest(visit.ports.secret, b"oidc", "sha256"))
