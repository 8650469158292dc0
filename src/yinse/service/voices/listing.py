"""Voices as their owner or a grantee sees them."""

from yinse.contracts.refusals import ConsentRequired
from yinse.service.consents import repository as consents
from yinse.service.context import Context
from yinse.service.grants import repository as grants
from yinse.service.voices import presets, repository
from yinse.service.voices.schemas import Voice
from yinse.service.voices.tables import VoiceRow, VoiceState


def voice_of(row: VoiceRow, ctx: Context) -> Voice:
    """One voice. A grantee sees neither the report nor the reasons."""
    owned = row.account_id == ctx.account_id
    names = Voice.model_fields.keys() - {"owned", "preset"}
    shown = {name: getattr(row, name) for name in names}
    if not owned:
        shown |= {"report": None, "reason": None}
    return Voice(**shown, owned=owned, preset=presets.is_preset(row.id))


async def voices_of(ctx: Context) -> list[Voice]:
    """Every voice the caller owns or may use now, and the presets after them."""
    rows = list(await repository.all_own(ctx.session, ctx.account_id))
    received = await grants.received(ctx.session, ctx.account_id, ctx.now)
    for voice_id in dict.fromkeys(grant.voice_id for grant in received):  # there may be several of one voice
        row = await ctx.session.get(VoiceRow, voice_id)
        if row is not None and row.state != VoiceState.DELETED.value and await _consented(ctx, row):
            rows.append(row)
    rows.extend(await presets.listed(ctx.session, ctx.ports.presets))
    return [voice_of(row, ctx) for row in rows]


async def _consented(ctx: Context, row: VoiceRow) -> bool:
    try:
        for scope in (consents.SHARE, grants.SYNTHESIS):
            await consents.require(ctx.session, row.id, scope, ctx.now)
    except ConsentRequired:
        return False
    return True
