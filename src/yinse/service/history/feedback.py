"""From ratings to numbers per week and to advice; pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean

from yinse.service.history.schemas import Suggestion, Week
from yinse.service.history.tables import GenerationRow

ENOUGH_RATINGS = 5
POOR, MIDDLING = 2.5, 3.5

_RERECORD = {
    "zh": "最近的评分偏低，而且录音质量不高：请在安静的房间里重新录一分钟。",
    "en": "Recent ratings are low and the recordings are not good: record a minute anew in a quiet room.",
    "ja": "最近の評価が低く、録音の品質も高くありません。静かな部屋で一分間録り直してください。",
}
_ADAPT = {
    "zh": "录音不错但还不够像：对这个声音做一次微调，再比较两个版本。",
    "en": "The recordings are good but the likeness is not there yet: adapt the voice and compare.",
    "ja": "録音は良好ですが、まだ似ていません。微調整して、二つの版を比べてください。",
}
_COLLECT = {
    "zh": "评分还太少：再给几条语音打分，才能给出建议。",
    "en": "There are too few ratings: rate a few more utterances for advice.",
    "ja": "評価がまだ少なすぎます。もう少し評価してください。",
}


def weeks(rows: Iterable[GenerationRow]) -> list[Week]:
    """Numbers by ISO week, oldest first."""
    groups: defaultdict[str, list[GenerationRow]] = defaultdict(list)
    for row in rows:
        year, week, _ = row.created_at.isocalendar()
        groups[f"{year}-W{week:02d}"].append(row)
    return [_week(name, group) for name, group in sorted(groups.items())]


def _week(name: str, rows: Sequence[GenerationRow]) -> Week:
    ratings = [row.rating for row in rows if row.rating is not None]
    scores = [row.score for row in rows if row.score is not None]
    return Week(
        week=name,
        utterances=len(rows),
        rated=sum(row.rating is not None or row.thumb is not None for row in rows),
        mean_rating=round(fmean(ratings), 3) if ratings else None,
        thumbs_up=sum(row.thumb == 1 for row in rows),
        thumbs_down=sum(row.thumb == -1 for row in rows),
        mean_score=round(fmean(scores), 3) if scores else None,
    )


def suggestions(rows: Sequence[GenerationRow], grade: str | None, adapted: bool) -> list[Suggestion]:
    """What to do about the last ratings: better recordings first, adaptation second."""
    ratings = [value for row in rows if (value := _stars(row)) is not None][-20:]
    if len(ratings) < ENOUGH_RATINGS:
        return [Suggestion(action="collect", reason=_COLLECT)]
    mean = fmean(ratings)
    if mean < MIDDLING and grade in ("poor", "ok", "bad", None):
        return [Suggestion(action="rerecord", reason=_RERECORD)]
    if mean < MIDDLING and (not adapted or mean < POOR):
        return [Suggestion(action="adapt", reason=_ADAPT)]
    return []


def _stars(row: GenerationRow) -> float | None:
    """A rating, or a thumb as one: down is 1, up is 5."""
    if row.rating is not None:
        return row.rating
    return None if row.thumb is None else (5.0 if row.thumb > 0 else 1.0)
