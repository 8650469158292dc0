"""Ask for a sentence, judge the recording of it, withdraw."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from yinse.contracts.enrolment import ConsentCheck, ConsentMatch
from yinse.contracts.errors import NotFound
from yinse.contracts.refusals import Conflict, Throttled
from yinse.contracts.speech import SealedVoice
from yinse.contracts.storage import ObjectRef
from yinse.service.accounts.authentication import still_valid
from yinse.service.consents import phrases, repository
from yinse.service.consents.tables import ChallengeRow, ConsentRow
from yinse.service.context import Context
from yinse.service.ids import new_id
from yinse.service.keystore.service import KeyStore
from yinse.service.objects.tables import ObjectRow
from yinse.service.ownership import owned
from yinse.service.voices import repository as voices
from yinse.service.voices.creation import RECORDING
from yinse.service.voices.deletion import revoke_voice
from yinse.service.voices.tables import VoiceState

_CHALLENGE_LIFE = timedelta(minutes=10)
_DAY = timedelta(days=1)
ATTEMPTED = "consent.attempted"
"""What the audit chain calls a consent that was compared, whatever came of it."""


async def issue_challenge(
    ctx: Context, language: str, scopes: Sequence[str], days: int | None
) -> ChallengeRow:
    """Draw a sentence to read within ten minutes. It names the day where the service stands (`TZ`), as who reads it does."""
    life = timedelta(days=days or ctx.ports.options.consent_days)
    today = ctx.now.astimezone().date()
    row = ChallengeRow(
        id=new_id("chal"),
        account_id=ctx.account_id,
        language=language,
        phrase=phrases.challenge(language, ctx.ports.options.platform_name, today),
        scopes=sorted(set(scopes)),
        consent_until=ctx.now + life,
        expires_at=ctx.now + _CHALLENGE_LIFE,
    )
    ctx.session.add(row)
    return row


async def check_attempt(ctx: Context, voice_id: str, challenge_id: str) -> ChallengeRow:
    """Refuse before anything is uploaded. Raises `NotFound`, `Conflict`, `Throttled`."""
    await voices.own(ctx.session, ctx.account_id, voice_id)
    row = await owned(ctx.session, ChallengeRow, challenge_id, ctx.account_id, "challenge")
    if row.used_at is not None or row.expires_at <= ctx.now:
        raise Conflict("This sentence was used or is too old; ask for a new one.", code="challenge_spent")
    most = ctx.ports.options.limits.consent_attempts_daily
    if await repository.attempts_since(ctx.session, ctx.account_id, ctx.now - _DAY) >= most:
        raise Throttled(f"{most} attempts a day are allowed; try again tomorrow.", retry_after=86_400)
    return row


async def judge(
    ctx: Context, challenge: ChallengeRow, voice_id: str, recording: ObjectRow
) -> tuple[ConsentMatch, list[str]]:
    """Have the engine compare words and speaker; tell with which recordings."""
    async with ctx.ports.database.transaction(write=False) as session:
        voice = await voices.own(session, ctx.account_id, voice_id)
        samples = await voices.objects(session, voice_id, RECORDING)
    chain = await ctx.ports.keys.voice(ctx.account_id, voice_id)
    sealed = SealedVoice(voice_id, voice.epoch, chain, {})
    refs = tuple(row.ref for row in samples)
    check = check_of(sealed, recording.ref, refs, challenge.phrase, challenge.language)
    return await ctx.ports.enrolment.verify_consent(check), [row.id for row in samples]


def check_of(
    voice: SealedVoice, recording: ObjectRef, samples: tuple[ObjectRef, ...], phrase: str, language: str
) -> ConsentCheck:
    """What the engine is asked to compare."""
    parts = phrases.parts_of(phrase, language)
    base = language.split("-")[0].lower()
    return ConsentCheck(voice, recording, samples, phrase, base, parts.lead, parts.nonce, parts.pool)


async def keep_attempt(
    ctx: Context,
    challenge_id: str,
    voice_id: str,
    recording: ObjectRow,
    match: ConsentMatch,
    samples: list[str],
) -> ConsentRow:
    """Store the attempt with its evidence; a challenge serves once, whatever came of it."""
    await still_valid(ctx.session, ctx.principal, ctx.now)
    challenge = await check_attempt(ctx, voice_id, challenge_id)
    challenge.used_at = ctx.now
    ctx.session.add(recording)
    row = ConsentRow(
        id=new_id("cons"),
        account_id=ctx.account_id,
        voice_id=voice_id,
        name="",
        language=challenge.language,
        phrase=challenge.phrase,
        challenged=True,
        scopes=challenge.scopes,
        recording_id=recording.id,
        recordings=samples,
        state=repository.RECORDED,
        reasons=[],
        created_at=ctx.now,
        expires_at=challenge.consent_until,
    )
    ctx.session.add(row)
    await settle(ctx.ports.keys, row, match, recording.digest)
    voice = await voices.own(ctx.session, ctx.account_id, voice_id, lock=True)
    if match.accepted and voice.state == VoiceState.REVOKED.value and voice.version_id is not None:
        voice.state, voice.reason = VoiceState.READY.value, None
    await ctx.session.flush()
    await ctx.audit(ATTEMPTED, row.id, attempt_of(row))
    return row


async def settle(keys: KeyStore, row: ConsentRow, match: ConsentMatch, recording_digest: str) -> None:
    """Write the evidence into an attempt, and sign it when it is accepted."""
    row.state = repository.ACCEPTED if match.accepted else repository.FAILED
    row.edit_distance, row.similarity, row.chance = match.edit_distance, match.similarity, match.chance
    row.reasons = [doubt.value for doubt in match.doubts]
    if match.accepted:
        row.record = _record(row, recording_digest)
        row.signature = (await keys.signer()).sign(row.record)


def attempt_of(row: ConsentRow) -> dict[str, Any]:
    """What the audit chain says of a consent that was compared."""
    return {"voice_id": row.voice_id, "accepted": row.state == repository.ACCEPTED, "scopes": row.scopes}


async def revoke(ctx: Context, consent_id: str) -> ConsentRow:
    """Withdraw a consent: grants end, caches forget, and the voice stands still. Raises `NotFound`."""
    row = await owned(ctx.session, ConsentRow, consent_id, ctx.account_id, "consent")
    if row.revoked_at is not None:
        return row
    row.revoked_at = ctx.now
    await ctx.audit("consent.revoked", row.id, {"voice_id": row.voice_id})
    if row.state == repository.ACCEPTED and row.voice_id:
        try:
            await revoke_voice(ctx, row.voice_id, "The speaker withdrew the consent.")
        except NotFound:
            return row
    return row


def _record(row: ConsentRow, recording_digest: str) -> dict[str, Any]:
    return {
        "consent_id": row.id,
        "account_id": row.account_id,
        "voice_id": row.voice_id,
        "scopes": row.scopes,
        "phrase_sha256": hashlib.sha256(row.phrase.encode()).hexdigest(),
        "recording_sha256": recording_digest,
        "edit_distance": row.edit_distance,
        "similarity": row.similarity,
        "chance": row.chance,
        "challenged": row.challenged,
        "granted_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
    }
