"""One utterance from its first event to its settlement.

Whatever happens in between (a client that leaves, an engine that breaks, a voice that is deleted while it
speaks) the account is charged for what was spoken and no more, and history holds whole utterances only.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

import anyio

from yinse.contracts.errors import SynthesisFailed, YinseError
from yinse.contracts.refusals import BackendFailed, Outdated
from yinse.contracts.speech import AudioChunk, Failed, Finished, PhonemeTiming, SpeechEvent, Timings
from yinse.contracts.storage import ObjectRef
from yinse.service.accounts import quota
from yinse.service.grants import repository as grants
from yinse.service.objects.tables import ObjectRow
from yinse.service.ports import Ports
from yinse.service.speech import keeping
from yinse.service.speech.alignment import spoken_until
from yinse.service.speech.media import encoder_for
from yinse.service.speech.preparation import Prepared
from yinse.service.tracing import Value
from yinse.service.voices import renewal
from yinse.service.voices.creation import AUDIO

_GONE = "voice_gone"
GRANT_SECONDS = 0.5
"""How often a grant that somebody speaks by is asked for again."""
_PATIENCE_SECONDS = 5.0
"""For a store to let go of what broke off; one that is cancelled leaves its tasks to the garbage collector."""


@dataclass(slots=True)
class Utterance:
    """Speaks what was prepared. Iterate `events` or `encoded`, once; then `finished` tells how it ended."""

    ports: Ports
    prepared: Prepared
    phonemes: list[PhonemeTiming] = field(default_factory=list)
    finished: Finished | None = None
    _stored: ObjectRow | None = None
    _sent: float = 0.0
    _granted_at: float = field(default_factory=time.monotonic)

    async def events(self) -> AsyncGenerator[SpeechEvent, None]:
        """Yield chunks and timings, then `Finished`; everything else raises in the house's words."""
        ports, prepared = self.ports, self.prepared
        try:
            most = ports.options.limits.streams
            with (
                ports.throttle.hold("streams", prepared.principal.account_id, most),
                ports.live.stream(prepared.voice_id) as stop,
                ports.metrics.streams.track_inprogress(),
            ):
                async with aclosing(_measured(ports, prepared)) as stream:
                    async for event in stream:
                        if stop.is_set():
                            raise SynthesisFailed(
                                "This voice was deleted or revoked while it spoke.", code=_GONE
                            )
                        await self._require_grant()
                        self._note(event)
                        yield event
            if self.finished is None:
                raise BackendFailed("The engine stopped without finishing.")
        except YinseError as error:
            if self._sent:
                ports.metrics.broken.labels(error.code).inc()
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await self._settle()

    async def encoded(self) -> AsyncGenerator[bytes, None]:
        """The utterance as a playable stream; kept, sealed, while it is sent."""
        encoder, wanted, label = None, self.prepared.format, self.prepared.label
        async with aclosing(self.events()) as events, _Keeper(self) as keeper:
            async for event in events:
                if isinstance(event, AudioChunk):
                    encoder = encoder or encoder_for(wanted, event.rate, label)
                    if data := await asyncio.to_thread(encoder.encode, event.pcm):
                        await keeper.write(data)
                        yield data
                elif isinstance(event, Finished):
                    encoder = encoder or encoder_for(wanted, wanted.rate or 44100, label)
                    rest = await asyncio.to_thread(encoder.finish)
                    await keeper.write(rest)
                    self._stored = await keeper.finish()
                    if rest:
                        yield rest

    async def _require_grant(self) -> None:
        """Raises `PermissionDenied` soon after the owner took the voice back, or the grant is over."""
        grant_id, now = self.prepared.grant_id, time.monotonic()
        if grant_id is None or now - self._granted_at < GRANT_SECONDS:
            return
        self._granted_at = now
        async with self.ports.database.transaction(write=False) as session:
            await grants.require_standing(session, grant_id, self.ports.clock())

    def _note(self, event: SpeechEvent) -> None:
        match event:
            case Timings(phonemes):
                self.phonemes.extend(phonemes)
            case Finished():
                self.finished = event
            case Failed(code, message):
                raise SynthesisFailed(message, code=code)
            case AudioChunk():
                self._sent += event.seconds
                self.ports.metrics.spoken.inc(event.seconds)

    async def _settle(self) -> None:
        """Charge for what was spoken, note it in the audit chain, keep it in history."""
        prepared, ports = self.prepared, self.ports
        spoken = prepared.characters if self.finished else spoken_until(self.phonemes, self._sent)
        unspoken = max(0, prepared.characters - spoken)
        account_id = prepared.principal.account_id
        async with ports.database.transaction() as session:
            if self.finished is not None and prepared.store:
                await keeping.keep(session, ports, prepared, self.finished, self.phonemes, self._stored)
            else:
                await keeping.stay(session, prepared)
            if unspoken:
                await quota.give_back(session, account_id, unspoken, prepared.period)
                if prepared.grant_id is not None:
                    await grants.give_back(session, prepared.grant_id, unspoken)
            await keeping.note(session, ports, prepared, spoken, self.finished)


async def _measured(ports: Ports, prepared: Prepared) -> AsyncGenerator[SpeechEvent, None]:
    """The engine's events, with the time to the first audio; anything unforeseen becomes `BackendFailed`."""
    started, first = time.perf_counter(), True
    hot = ports.live.heat(prepared.voice_id, prepared.request.voice.epoch)
    stream = ports.speech.stream(prepared.request)
    known: dict[str, Value] = {"generation": prepared.generation_id, "source": prepared.source}
    try:
        with ports.tracing.span("speech", known | {"characters": prepared.characters, "hot": hot}) as span:
            async for event in stream:
                if first and isinstance(event, AudioChunk):
                    first, waited = False, time.perf_counter() - started
                    ports.metrics.first_audio.labels("yes" if hot else "no").observe(waited)
                    span.set({"first_audio_s": waited})
                elif isinstance(event, Finished):
                    span.set({"seconds": event.seconds})
                yield event
    except Outdated:
        await renewal.begin(ports, prepared.voice_id, prepared.version_id)
        raise
    except YinseError:
        raise
    except Exception as error:
        raise BackendFailed("The engine broke; send this again.") from error
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


class _Keeper:
    """Seals encoded audio into the store beside the stream that sends it; an unfinished one is removed."""

    def __init__(self, utterance: Utterance) -> None:
        self._ports, self._prepared = utterance.ports, utterance.prepared
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=8)
        self._task: asyncio.Task[int] | None = None
        self._digest = hashlib.sha256()
        self._complete = self._finished = False
        prepared = utterance.prepared
        object_id = f"obj_{prepared.generation_id}"
        self._ref = ObjectRef(prepared.owner_id, prepared.shelf_id, object_id, AUDIO)

    async def __aenter__(self) -> "_Keeper":
        if self._prepared.store:
            keyring, blobs = self._ports.keyring, self._ports.blobs
            chain = self._prepared.request.voice.keys
            self._task = asyncio.create_task(keyring.put(blobs, chain, self._ref, self._chunks()))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is None or self._finished:
            return
        with anyio.CancelScope(shield=True):
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(None)  # before its time: the store is told that there is no more
            await asyncio.wait({self._task}, timeout=_PATIENCE_SECONDS)
            self._task.cancel()
            with suppress(asyncio.CancelledError, YinseError):
                await self._task
            await self._ports.blobs.delete(self._ref.path)

    async def write(self, data: bytes) -> None:
        if self._task is not None and data:
            self._digest.update(data)
            await self._put(self._task, data)

    async def finish(self) -> ObjectRow | None:
        if self._task is None:
            return None
        self._complete = True
        await self._put(self._task, None)
        size = await self._task
        self._finished = True
        return keeping.audio_row(self._ports, self._prepared, self._ref, size, self._digest.hexdigest())

    async def _put(self, storing: asyncio.Task[int], data: bytes | None) -> None:
        """Wait for room in the queue, and no longer than for whoever empties it. Raises what ended that."""
        putting = asyncio.ensure_future(self._queue.put(data))
        try:
            await asyncio.wait({putting, storing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            putting.cancel()
        if storing.done():
            await storing

    async def _chunks(self) -> AsyncIterator[bytes]:
        while (data := await self._queue.get()) is not None:
            yield data
        if not self._complete:
            raise ConnectionAbortedError("the utterance broke off")
