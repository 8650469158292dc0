"""Voices as ElevenLabs lists them: filtered, sorted, by page, with samples and verification."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from yinse.contracts.errors import InvalidInput
from yinse.service.compat.elevenlabs import schemas
from yinse.service.compat.elevenlabs.schemas import VoiceQuery, VoiceSettings, VoiceType
from yinse.service.consents import repository as consents
from yinse.service.consents.tables import ConsentRow
from yinse.service.context import Context
from yinse.service.objects.tables import ObjectRow
from yinse.service.voices.creation import RECORDING
from yinse.service.voices.schemas import Voice
from yinse.service.voices.tables import VoiceRow
from yinse.vault.segments import plain_size


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was found, how many there are in all, and where the next page begins, if there is one."""

    voices: Sequence[Voice]
    total: int
    following: str | None


def found(voices: Sequence[Voice], query: VoiceQuery) -> Page:
    """Filter, sort and cut. Raises `InvalidInput` for a page that begins nowhere."""
    fitting = [voice for voice in voices if _fits(voice, query)]
    if query.sort is not None:
        fitting.sort(key=lambda voice: (voice.created_at, voice.id))
        if query.sort == "name":
            fitting.sort(key=lambda voice: voice.name.casefold())
        if query.sort_direction == "desc":
            fitting.reverse()
    start = 0
    if query.next_page_token is not None:
        places = [place for place, voice in enumerate(fitting) if voice.id == query.next_page_token]
        if not places:
            raise InvalidInput("next_page_token: this page is not there any more; begin again")
        start = places[0]
    end = start + query.page_size
    return Page(fitting[start:end], len(fitting), fitting[end].id if end < len(fitting) else None)


def category_of(voice: Voice) -> schemas.Category:
    """Presets are premade, everything else was cloned."""
    return "premade" if voice.preset else "cloned"


def _fits(voice: Voice, query: VoiceQuery) -> bool:
    if query.fine_tuning_state is not None or query.collection_id is not None:
        return False
    wanted = (query.category or category_of(voice), query.voice_ids or [voice.id])
    return (
        category_of(voice) == wanted[0]
        and voice.id in wanted[1]
        and _of_type(voice, query.voice_type)
        and _names(voice, query.search or "")
    )


def _of_type(voice: Voice, kind: VoiceType | None) -> bool:
    match kind:
        case "personal":
            return voice.owned
        case "default":
            return voice.preset
        case "workspace":
            return not voice.owned and not voice.preset
        case "non-default" | "saved":
            return not voice.preset
        case "community":
            return False
        case "non-community" | None:
            return True


def _names(voice: Voice, term: str) -> bool:
    texts = (voice.name, voice.description, category_of(voice), *voice.labels, *voice.labels.values())
    return any(term.casefold() in text.casefold() for text in texts)


async def shown(ctx: Context, voices: Sequence[Voice]) -> list[schemas.Voice]:
    """Each in this API's words."""
    own = [voice.id for voice in voices if voice.owned]
    samples, attempts = await _samples(ctx, own), await _attempts(ctx, own)
    shown = []
    for voice in voices:
        row = await ctx.session.get(VoiceRow, voice.id)
        shown.append(
            schemas.Voice(
                voice_id=voice.id,
                name=voice.name,
                category=category_of(voice),
                labels=voice.labels,
                description=voice.description,
                samples=samples[voice.id],
                settings=VoiceSettings.model_validate(row.settings if row else {}),
                voice_verification=_verification(ctx, attempts[voice.id]),
                is_owner=voice.owned,
                created_at_unix=int(voice.created_at.timestamp()),
                recording_quality=voice.grade,
                recording_quality_reason=voice.reason,
            )
        )
    return shown


async def _samples(ctx: Context, voice_ids: Sequence[str]) -> defaultdict[str, list[schemas.Sample]]:
    statement = select(ObjectRow).where(ObjectRow.voice_id.in_(voice_ids), ObjectRow.kind == RECORDING)
    samples = defaultdict[str, list[schemas.Sample]](list)
    for row in await ctx.session.scalars(statement.order_by(ObjectRow.id)):
        sample = schemas.Sample(
            sample_id=row.id,
            file_name=f"{row.id}.{row.media_type.rpartition('/')[2]}",
            mime_type=row.media_type,
            size_bytes=plain_size(row.size),
            hash=row.digest,
        )
        samples[row.voice_id].append(sample)
    return samples


async def _attempts(ctx: Context, voice_ids: Sequence[str]) -> defaultdict[str, list[ConsentRow]]:
    statement = select(ConsentRow).where(ConsentRow.voice_id.in_(voice_ids))
    attempts = defaultdict[str, list[ConsentRow]](list)
    for row in await ctx.session.scalars(statement.order_by(ConsentRow.id)):
        attempts[row.voice_id].append(row)
    return attempts


def _verification(ctx: Context, rows: Sequence[ConsentRow]) -> schemas.Verification:
    holding = [
        row
        for row in rows
        if row.state == consents.ACCEPTED and row.revoked_at is None and row.expires_at > ctx.now
    ]
    return schemas.Verification(
        is_verified=bool(holding),
        verification_failures=[] if holding or not rows else list(rows[-1].reasons),
        verification_attempts_count=len(rows),
        language=rows[-1].language if rows else None,
        verification_attempts=[
            schemas.Attempt(
                text=row.phrase,
                date_unix=int(row.created_at.timestamp()),
                accepted=row.state == consents.ACCEPTED,
                similarity=row.similarity or 0.0,
                levenshtein_distance=row.edit_distance or 0.0,
            )
            for row in rows
        ],
    )
