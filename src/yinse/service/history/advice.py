"""How a voice was liked over time, what would make it better, and the way to try another reference."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter

from yinse.service.access import allow
from yinse.service.context import Context
from yinse.service.history import feedback, repository, reselection, tally
from yinse.service.history.reselection import reading_language
from yinse.service.history.schemas import Feedback
from yinse.service.history.tables import GenerationRow
from yinse.service.jobs.schemas import Job, job_of
from yinse.service.principal import Scope
from yinse.service.voices import repository as voices
from yinse.service.voices.creation import RECORDING
from yinse.service.voices.tables import VersionRow, VersionState, VoiceRow

router = APIRouter(tags=["voices"])


@router.get("/v1/voices/{voice_id}/feedback")
async def voice_feedback(ctx: Annotated[Context, allow(Scope.VOICES_READ)], voice_id: str) -> Feedback:
    """How a voice of mine was rated over time and by version, and what would make it better."""
    voice = await voices.own(ctx.session, ctx.account_id, voice_id)
    rows = await repository.of_voice(ctx.session, voice_id)
    counts = tally.merged(await tally.kept(ctx.session, voice_id), tally.counted(rows))
    return Feedback(
        voice_id=voice_id,
        weeks=feedback.weeks(counts),
        versions=feedback.by_version(counts),
        suggestions=feedback.suggestions(rows, await _standing(ctx, voice, rows)),
    )


@router.post("/v1/voices/{voice_id}/reselect", status_code=202)
async def reselect(ctx: Annotated[Context, allow(Scope.VOICES_WRITE)], voice_id: str) -> Job:
    """Try other stretches of the recordings as the reference; a better one becomes a candidate to be compared."""
    voice = await voices.own(ctx.session, ctx.account_id, voice_id)
    job = await reselection.enqueue(ctx, voice)
    await ctx.session.flush()
    return job_of(job)


async def _standing(ctx: Context, voice: VoiceRow, rows: Sequence[GenerationRow]) -> feedback.Standing:
    versions = await voices.versions(ctx.session, voice.id)
    recordings = await voices.objects(ctx.session, voice.id, RECORDING)
    return feedback.Standing(
        version_id=voice.version_id,
        grade=voice.grade,
        report=voice.report,
        recordings=[row.id for row in recordings],
        sentences=ctx.ports.coach.sentences(reading_language(voice, rows)),
        candidate=_waits(versions),
        reselecting=await reselection.at_it(ctx.session, voice) is not None,
        reselected=await reselection.tried(ctx.session, voice),
        adapted=any(v.adapter_id and v.state == VersionState.ACTIVE.value for v in versions),
    )


def _waits(versions: Sequence[VersionRow]) -> bool:
    """Whether a candidate is newer than the version that speaks."""
    active = max((v.number for v in versions if v.state == VersionState.ACTIVE.value), default=0)
    return any(v.state == VersionState.CANDIDATE.value and v.number > active for v in versions)
