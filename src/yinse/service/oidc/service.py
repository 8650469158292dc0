"""From proven claims to an account; never joined by e-mail address, which would let one be taken."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from yinse.contracts.refusals import PermissionDenied, Unauthenticated
from yinse.service.accounts.schemas import composed
from yinse.service.accounts.service import create_account
from yinse.service.accounts.tables import AccountRow, IdentityRow
from yinse.service.context import Visit


async def account_of(visit: Visit, claims: Mapping[str, Any]) -> AccountRow:
    """Find the account of an identity, or make one where sign-up is open."""
    key = (str(claims["iss"]), str(claims["sub"]))
    identity = await visit.session.get(IdentityRow, key)
    if identity is not None:
        account = await visit.session.get_one(AccountRow, identity.account_id)
        if account.suspended_at is not None:
            raise Unauthenticated("This account is suspended or deleted.")
        return account
    if not visit.ports.options.sign_up:
        raise PermissionDenied("Sign-up is closed here; ask the operator for an account.")
    name = str(claims.get("name") or claims.get("preferred_username") or "Member")[:100]
    account = await create_account(
        visit.session, visit.now, display_name=name, email=await _free_address(visit, claims)
    )
    visit.session.add(IdentityRow(issuer=key[0], subject=key[1], account_id=account.id))
    await visit.audit("account.created", account.id, {"issuer": key[0]}, account_id=account.id)
    return account


async def _free_address(visit: Visit, claims: Mapping[str, Any]) -> str | None:
    """The address, if the provider verified it and nobody here has it."""
    address = composed(str(claims.get("email") or "").strip().lower())
    if not address or claims.get("email_verified") is not True:
        return None
    taken = await visit.session.scalar(select(AccountRow.id).where(AccountRow.email == address))
    return None if taken else address
