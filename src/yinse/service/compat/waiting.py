"""Other APIs answer when a voice is made; ours answers at once. This waits for the job in between."""

import asyncio
import time

from yinse.contracts.errors import RecordingRejected
from yinse.contracts.refusals import BackendFailed
from yinse.service.jobs.tables import OPEN, JobRow
from yinse.service.ports import Ports
from yinse.service.voices.tables import VoiceRow, VoiceState

_POLL_SECONDS = 0.1
_LONGEST_SECONDS = 120.0


async def until_made(ports: Ports, voice_id: str, job_id: str) -> VoiceRow:
    """Wait for an enrolment. Raises `RecordingRejected` with its reason, `BackendFailed` if it takes long."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        async with ports.database.transaction(write=False) as session:
            job = await session.get_one(JobRow, job_id)
            voice = await session.get_one(VoiceRow, voice_id)
        if job.state not in OPEN:
            if voice.state != VoiceState.READY.value:
                raise RecordingRejected(voice.reason or "This recording cannot make a voice.")
            return voice
        await asyncio.sleep(_POLL_SECONDS)
    raise BackendFailed("This voice is still being made; look again in a minute.")
