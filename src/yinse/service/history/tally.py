"""How often a voice spoke and how it was liked, by version and week: numbers that outlive the utterances they count."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.service.history.tables import GenerationRow, TallyRow


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over some utterances; `stars` of those `starred`, `score` of those `scored`."""

    utterances: int = 0
    rated: int = 0
    starred: int = 0
    stars: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0
    scored: int = 0
    score: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)))


Place = tuple[str, str]
"""A version's id (empty where there was none) and an ISO week, such as `2026-W47`."""


def week_of(moment: datetime) -> str:
    """The ISO week of a moment."""
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02d}"


def counted(rows: Iterable[GenerationRow]) -> dict[Place, Tally]:
    """Count utterances by version and week."""
    found: defaultdict[Place, Tally] = defaultdict(Tally)
    for row in rows:
        found[row.version_id or "", week_of(row.created_at)] += _one(row)
    return dict(found)


def merged(*counts: Mapping[Place, Tally]) -> dict[Place, Tally]:
    """The sum of counts."""
    found: defaultdict[Place, Tally] = defaultdict(Tally)
    for count in counts:
        for place, tally in count.items():
            found[place] += tally
    return dict(found)


async def kept(session: AsyncSession, voice_id: str) -> dict[Place, Tally]:
    """What was counted of utterances that are gone, in the order of weeks."""
    statement = select(TallyRow).where(TallyRow.voice_id == voice_id).order_by(TallyRow.week)
    return {(row.version_id, row.week): _of(row) for row in await session.scalars(statement)}


async def keep(session: AsyncSession, rows: Iterable[GenerationRow]) -> None:
    """Count utterances that are about to go."""
    by_voice: defaultdict[str, list[GenerationRow]] = defaultdict(list)
    for row in rows:
        by_voice[row.voice_id].append(row)
    for voice_id, own in by_voice.items():
        for (version_id, week), tally in counted(own).items():
            held = await session.get(TallyRow, (voice_id, version_id, week))
            if held is None:
                place = {"voice_id": voice_id, "version_id": version_id, "week": week}
                session.add(TallyRow(**place, **asdict(tally)))
            else:
                for name, value in asdict(_of(held) + tally).items():
                    setattr(held, name, value)
    await session.flush()


async def forget(session: AsyncSession, voice_id: str) -> None:
    """Remove a voice's numbers."""
    await session.execute(delete(TallyRow).where(TallyRow.voice_id == voice_id))


def _one(row: GenerationRow) -> Tally:
    return Tally(
        utterances=1,
        rated=row.rating is not None or row.thumb is not None,
        starred=row.rating is not None,
        stars=row.rating or 0,
        thumbs_up=row.thumb == 1,
        thumbs_down=row.thumb == -1,
        scored=row.score is not None,
        score=row.score or 0.0,
    )


def _of(row: TallyRow) -> Tally:
    return Tally(**{one.name: getattr(row, one.name) for one in fields(Tally)})
