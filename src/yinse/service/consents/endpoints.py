"""Consent over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from yinse.contracts.enrolment import ConsentDoubt
from yinse.contracts.errors import InvalidInput
from yinse.service.access import allow
from yinse.service.consents import repository, service
from yinse.service.consents.schemas import Challenge, Consent, Consents, NewChallenge
from yinse.service.consents.tables import ConsentRow
from yinse.service.context import Context
from yinse.service.forms import audio_form
from yinse.service.principal import Scope
from yinse.service.uploads import receiving
from yinse.service.voices.creation import CONSENT, discard, receive

router = APIRouter(tags=["consent"])

VoicesRead = Annotated[Context, allow(Scope.VOICES_READ)]
VoicesWrite = Annotated[Context, allow(Scope.VOICES_WRITE)]


def consent_of(row: ConsentRow) -> Consent:
    """A consent as its owner sees it."""
    doubts = [ConsentDoubt(value) for value in row.reasons]
    names = Consent.model_fields.keys() - {"accepted", "doubts", "reasons"}
    return Consent(
        **{name: getattr(row, name) for name in names},
        accepted=row.state == repository.ACCEPTED,
        doubts=doubts,
        reasons=[doubt.words for doubt in doubts],
    )


@router.post("/v1/consents/challenges", status_code=201)
async def issue_challenge(ctx: VoicesWrite, body: NewChallenge) -> Challenge:
    """Ask for a sentence to read aloud. It serves once, for ten minutes."""
    row = await service.issue_challenge(ctx, body.language, body.scopes, body.days)
    await ctx.session.flush()
    return Challenge.model_validate(row, from_attributes=True)


@router.post("/v1/voices/{voice_id}/consents", status_code=201, openapi_extra=audio_form("recording", {}))
async def give_consent(
    ctx: VoicesWrite, request: Request, voice_id: str, challenge_id: Annotated[str, Query()]
) -> Consent:
    """Send the recording of the sentence. The attempt is kept with its evidence, accepted or not."""
    ports = ctx.ports
    async with ports.database.transaction(write=False) as reading:
        challenge = await service.check_attempt(ctx.within(reading), voice_id, challenge_id)
    await ports.throttle.hit(ports.options.limits.uploads, "uploads", ctx.account_id)
    chain = await ports.keys.voice(ctx.account_id, voice_id)
    async with receiving(request, ports.options.limits) as form:
        received = await receive(ports, chain, voice_id, form, kind=CONSENT, most=1)
    if not received.objects:
        raise InvalidInput("Send the recording of the sentence.", code="no_recording")
    try:
        match, samples = await service.judge(ctx, challenge, voice_id, received.objects[0])
        row = await service.keep_attempt(ctx, challenge_id, voice_id, received.objects[0], match, samples)
    except BaseException:
        await discard(ports, received.objects)
        raise
    return consent_of(row)


@router.get("/v1/consents")
async def list_consents(ctx: VoicesRead) -> Consents:
    """List every attempt, newest first."""
    rows = await repository.of_account(ctx.session, ctx.account_id)
    return Consents(items=[consent_of(row) for row in rows])


@router.post("/v1/consents/{consent_id}/revoke")
async def revoke_consent(ctx: VoicesWrite, consent_id: str) -> Consent:
    """Withdraw a consent at once: the voice stands still, grants end, caches forget."""
    return consent_of(await service.revoke(ctx, consent_id))
