"""History, links and feedback over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.errors import NotFound
from yinse.service.access import allow, public
from yinse.service.consents import coverage
from yinse.service.consents import repository as consents
from yinse.service.context import Context, Visit
from yinse.service.grants import repository as grants
from yinse.service.history import links, repository, reselection
from yinse.service.history.schemas import Generation, History, Link, NewLink, Rating
from yinse.service.history.tables import GenerationRow
from yinse.service.live import while_it_lives
from yinse.service.objects.purging import purge
from yinse.service.objects.tables import ObjectRow
from yinse.service.ownership import owned
from yinse.service.ports import Ports
from yinse.service.principal import Scope
from yinse.service.ranges import FILE_RESPONSES, file_response
from yinse.service.speech.keeping import text_ref
from yinse.service.speech.lengths import with_length
from yinse.service.speech.media import FORMATS
from yinse.service.voices.presets import is_preset
from yinse.service.voices.tables import VoiceRow, VoiceState
from yinse.vault.segments import plain_size

router = APIRouter(tags=["history"])

HistoryRead = Annotated[Context, allow(Scope.HISTORY)]
HistoryWrite = Annotated[Context, allow(Scope.HISTORY)]


@router.get("/v1/history")
async def list_history(
    ctx: HistoryRead,
    voice_id: str | None = None,
    before: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> History:
    """List what I had spoken, newest first."""
    rows = await repository.page(
        ctx.session, ctx.account_id, voice_id=voice_id, before=before, limit=limit + 1
    )
    items = await _shown(ctx, rows[:limit])
    return History(items=items, next=items[-1].id if len(rows) > limit else None)


@router.get("/v1/history/{generation_id}")
async def get_generation(ctx: HistoryRead, generation_id: str) -> Generation:
    """Look at one utterance."""
    (shown,) = await _shown(ctx, [await _own(ctx, generation_id)])
    return shown


@router.get("/v1/history/{generation_id}/audio", response_class=StreamingResponse, responses=FILE_RESPONSES)
async def play(ctx: HistoryRead, request: Request, generation_id: str) -> Response:
    """Hear an utterance again, or a part of it (`Range`)."""
    return await _audio(ctx.session, ctx.ports, request, await _own(ctx, generation_id))


@router.delete("/v1/history/{generation_id}", status_code=204)
async def delete_generation(ctx: HistoryWrite, generation_id: str) -> None:
    """Remove an utterance and its audio."""
    row = await _own(ctx, generation_id)
    audio = await ctx.session.get(ObjectRow, row.audio_id) if row.audio_id else None
    await ctx.session.delete(row)
    if audio is not None:
        await ctx.session.delete(audio)
        purge(ctx.session, ctx.now, audio.account_id, [audio.ref.path])
    await ctx.audit("generation.deleted", generation_id, {"voice_id": row.voice_id})


@router.put("/v1/history/{generation_id}/rating")
async def rate(ctx: HistoryWrite, generation_id: str, body: Rating) -> Generation:
    """Rate an utterance. A few bad ratings have another reference tried, as a candidate to be compared."""
    row = await _own(ctx, generation_id)
    row.rating, row.thumb, row.rating_reason = body.rating, body.thumb, body.reason
    await reselection.consider(ctx, row)
    (shown,) = await _shown(ctx, [row])
    return shown


@router.post("/v1/history/{generation_id}/link", status_code=201)
async def create_link(ctx: HistoryWrite, generation_id: str, body: NewLink) -> Link:
    """Make a download link. What leaves the account needs the speaker's consent."""
    row = await _own(ctx, generation_id)
    if row.audio_id is None:
        raise NotFound("The audio of this utterance was not kept.")
    await _may_leave(ctx.session, row, ctx.now)
    options = ctx.ports.options
    expires_at = ctx.now + timedelta(seconds=body.seconds or options.link_seconds)
    token = links.sign(ctx.ports.secret, row.id, int(expires_at.timestamp()))
    await ctx.audit("link.created", row.id, {"expires_at": expires_at.isoformat()})
    return Link(url=f"{options.public_url}/v1/links/{token}", expires_at=expires_at)


@router.get("/v1/links/{token}", response_class=StreamingResponse, responses=FILE_RESPONSES)
async def follow_link(visit: Annotated[Visit, public()], request: Request, token: str) -> Response:
    """Download by link, while the voice lives and its consent holds."""
    ports = visit.ports
    generation_id = links.verify(ports.secret, token, int(visit.now.timestamp()))
    row = await _linked(visit.session, generation_id, visit.now)

    async def require() -> None:
        async with ports.database.transaction(write=False) as session:
            await _linked(session, generation_id, ports.clock())

    return await _audio(visit.session, ports, request, row, require)


async def _linked(session: AsyncSession, generation_id: str, now: datetime) -> GenerationRow:
    row = await session.get(GenerationRow, generation_id)
    voice = await session.get(VoiceRow, row.voice_id) if row else None
    if row is None or voice is None or voice.state in (VoiceState.DELETED.value, VoiceState.REVOKED.value):
        raise NotFound("This link has expired, or what it led to is gone.")
    await _may_leave(session, row, now)
    return row


async def _may_leave(session: AsyncSession, row: GenerationRow, now: datetime) -> None:
    """Raises `ConsentRequired` unless the speaker agreed, `NotFound` where whoever had it spoken may not any more.

    The speakers of presets agreed, for everybody.
    """
    if is_preset(row.voice_id):
        return
    voice = await session.get_one(VoiceRow, row.voice_id)
    granted = voice.account_id == row.account_id or await grants.valid(session, voice.id, row.account_id, now)
    if not granted:
        raise NotFound("This voice is not shared any more, and neither is what it said.")
    await coverage.require_version(session, row.version_id, consents.SHARE, now)


async def _own(ctx: Context, generation_id: str) -> GenerationRow:
    return await owned(ctx.session, GenerationRow, generation_id, ctx.account_id, "utterance")


async def _shown(ctx: Context, rows: Sequence[GenerationRow]) -> list[Generation]:
    sealed = [(text_ref(row.account_id, row.id, "text"), row.text) for row in rows]
    texts = await ctx.ports.keys.open_all(ctx.account_id, sealed)
    names = Generation.model_fields.keys() - {"text", "has_audio"}
    return [
        Generation(
            **{name: getattr(row, name) for name in names},
            text=text.decode(),
            has_audio=row.audio_id is not None,
        )
        for row, text in zip(rows, texts, strict=True)
    ]


async def _audio(
    session: AsyncSession,
    ports: Ports,
    request: Request,
    row: GenerationRow,
    require: Callable[[], Awaitable[object]] | None = None,
) -> Response:
    """Its file, as long as the key is there and `require` does not object."""
    audio = await session.get(ObjectRow, row.audio_id) if row.audio_id else None
    if audio is None:
        raise NotFound("The audio of this utterance was not kept.")
    chain = await ports.keys.voice(audio.account_id, audio.voice_id)
    plain, size = ports.keyring.get(ports.blobs, chain, audio.ref), plain_size(audio.size)
    require = require or partial(ports.keys.voice, audio.account_id, audio.voice_id)
    return file_response(
        request,
        _sized(plain, row, size),
        size,
        media_type=row.media_type,
        digest=audio.digest,
        watched=partial(while_it_lives, ports.live, audio.voice_id, require),
        headers={"Content-Disposition": f'inline; filename="{row.id}.{FORMATS[row.format].extension}"'},
    )


async def _sized(plain: AsyncIterator[bytes], row: GenerationRow, size: int) -> AsyncIterator[bytes]:
    """The file with its length in its header, which was not known when it was spoken."""
    head = True
    async for chunk in plain:
        yield with_length(chunk, row.format, size, row.seconds) if head else chunk
        head = False
