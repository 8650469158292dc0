"""More recordings for a voice that exists."""

from starlette.requests import Request

from yinse.contracts.refusals import TooLarge
from yinse.service.accounts.authentication import still_valid
from yinse.service.context import Context
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow
from yinse.service.uploads import receiving
from yinse.service.voices import repository
from yinse.service.voices.creation import RECORDING, Received, receive


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


async def enrol_again(ctx: Context, voice_id: str, received: Received) -> JobRow:
    """Keep what was received, and have a candidate made of everything.

    Asks again what may have changed while it came. Raises `NotFound`, `Unauthenticated`, `TooLarge`.
    """
    await still_valid(ctx.session, ctx.principal, ctx.now)
    await repository.own(ctx.session, ctx.account_id, voice_id, lock=True)
    held = len(await repository.objects(ctx.session, voice_id, RECORDING))
    if held + len(received.objects) > (most := ctx.ports.options.limits.recordings):
        raise TooLarge(f"A voice may have {most} recordings; it has {held}.")
    ctx.session.add_all(received.objects)
    payload = {"voice_id": voice_id}
    job = queue.enqueue(ctx.session, ctx.now, "enrol", ctx.account_id, payload, voice_id=voice_id)
    await ctx.session.flush()
    await ctx.audit("recordings.added", voice_id, {"recordings": len(received.objects)})
    return job
