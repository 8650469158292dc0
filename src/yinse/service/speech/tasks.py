"""Long texts as jobs: spoken part by part, each part kept sealed, so that a restart goes on where it was."""

import asyncio
import hashlib
import json
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.errors import NotFound, SynthesisFailed
from yinse.contracts.refusals import BackendFailed, Outdated
from yinse.contracts.speech import AudioChunk, Failed, Finished, PhonemeTiming, SynthesisRequest, Timings
from yinse.contracts.storage import ObjectRef
from yinse.service.context import Context
from yinse.service.grants import repository as grants
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow
from yinse.service.jobs.worker import Outcome, Task
from yinse.service.principal import Principal, Role, Scope
from yinse.service.speech import keeping, orders
from yinse.service.speech.directions import Piece
from yinse.service.speech.media import encoder_for
from yinse.service.speech.parts import split
from yinse.service.speech.preparation import Prepared, admit, prepare
from yinse.service.speech.schemas import SpeechOrder
from yinse.service.voices import renewal
from yinse.service.voices.creation import AUDIO


async def enqueue_speech(ctx: Context, order: SpeechOrder) -> JobRow:
    """Admit and pay now, speak later; the order lies sealed under the caller's account."""
    most = ctx.ports.options.limits.job_characters
    prepared = await prepare(ctx, order, source="job", most=most)
    chain = await ctx.ports.keys.account(ctx.account_id)
    ref = keeping.text_ref(ctx.account_id, prepared.generation_id, "order")
    payload = {
        "generation_id": prepared.generation_id,
        "order": ctx.ports.keyring.seal(chain, ref, order.model_dump_json().encode()).hex(),
        "seed": prepared.seed,
        "period": prepared.period,
        "characters": prepared.characters,
        "grant_id": prepared.grant_id,
        "parts": _parts(prepared),
        "role": ctx.principal.role.value,
        "actor": ctx.principal.actor,
    }
    job = queue.enqueue(
        ctx.session, ctx.now, orders.KIND, ctx.account_id, payload, voice_id=prepared.voice_id
    )
    await ctx.session.flush()
    return job


async def speak_long(task: Task) -> Outcome:
    """Speak every part that is not spoken yet, then encode the whole into history."""
    prepared = await _prepared(task)
    parts = await asyncio.to_thread(split, prepared.request.text)
    for index in range(len(parts)):
        await _require_grant(task, prepared)
        ref = _part_ref(prepared, index)
        if not await _exists(task, ref):
            try:
                part = await _speak_part(task, _part_request(prepared, parts, index))
            except Outdated:  # this job waits and is tried again, with the version that is made anew
                await renewal.begin(task.ports, prepared.voice_id, prepared.version_id)
                raise
            await task.ports.keyring.put(task.ports.blobs, prepared.request.voice.keys, ref, part.packed())
        await task.progress(0.95 * (index + 1) / len(parts))
    await _require_grant(task, prepared)
    return await _whole(task, prepared, parts)


async def _require_grant(task: Task, prepared: Prepared) -> None:
    """Raises `PermissionDenied` once the voice is not shared any more: a long text takes hours."""
    if prepared.grant_id is not None:
        async with task.ports.database.transaction(write=False) as session:
            await grants.require_standing(session, prepared.grant_id, task.ports.clock())


@dataclass(frozen=True, slots=True)
class _Part:
    """Samples of one part with its timings: a JSON head with its length before it, then s16le samples."""

    rate: int
    pcm: bytes
    phonemes: tuple[PhonemeTiming, ...]
    score: float | None

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.rate

    async def packed(self) -> AsyncIterator[bytes]:
        timings = [[p.symbol, p.text_start, p.text_end, p.start, p.end, p.viseme] for p in self.phonemes]
        head = json.dumps({"rate": self.rate, "timings": timings, "score": self.score}).encode()
        yield struct.pack("<I", len(head)) + head
        yield self.pcm

    @classmethod
    def unpacked(cls, data: bytes) -> "_Part":
        length = struct.unpack_from("<I", data)[0]
        head = json.loads(data[4 : 4 + length])
        phonemes = tuple(PhonemeTiming(*timing) for timing in head["timings"])
        return cls(head["rate"], data[4 + length :], phonemes, head["score"])


async def _prepared(task: Task) -> Prepared:
    """What was admitted, checked again: the voice may have been revoked meanwhile."""
    payload, account_id = task.job.payload, task.job.account_id
    ref = keeping.text_ref(account_id, payload["generation_id"], "order")
    order = SpeechOrder.model_validate_json(await task.ports.keys.open(ref, bytes.fromhex(payload["order"])))
    principal = Principal(account_id, Role(payload["role"]), frozenset({Scope.SPEECH}), payload["actor"])
    async with task.ports.database.transaction(write=False) as session:
        ctx = Context(session, task.ports, principal)
        prepared = await admit(ctx, order, seed=payload["seed"], source="job")
    return replace(prepared, generation_id=payload["generation_id"], period=payload["period"])


def _part_request(prepared: Prepared, parts: list[Piece], index: int) -> SynthesisRequest:
    request = prepared.request
    return replace(
        request,
        request_id=f"{prepared.generation_id}-{index}",
        text=parts[index].whole,
        previous_text=parts[index - 1].text if index else request.previous_text,
        next_text=parts[index + 1].text if index + 1 < len(parts) else request.next_text,
        controls=replace(request.controls, seed=(prepared.seed + index) % 2**32),
    )


async def _speak_part(task: Task, request: SynthesisRequest) -> _Part:
    pcm, rate, phonemes = bytearray(), 0, list[PhonemeTiming]()
    async for event in task.ports.speech.stream(request):
        match event:
            case AudioChunk():
                pcm += event.pcm
                rate = event.rate
                task.ports.metrics.spoken.inc(event.seconds)
            case Timings(found):
                phonemes.extend(found)
            case Failed(code, message):
                raise SynthesisFailed(message, code=code)
            case Finished(_, _, score):
                return _Part(rate, bytes(pcm), tuple(phonemes), score)
    raise BackendFailed("The engine stopped without finishing.")


async def _whole(task: Task, prepared: Prepared, parts: list[Piece]) -> Outcome:
    ports, chain = task.ports, prepared.request.voice.keys
    phonemes, digest, seconds = list[PhonemeTiming](), hashlib.sha256(), 0.0
    scores: list[float] = []

    async def encoded() -> AsyncIterator[bytes]:
        nonlocal seconds
        encoder, offset = None, 0
        for index, piece in enumerate(parts):
            part = _Part.unpacked(await _read(task, prepared, index))
            encoder = encoder or encoder_for(prepared.format, part.rate, prepared.label)
            yield _hashed(digest, await asyncio.to_thread(encoder.encode, part.pcm))
            phonemes.extend(_shifted(part.phonemes, offset - len(piece.before), seconds))
            scores.extend([] if part.score is None else [part.score])
            seconds, offset = seconds + part.seconds, offset + len(piece.text)
        assert encoder is not None
        yield _hashed(digest, await asyncio.to_thread(encoder.finish))

    ref = ObjectRef(prepared.owner_id, prepared.shelf_id, f"obj_{prepared.generation_id}", AUDIO)
    size = await ports.keyring.put(ports.blobs, chain, ref, encoded())
    finished = Finished(seconds, prepared.seed, min(scores, default=None))

    async def apply(session: AsyncSession) -> None:
        audio = keeping.audio_row(ports, prepared, ref, size, digest.hexdigest())
        await keeping.keep(session, ports, prepared, finished, phonemes, audio)
        await keeping.note(session, ports, prepared, prepared.characters, finished)
        orders.forget(session, await session.get_one(JobRow, task.job.id), ports.clock())

    return Outcome({"generation_id": prepared.generation_id, "seconds": round(seconds, 3)}, apply)


def _hashed(digest: "hashlib._Hash", data: bytes) -> bytes:
    digest.update(data)
    return data


def _shifted(phonemes: tuple[PhonemeTiming, ...], characters: int, seconds: float) -> list[PhonemeTiming]:
    return [
        replace(
            p,
            text_start=p.text_start + characters,
            text_end=p.text_end + characters,
            start=p.start + seconds,
            end=p.end + seconds,
        )
        for p in phonemes
    ]


def _part_ref(prepared: Prepared, index: int) -> ObjectRef:
    object_id = f"{_part_prefix(prepared)}{index:05d}"
    return ObjectRef(prepared.owner_id, prepared.shelf_id, object_id, "part")


def _part_prefix(prepared: Prepared) -> str:
    return f"part_{prepared.generation_id}_"


def _parts(prepared: Prepared) -> str:
    """How the paths of all parts begin."""
    return ObjectRef(prepared.owner_id, prepared.shelf_id, _part_prefix(prepared), "part").path


async def _exists(task: Task, ref: ObjectRef) -> bool:
    stream = task.ports.blobs.get(ref.path)
    try:
        await anext(aiter(stream))
    except NotFound:
        return False
    return True


async def _read(task: Task, prepared: Prepared, index: int) -> bytes:
    keyring, chain = task.ports.keyring, prepared.request.voice.keys
    opened = keyring.get(task.ports.blobs, chain, _part_ref(prepared, index))
    return b"".join([chunk async for chunk in opened])
