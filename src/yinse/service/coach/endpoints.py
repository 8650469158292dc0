"""The live coach over a WebSocket, and sentences to read."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.websockets import WebSocket, WebSocketDisconnect

from yinse.contracts.backend import CoachSession
from yinse.contracts.errors import InvalidInput
from yinse.service.access import allow
from yinse.service.context import Context
from yinse.service.principal import Scope
from yinse.service.sockets import Caller, accepted, allow_socket, send

router = APIRouter(tags=["coach"])

REPORT_SECONDS = 0.5
_LONGEST_SECONDS = 600

CoachLanguage = Literal["zh", "en", "ja"]


class Sentences(BaseModel):
    """What to read aloud in guided mode."""

    language: CoachLanguage
    sentences: list[str]


@router.get("/v1/coach/sentences")
async def sentences(ctx: Annotated[Context, allow(Scope.VOICES_READ)], language: CoachLanguage) -> Sentences:
    """Sentences that cover the sounds of a language."""
    return Sentences(language=language, sentences=list(ctx.ports.coach.sentences(language)))


@router.websocket("/v1/coach")
async def coach(
    socket: WebSocket,
    caller: Annotated[Caller, allow_socket(Scope.VOICES_WRITE)],
    rate: Annotated[int, Query(ge=8000, le=192_000)] = 48_000,
    language: CoachLanguage = "zh",
) -> None:
    """Send mono s16le samples as binary messages; a report comes every half second of audio.

    A text message "done" asks for the last report and ends the take. Nothing of it is kept.
    """
    async with accepted(socket):
        session = await asyncio.to_thread(caller.ports.coach.open, rate, language)
        try:
            await _listen(socket, session, rate)
        finally:
            await session.close()


async def _listen(socket: WebSocket, session: CoachSession, rate: int) -> None:
    heard, due = 0, REPORT_SECONDS * rate
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        if (pcm := message.get("bytes")) is None:
            await send(socket, {"type": "done", **await session.finish()})
            return
        heard += len(pcm) // 2
        if heard > _LONGEST_SECONDS * rate:
            raise InvalidInput(
                "This take is longer than ten minutes; a good minute is enough.", code="too_long"
            )
        await session.feed(pcm)
        if heard >= due:
            due = heard + REPORT_SECONDS * rate
            await send(socket, {"type": "report", **await session.report()})
