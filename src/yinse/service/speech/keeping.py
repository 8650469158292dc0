"""What stays of an utterance: a row of history with sealed text, and an audit event with digests."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.speech import Finished, PhonemeTiming
from yinse.contracts.storage import ObjectRef
from yinse.service.accounts.tables import AccountRow
from yinse.service.audit.service import record
from yinse.service.history.tables import GenerationRow
from yinse.service.objects.purging import purge
from yinse.service.objects.tables import ObjectRow
from yinse.service.ports import Ports
from yinse.service.speech.preparation import Prepared
from yinse.service.voices.tables import VoiceRow, VoiceState


def text_ref(account_id: str, generation_id: str, kind: str) -> ObjectRef:
    """The row that a sealed text of history is bound to."""
    return ObjectRef(account_id, "", generation_id, kind)


async def stay(session: AsyncSession, prepared: Prepared) -> bool:
    """Whether account and voice are there, and will be until the transaction ends.

    Asked before anything is written. On PostgreSQL rows are locked in one order everywhere: jobs, accounts, voices, then the
    head of the audit chain.
    """
    shared = {"read": True}
    account = await session.get(AccountRow, prepared.principal.account_id, with_for_update=shared)
    voice = await session.get(VoiceRow, prepared.voice_id, with_for_update=shared)
    there = account is not None and account.suspended_at is None
    return there and voice is not None and voice.state != VoiceState.DELETED.value


async def note(
    session: AsyncSession, ports: Ports, prepared: Prepared, spoken: int, finished: Finished | None
) -> None:
    """Add the audit event: a keyed digest of the text, never a word of it."""
    digest = hmac.new(ports.secret, prepared.request.text.encode(), hashlib.sha256).hexdigest()
    details: dict[str, Any] = {"voice_id": prepared.voice_id, "characters": spoken, "text_digest": digest}
    if finished is not None:
        details["seconds"] = round(finished.seconds, 3)
    await record(
        session,
        ports.clock(),
        account_id=prepared.principal.account_id,
        actor=prepared.principal.actor,
        action="speech.spoken" if finished else "speech.interrupted",
        subject=prepared.generation_id,
        details=details,
    )


async def keep(
    session: AsyncSession,
    ports: Ports,
    prepared: Prepared,
    finished: Finished,
    phonemes: Sequence[PhonemeTiming],
    audio: ObjectRow | None,
) -> None:
    """Add the utterance to history; nothing is kept where account or voice were destroyed while it was spoken."""
    account_id = prepared.principal.account_id
    if not await stay(session, prepared):
        purge(session, ports.clock(), account_id, [audio.ref.path] if audio else [])
        return
    chain = await ports.keys.account(account_id)

    def seal(kind: str, text: str) -> bytes:
        ref = text_ref(account_id, prepared.generation_id, kind)
        return ports.keyring.seal(chain, ref, text.encode())

    timings = [[p.symbol, p.text_start, p.text_end, p.start, p.end, p.viseme] for p in phonemes]
    controls = prepared.order.controls.model_dump(exclude_none=True)
    if audio is not None:
        session.add(audio)
    session.add(
        GenerationRow(
            id=prepared.generation_id,
            account_id=account_id,
            voice_id=prepared.voice_id,
            version_id=prepared.version_id,
            parent_id=prepared.parent_id,
            source=prepared.source,
            text=seal("text", prepared.request.text),
            characters=prepared.characters,
            controls=controls | {"language": prepared.order.language.value},
            format=prepared.format.name,
            media_type=prepared.format.media_type,
            audio_id=audio.id if audio else None,
            seconds=finished.seconds,
            seed=prepared.seed,
            score=finished.score,
            timings=seal("timings", json.dumps(timings)),
            created_at=ports.clock(),
        )
    )


def audio_row(ports: Ports, prepared: Prepared, ref: ObjectRef, size: int, digest: str) -> ObjectRow:
    """The row of kept audio."""
    media_type = prepared.format.media_type
    return ObjectRow.at(ref, ports.clock(), size=size, media_type=media_type, digest=digest)
