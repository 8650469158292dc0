"""What is stored about me, and one request that destroys all of it."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from yinse.service.access import COOKIE, allow
from yinse.service.accounts import erasure
from yinse.service.context import Context
from yinse.service.principal import Scope
from yinse.service.voices.schemas import Receipt, Receipts

router = APIRouter(tags=["privacy"])


class Inventory(BaseModel):
    """What is stored."""

    rows: dict[str, int] = Field(description="number of rows by table")
    sealed_bytes: int = Field(description="size of all sealed objects")


@router.get("/v1/me/inventory")
async def inventory(ctx: Annotated[Context, allow(Scope.ACCOUNT)]) -> Inventory:
    """What is stored about me. Recordings, utterances and consents can be fetched one by one."""
    return Inventory.model_validate(await erasure.inventory(ctx))


@router.delete("/v1/me")
async def erase(ctx: Annotated[Context, allow(Scope.ACCOUNT)], response: Response) -> Receipts:
    """Destroy my voices, my history and my account, at once and for good; answers with the receipts."""
    receipts = await erasure.erase(ctx)
    response.delete_cookie(COOKIE)
    return Receipts(items=[Receipt(statement=row.statement, signature=row.signature) for row in receipts])
