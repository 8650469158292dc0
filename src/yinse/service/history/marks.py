"""When the characters of a kept utterance sound, for highlighting it while it is heard again."""

import json
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from yinse.service.access import allow
from yinse.service.context import Context
from yinse.service.history.tables import GenerationRow
from yinse.service.ownership import owned
from yinse.service.principal import Scope
from yinse.service.speech.keeping import text_ref
from yinse.service.speech.marks import TextMark

router = APIRouter(tags=["history"])


class Marks(BaseModel):
    """In the order they are spoken."""

    items: list[TextMark]


@router.get("/v1/history/{generation_id}/marks")
async def utterance_marks(ctx: Annotated[Context, allow(Scope.HISTORY)], generation_id: str) -> Marks:
    """List when the characters of an utterance sound."""
    row = await owned(ctx.session, GenerationRow, generation_id, ctx.account_id, "utterance")
    if row.timings is None:
        return Marks(items=[])
    opened = await ctx.ports.keys.open(text_ref(row.account_id, row.id, "timings"), row.timings)
    return Marks(
        items=[
            TextMark(text_start=first, text_end=last, start=start, end=end)
            for _, first, last, start, end, _ in json.loads(opened)
        ]
    )
