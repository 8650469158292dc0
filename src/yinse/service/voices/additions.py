"""More recordings for a voice that exists, or fewer."""

from collections.abc import Sequence

from starlette.requests import Request

from yinse.contracts.errors import InvalidInput
from yinse.contracts.refusals import TooLarge
from yinse.service.accounts.authentication import still_valid
from yinse.service.context import Context
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow
from yinse.service.objects.tables import ObjectRow
from yinse.service.uploads import receiving
from yinse.service.voices import repository
from yinse.service.voices.creation import RECORDING, Received, receive
from yinse.service.voices.tables import VoiceState


async def receive_more(ctx: Context, request: Request, voice_id: str) -> Received:
    """Receive a form for the caller's own voice; its files are sealed, not yet in the database.

    Raises `NotFound`, `Throttled`, `TooLarge`, `UnsupportedMedia`, `InvalidInput`.
    """
    ports, limits = ctx.ports, ctx.ports.options.limits
    async with ports.database.transaction(write=False) as reading:
        await repository.own(reading, ctx.account_id, voice_id)
        room = limits.recordings - len(await repository.objects(reading, voice_id, RECORDING))
    await ports.throttle.hit(limits.uploads, "uploads", ctx.account_id)
    chain = await ports.keys.voice(ctx.account_id, voice_id)
    async with receiving(request, limits) as form:
        return await receive(ports, chain, voice_id, form, most=room)


async def enrol_again(ctx: Context, voice_id: str, further: Sequence[ObjectRow] = ()) -> JobRow:
    """Keep `further` recordings, and have a candidate made of everything. A rejected voice is pending again.

    Asks again what may have changed while they came. Raises `NotFound`, `Unauthenticated`, `TooLarge`, `InvalidInput`.
    """
    await still_valid(ctx.session, ctx.principal, ctx.now)
    voice = await repository.own(ctx.session, ctx.account_id, voice_id, lock=True)
    held = len(await repository.objects(ctx.session, voice_id, RECORDING))
    if held + len(further) > (most := ctx.ports.options.limits.recordings):
        raise TooLarge(f"A voice may have {most} recordings; it has {held}.")
    if not held and not further:
        raise InvalidInput("This voice has no recording any more; send one.", code="no_recording")
    if voice.state == VoiceState.REJECTED.value:
        voice.state, voice.reason = VoiceState.PENDING.value, None
    ctx.session.add_all(further)
    payload = {"voice_id": voice_id}
    job = queue.enqueue(ctx.session, ctx.now, "enrol", ctx.account_id, payload, voice_id=voice_id)
    await ctx.session.flush()
    if further:
        await ctx.audit("recordings.added", voice_id, {"recordings": len(further)})
    return job
