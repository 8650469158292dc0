"""The job that tries another reference for a voice."""

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.enrolment import ReferenceRequest
from yinse.contracts.storage import ObjectRef
from yinse.service.history.reselection import TEXTS, disliked, reading_language
from yinse.service.history.tables import GenerationRow
from yinse.service.jobs.worker import LeaseLost, Outcome, Task
from yinse.service.speech.keeping import text_ref
from yinse.service.speech.parts import beginning
from yinse.service.voices.creation import PROMPT, add_version
from yinse.service.voices.sealed import seal
from yinse.service.voices.tables import VersionRow, VoiceRow, VoiceState
from yinse.service.voices.tasks import sealed_row

_LONGEST = 120
"""Characters of a text that are enough to hear the difference."""


async def reselect(task: Task) -> Outcome:
    """Have the engine speak what was not liked with each reference; the best one becomes a candidate."""
    async with task.ports.database.transaction(write=False) as session:
        voice = await session.get(VoiceRow, task.job.payload["voice_id"])
        version = await session.get(VersionRow, task.job.payload["version_id"])
        if voice is None or version is None or voice.state == VoiceState.DELETED.value:
            raise LeaseLost
        sealed = await seal(session, task.ports.keys, voice, version)
        rows = (await disliked(session, voice))[:TEXTS]
    disliked_texts = [beginning(await _text(task, row), _LONGEST) for row in rows]
    texts = tuple(filter(None, disliked_texts)) or _sentences(task, voice)
    prompt = ObjectRef(voice.account_id, voice.id, f"obj_{task.job.id}_prompt", PROMPT)
    found = await task.ports.enrolment.reselect(ReferenceRequest(sealed, texts, prompt))

    async def apply(session: AsyncSession) -> None:
        row = await session.get_one(VoiceRow, voice.id, with_for_update=True)
        if found.improved:
            now = task.ports.clock()
            session.add(sealed_row(prompt, found.size, now))
            await add_version(
                session,
                row,
                now,
                origin="reference",
                prompt_id=prompt.object_id,
                recordings=version.recordings,
                adapter_id=version.adapter_id,
                likeness=(found.before, found.after),
            )

    result = {"improved": found.improved, "likeness": [found.before, found.after]}
    return Outcome({"voice_id": voice.id, **result}, apply)


async def _text(task: Task, row: GenerationRow) -> str:
    plain = await task.ports.keys.open(text_ref(row.account_id, row.id, "text"), row.text)
    return plain.decode()


def _sentences(task: Task, voice: VoiceRow) -> tuple[str, ...]:
    """What to speak where nothing was disliked: sentences that cover the sounds of the voice's language."""
    return task.ports.coach.sentences(reading_language(voice, ()))[:TEXTS]
