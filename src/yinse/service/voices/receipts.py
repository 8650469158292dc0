"""Receipts of deleted voices, and the key to check them with."""

from typing import Annotated

from fastapi import APIRouter
from sqlalchemy import select

from yinse.service.access import allow, public
from yinse.service.context import Context, Visit
from yinse.service.principal import Scope
from yinse.service.voices.schemas import Receipt, ReceiptKey, Receipts
from yinse.service.voices.tables import ReceiptRow

router = APIRouter(tags=["receipts"])


@router.get("/v1/receipts")
async def list_receipts(ctx: Annotated[Context, allow(Scope.VOICES_READ)]) -> Receipts:
    """List the receipts of voices I deleted."""
    statement = select(ReceiptRow).where(ReceiptRow.account_id == ctx.account_id)
    rows = await ctx.session.scalars(statement.order_by(ReceiptRow.id.desc()))
    return Receipts(items=[Receipt(statement=row.statement, signature=row.signature) for row in rows])


@router.get("/v1/receipts/key")
async def receipt_key(visit: Annotated[Visit, public()]) -> ReceiptKey:
    """The public key that receipts and consent records are signed with."""
    return ReceiptKey(public_key=(await visit.ports.keys.signer()).public)
