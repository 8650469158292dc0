"""Newer weights do not speak voices that older ones made: such a voice is made anew of its recordings, when it is asked for.

Nothing speaks meanwhile that could be compared, so here what is new replaces what was; an adaptation begins again.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.refusals import Conflict
from yinse.service.jobs import queue
from yinse.service.jobs.tables import OPEN, JobRow
from yinse.service.ports import Ports
from yinse.service.voices import repository
from yinse.service.voices.creation import RECORDING
from yinse.service.voices.tables import SPEAKING, VersionRow, VoiceRow, VoiceState

RENEW = "renew"
"""Marks an enrolment whose version replaces the one that speaks no more."""
ADAPTATION_STEPS = 300


async def begin(ports: Ports, voice_id: str, version_id: str | None) -> None:
    """Have it made anew, once. Raises `Conflict` where that cannot be."""
    async with ports.database.transaction() as session:
        voice = await session.get(VoiceRow, voice_id)
        if voice is None or voice.state not in SPEAKING:
            return
        if version_id != voice.version_id:
            raise Conflict("This version was made for older weights, and speaks no more; choose another one.")
        if not await repository.objects(session, voice_id, RECORDING):
            raise Conflict(
                "This voice was made for older weights, and its recordings are gone; record it anew."
            )
        enrolling = (JobRow.voice_id == voice_id) & (JobRow.kind == "enrol") & JobRow.state.in_(OPEN)
        if await session.scalar(select(JobRow.id).where(enrolling).limit(1)) is None:
            payload = {"voice_id": voice_id, RENEW: True}
            queue.enqueue(session, ports.clock(), "enrol", voice.account_id, payload, voice_id=voice_id)


async def adapt_again(session: AsyncSession, ports: Ports, voice: VoiceRow, former: str | None) -> None:
    """A voice that was adapted is adapted again; the result is a candidate, as always."""
    version = await session.get(VersionRow, former or "")
    if version is None or version.adapter_id is None or voice.state != VoiceState.READY.value:
        return
    voice.state = VoiceState.ADAPTING.value
    payload = {"voice_id": voice.id, "steps": ADAPTATION_STEPS}
    queue.enqueue(session, ports.clock(), "adapt", voice.account_id, payload, voice_id=voice.id)
