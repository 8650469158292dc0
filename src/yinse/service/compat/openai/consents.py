"""A consent recorded before its voice. Its sentence is fixed, so it never lets a voice out of its account."""

from datetime import timedelta

from starlette.requests import Request

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.service.accounts.authentication import still_valid
from yinse.service.consents import phrases, repository
from yinse.service.consents.tables import ConsentRow
from yinse.service.context import Context
from yinse.service.ids import new_id
from yinse.service.objects.tables import ObjectRow
from yinse.service.options import MEBIBYTE
from yinse.service.ownership import owned
from yinse.service.uploads import receiving
from yinse.service.voices.creation import CONSENT, discard, receive

FILE_BYTES = 10 * MEBIBYTE
"""Largest recording of that API; our own routes take longer ones."""


async def keep_consent(ctx: Context, request: Request) -> ConsentRow:
    """Seal the recording under the account, until a voice adopts it. Raises `InvalidInput`."""
    ports = ctx.ports
    await ports.throttle.hit(ports.options.limits.uploads, "uploads", ctx.account_id)
    chain = await ports.keys.account(ctx.account_id)
    async with receiving(request, ports.options.limits) as form:
        received = await receive(ports, chain, "", form, kind=CONSENT, most=1, longest=FILE_BYTES)
    try:
        if not received.objects:
            raise InvalidInput("recording: send the recorded sentence", code="no_recording")
        await still_valid(ctx.session, ctx.principal, ctx.now)
        row = _row(ctx, received.fields, received.objects[0])
        ctx.session.add_all([row, *received.objects])
        await ctx.session.flush()
        await ctx.audit("consent.recorded", row.id)
    except BaseException:
        await discard(ports, received.objects)
        raise
    return row


def _row(ctx: Context, fields: dict[str, str], recording: ObjectRow) -> ConsentRow:
    name, language = fields.get("name", "").strip(), fields.get("language", "")
    if not 0 < len(name) <= 100:
        raise InvalidInput("name: is missing or too long")
    return ConsentRow(
        id=new_id("cons"),
        account_id=ctx.account_id,
        voice_id="",
        name=name,
        language=language,
        phrase=phrases.fixed(language, ctx.ports.options.platform_name),
        challenged=False,
        scopes=["synthesis"],
        recording_id=recording.id,
        state=repository.RECORDED,
        reasons=[],
        created_at=ctx.now,
        expires_at=ctx.now + timedelta(days=ctx.ports.options.consent_days),
    )


async def own_consent(ctx: Context, consent_id: str) -> ConsentRow:
    """Fetch a consent of this kind that was not withdrawn. Raises `NotFound`."""
    row = await owned(ctx.session, ConsentRow, consent_id, ctx.account_id, "consent")
    if row.revoked_at is not None:
        raise NotFound("You have no such consent.")
    return row
