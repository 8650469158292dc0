"""Dictionaries over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import delete, select

from yinse.service.access import allow
from yinse.service.context import Context
from yinse.service.dictionaries import service
from yinse.service.dictionaries.schemas import (
    Dictionaries,
    Dictionary,
    DictionaryWithRules,
    NewDictionary,
    NewRules,
)
from yinse.service.dictionaries.tables import DictionaryRow, DictionaryVersionRow
from yinse.service.principal import Scope

router = APIRouter(tags=["dictionaries"])

Speech = Annotated[Context, allow(Scope.SPEECH)]


@router.post("/v1/dictionaries", status_code=201)
async def create_dictionary(ctx: Speech, body: NewDictionary) -> Dictionary:
    """Make a pronunciation dictionary."""
    return _dictionary(await service.create(ctx, body.name, body.rules))


@router.get("/v1/dictionaries")
async def list_dictionaries(ctx: Speech) -> Dictionaries:
    """List my dictionaries."""
    statement = select(DictionaryRow).where(DictionaryRow.account_id == ctx.account_id)
    rows = await ctx.session.scalars(statement.order_by(DictionaryRow.id.desc()))
    return Dictionaries(items=[_dictionary(row) for row in rows])


@router.get("/v1/dictionaries/{dictionary_id}")
async def get_dictionary(
    ctx: Speech, dictionary_id: str, version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> DictionaryWithRules:
    """Look at the rules of the newest or of another version."""
    row = await service.get(ctx, dictionary_id)
    rules = await service.rules_of(ctx, dictionary_id, version)
    shown = _dictionary(row).model_dump() | {"version": version or row.version}
    return DictionaryWithRules(**shown, rules=rules)


@router.put("/v1/dictionaries/{dictionary_id}/rules")
async def change_rules(ctx: Speech, dictionary_id: str, body: NewRules) -> Dictionary:
    """Replace the rules, as a new version."""
    return _dictionary(await service.change(ctx, dictionary_id, body.rules))


@router.delete("/v1/dictionaries/{dictionary_id}", status_code=204)
async def delete_dictionary(ctx: Speech, dictionary_id: str) -> None:
    """Remove a dictionary and all its versions."""
    row = await service.get(ctx, dictionary_id)
    versions = delete(DictionaryVersionRow).where(DictionaryVersionRow.dictionary_id == row.id)
    await ctx.session.execute(versions)
    await ctx.session.delete(row)


def _dictionary(row: DictionaryRow) -> Dictionary:
    return Dictionary.model_validate(row, from_attributes=True)
