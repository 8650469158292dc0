"""Make a voice of an upload: seal every recording while it streams in, then one transaction."""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from yinse.contracts.errors import InvalidInput
from yinse.contracts.refusals import Conflict, TooLarge, UnsupportedMedia
from yinse.contracts.storage import KeyChain, ObjectRef
from yinse.service.accounts.authentication import still_valid
from yinse.service.context import Context
from yinse.service.ids import new_id
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow
from yinse.service.objects.tables import ObjectRow
from yinse.service.ports import Ports
from yinse.service.uploads import Form, at_most, receiving, sniffed
from yinse.service.voices import repository, told
from yinse.service.voices.schemas import NewVoice
from yinse.service.voices.tables import VersionRow, VersionState, VoiceRow, VoiceState

RECORDING, CONSENT, PROMPT, ADAPTER, AUDIO = "recording", "consent", "prompt", "adapter", "audio"


@dataclass(slots=True)
class Received:
    """What a form held: its fields, and its files sealed in the store, not yet in the database."""

    fields: dict[str, str] = field(default_factory=dict)
    objects: list[ObjectRow] = field(default_factory=list)


class Made(NamedTuple):
    """A pending voice, the job that enrols it, and its recordings in the order of the form."""

    voice: VoiceRow
    job: JobRow
    recordings: list[ObjectRow]


ReadFields = Callable[[dict[str, str]], tuple[NewVoice, str | None]]
"""From a form's fields to the voice they describe and the consent they name."""


class Binding(Protocol):
    """How a recorded consent (its id) comes to a new voice (its id): before the transaction, and in it."""

    async def move(self, ctx: Context, consent_id: str, voice_id: str) -> ObjectRow:
        """Store its recording with the voice."""

    async def adopt(self, ctx: Context, consent_id: str, voice_id: str, moved: ObjectRow) -> None:
        """Give it to the voice."""


async def voice_from_form(
    ctx: Context,
    request: Request,
    read: ReadFields,
    binding: Binding | None = None,
    *,
    longest: int | None = None,
) -> Made:
    """Receive an upload and make a pending voice of it. On any failure neither key nor file stays.

    Raises `InvalidInput`, `TooLarge`, `UnsupportedMedia`, `Throttled`, `Conflict`, `NotFound` (the consent).
    """
    ports, voice_id = ctx.ports, new_id("voice")
    await ports.throttle.hit(ports.options.limits.uploads, "uploads", ctx.account_id)
    chain = await ports.keys.new_voice(ctx.account_id, voice_id)
    stored: list[ObjectRow] = []
    try:
        async with receiving(request, ports.options.limits) as form:
            most = ports.options.limits.recordings
            received = await receive(ports, chain, voice_id, form, most=most, longest=longest)
        objects, stored = received.objects, [*received.objects]
        new, consent_id = read(received.fields)
        if binding is None or consent_id is None:
            return Made(*await create_voice(ctx, voice_id, new, objects), objects)
        moved = await binding.move(ctx, consent_id, voice_id)
        stored.append(moved)
        made = Made(*await create_voice(ctx, voice_id, new, objects, consent_id), objects)
        await binding.adopt(ctx, consent_id, voice_id, moved)
        return made
    except BaseException:
        await discard(ports, stored)
        await ports.keys.shred_voice(ctx.account_id, voice_id)
        raise


async def receive(
    ports: Ports,
    chain: KeyChain,
    voice_id: str,
    form: Form,
    *,
    kind: str = RECORDING,
    most: int,
    longest: int | None = None,
) -> Received:
    """Read a whole form, sealing its files under `voice_id`: at most so many, perhaps of at most so many bytes each.

    On any failure nothing stays in the store. Raises `UnsupportedMedia`, `TooLarge`, `InvalidInput`, `StorageFull`.
    """
    received = Received()
    try:
        async for part in form.parts():
            if not part.is_file:
                received.fields[part.name] = await part.text()
                continue
            if len(received.objects) >= most:
                raise TooLarge(f"At most {most} files may be sent here.")
            body = part.body if longest is None else at_most(part.body, longest)
            try:
                received.objects.append(await store(ports, chain, voice_id, body, kind))
            except UnsupportedMedia as error:
                error.file = len(received.objects)
                raise
        if kind == RECORDING:
            told.attach(ports, chain, received.objects, received.fields.pop(told.FIELD, None))
    except BaseException:
        await discard(ports, received.objects)
        raise
    return received


async def store(
    ports: Ports, chain: KeyChain, voice_id: str, body: AsyncIterator[bytes], kind: str
) -> ObjectRow:
    """Seal one file into the store; return its row, not yet added."""
    media_type, body = await sniffed(body)
    digest = hashlib.sha256()

    async def hashed() -> AsyncIterator[bytes]:
        async for chunk in body:
            digest.update(chunk)
            yield chunk

    ref = ObjectRef(chain.account_id, voice_id, new_id("obj"), kind)
    try:
        size = await ports.keyring.put(ports.blobs, chain, ref, hashed())
    except BaseException:
        await ports.blobs.delete(ref.path)
        raise
    return ObjectRow.at(ref, ports.clock(), size=size, media_type=media_type, digest=digest.hexdigest())


async def discard(ports: Ports, objects: list[ObjectRow]) -> None:
    """Remove files whose transaction will not happen."""
    for row in objects:
        await ports.blobs.delete(row.ref.path)


async def create_voice(
    ctx: Context, voice_id: str, new: NewVoice, objects: list[ObjectRow], consent_id: str | None = None
) -> tuple[VoiceRow, JobRow]:
    """One transaction: voice (pending), its recordings, the job that enrols it."""
    if not objects:
        raise InvalidInput("Send at least one recording.", code="no_recording")
    await still_valid(ctx.session, ctx.principal, ctx.now)
    most = ctx.ports.options.limits.voices
    if await repository.count_own(ctx.session, ctx.account_id) >= most:
        raise Conflict(f"An account may have {most} voices; delete one first.", code="too_many_voices")
    row = VoiceRow(
        id=voice_id,
        account_id=ctx.account_id,
        **new.model_dump(),
        settings={},
        state=VoiceState.PENDING.value,
        epoch=1,
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.add_all(objects)
    payload = {"voice_id": voice_id} | ({"consent_id": consent_id} if consent_id else {})
    job = queue.enqueue(ctx.session, ctx.now, "enrol", ctx.account_id, payload, voice_id=voice_id)
    await ctx.session.flush()
    await ctx.audit("voice.created", voice_id, {"recordings": len(objects)})
    return row, job


async def add_version(
    session: AsyncSession,
    voice: VoiceRow,
    now: datetime,
    *,
    origin: str,
    prompt_id: str,
    recordings: list[str] | None,
    adapter_id: str | None = None,
    likeness: tuple[float, float] | None = None,
) -> VersionRow:
    """Add a candidate version."""
    existing = await repository.versions(session, voice.id)
    row = VersionRow(
        id=new_id("ver"),
        voice_id=voice.id,
        account_id=voice.account_id,
        number=existing[0].number + 1 if existing else 1,
        state=VersionState.CANDIDATE.value,
        origin=origin,
        prompt_id=prompt_id,
        adapter_id=adapter_id,
        recordings=recordings,
        likeness_before=likeness[0] if likeness else None,
        likeness_after=likeness[1] if likeness else None,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row
