"""Bind a consent that was recorded before its voice existed (the OpenAI order) to the new voice.

The recording was sealed under the account; it is sealed anew under the voice, so that it dies with it, and what
lay under the account is removed once that is certain.
"""

from datetime import datetime

from yinse.contracts.enrolment import Accepted, EnrolmentRequest, Examination, Rejected
from yinse.contracts.errors import NotFound
from yinse.contracts.refusals import Conflict, ConsentRequired
from yinse.contracts.storage import ObjectRef
from yinse.service.audit.service import record
from yinse.service.consents import repository
from yinse.service.consents.service import ATTEMPTED, attempt_of, check_of, settle
from yinse.service.consents.tables import ConsentRow
from yinse.service.context import Context
from yinse.service.ids import new_id
from yinse.service.objects.purging import purge
from yinse.service.objects.tables import ObjectRow
from yinse.service.ownership import owned
from yinse.service.ports import Ports
from yinse.service.voices.creation import CONSENT


async def move(ctx: Context, consent_id: str, voice_id: str) -> ObjectRow:
    """Seal a recorded consent anew under a voice that is about to be created; its row is not added yet.

    Raises `NotFound`, `Conflict`, `ConsentRequired`.
    """
    async with ctx.ports.database.transaction(write=False) as reading:
        consent = await owned(reading, ConsentRow, consent_id, ctx.account_id, "consent")
        _require_unused(consent, ctx.now)
        old = await owned(reading, ObjectRow, consent.recording_id, ctx.account_id, "recording")
    return await _moved(ctx, old, voice_id)


async def adopt(ctx: Context, consent_id: str, voice_id: str, moved: ObjectRow) -> None:
    """Give the voice the consent, whose recording was moved. Raises `NotFound`, `Conflict`, `ConsentRequired`."""
    consent = await owned(ctx.session, ConsentRow, consent_id, ctx.account_id, "consent", lock=True)
    _require_unused(consent, ctx.now)
    old = await owned(ctx.session, ObjectRow, consent.recording_id, ctx.account_id, "recording")
    ctx.session.add(moved)
    await ctx.session.delete(old)
    purge(ctx.session, ctx.now, ctx.account_id, [old.ref.path])
    consent.voice_id, consent.recording_id = voice_id, moved.id


def _require_unused(consent: ConsentRow, now: datetime) -> None:
    if consent.revoked_at is not None:
        raise NotFound("You have no such consent.")
    if consent.voice_id or consent.state != repository.RECORDED:
        raise Conflict("This consent was used for another voice; record it again.", code="consent_used")
    if consent.expires_at <= now:
        raise ConsentRequired("This consent has expired; record it again.")


async def _moved(ctx: Context, old: ObjectRow, voice_id: str) -> ObjectRow:
    keys, ring, blobs = ctx.ports.keys, ctx.ports.keyring, ctx.ports.blobs
    plain = ring.get(blobs, await keys.account(ctx.account_id), old.ref)
    ref = ObjectRef(ctx.account_id, voice_id, new_id("obj"), CONSENT)
    size = await ring.put(blobs, await keys.voice(ctx.account_id, voice_id), ref, plain)
    return ObjectRow.at(ref, ctx.now, size=size, media_type=old.media_type, digest=old.digest)


async def confirm(
    ports: Ports, request: EnrolmentRequest, consent_id: str, found: Examination, actor: str
) -> Examination:
    """Compare the consent with the recordings; a voice whose consent fails, or is withdrawn meanwhile, is rejected.

    `actor` is whom the audit chain says to have compared: a job.
    """
    if not isinstance(found, Accepted):
        return found
    async with ports.database.transaction(write=False) as session:
        consent = await session.get_one(ConsentRow, consent_id)
        recording = await session.get_one(ObjectRow, consent.recording_id)
    check = check_of(request.voice, recording.ref, request.recordings, consent.phrase, consent.language)
    match = await ports.enrolment.verify_consent(check)
    async with ports.database.transaction() as session:
        row = await session.get_one(ConsentRow, consent_id)
        if row.revoked_at is not None:
            return Rejected("The speaker withdrew the consent.", found.report)
        if row.state == repository.RECORDED:
            await settle(ports.keys, row, match, recording.digest)
            await record(
                session,
                ports.clock(),
                account_id=row.account_id,
                actor=actor,
                action=ATTEMPTED,
                subject=row.id,
                details=attempt_of(row),
            )
    if match.accepted:
        return found
    return Rejected(
        "The consent does not hold: " + " ".join(doubt.words for doubt in match.doubts), found.report
    )
