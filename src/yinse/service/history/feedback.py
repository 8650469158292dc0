"""From ratings to numbers per week and version, and to advice; pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from yinse.service.history.schemas import Action, Reason, Suggestion, VersionNumbers, Week
from yinse.service.history.tables import GenerationRow
from yinse.service.history.tally import Place, Tally

ENOUGH_RATINGS = 5
RECENT_RATINGS = 20
POOR, MIDDLING = 2.5, 3.5
BAD_STARS = 2.0

_REASONS: Mapping[Action, dict[str, str]] = {
    "collect": {
        "zh": "评分还太少：再给几条语音打分，才能给出建议。",
        "en": "There are too few ratings: rate a few more utterances for advice.",
        "ja": "評価がまだ少なすぎます。もう少し評価してください。",
    },
    "compare": {
        "zh": "有一个新版本在等你：先听听两个版本，再决定用哪个。",
        "en": "A new version is waiting: hear both, then choose.",
        "ja": "新しい版があります。両方を聴いてから選んでください。",
    },
    "wait": {
        "zh": "正在用你不满意的那几句话试听别的录音片段，请稍候。",
        "en": "Other stretches of the recordings are being tried on what you did not like; this takes a moment.",
        "ja": "気に入らなかった文で、録音の別の部分を試しています。少しお待ちください。",
    },
    "rerecord": {
        "zh": "最近的评分偏低，而且录音质量不高：请重新朗读下面的句子。",
        "en": "Recent ratings are low and the recordings are not good: read the sentences below anew.",
        "ja": "最近の評価が低く、録音の品質も高くありません。下の文を読み直してください。",
    },
    "reselect": {
        "zh": "录音不错，评分却偏低：换一段录音作参考，再比较两个版本。",
        "en": "The recordings are good but ratings are low: try another stretch of them as the reference, then compare.",
        "ja": "録音は良好ですが、評価が低めです。別の部分を手本にして、二つの版を比べてください。",
    },
    "adapt": {
        "zh": "录音不错但还不够像：对这个声音做一次微调，再比较两个版本。",
        "en": "The recordings are good but the likeness is not there yet: adapt the voice and compare.",
        "ja": "録音は良好ですが、まだ似ていません。微調整して、二つの版を比べてください。",
    },
}
_POOR_GRADES = ("poor", "ok", "bad", None)
_SENTENCES = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a voice when advice is given.

    `report` is the verdict on its recordings, `recordings` their ids in the report's order, `sentences` what
    may be read in its language; the flags say what was tried for the version that speaks now.
    """

    version_id: str | None
    grade: str | None
    report: Mapping[str, Any] | None
    recordings: Sequence[str]
    sentences: Sequence[str]
    candidate: bool
    reselecting: bool
    reselected: bool
    adapted: bool


def weeks(counts: Mapping[Place, Tally]) -> list[Week]:
    """Numbers by ISO week, oldest first."""
    groups: defaultdict[str, Tally] = defaultdict(Tally)
    for (_, week), tally in counts.items():
        groups[week] += tally
    return [Week(week=week, **_numbers(tally)) for week, tally in sorted(groups.items())]


def by_version(counts: Mapping[Place, Tally]) -> list[VersionNumbers]:
    """Numbers by version, in the order they first spoke."""
    groups: defaultdict[str, Tally] = defaultdict(Tally)
    for (version_id, _), tally in counts.items():
        groups[version_id] += tally
    return [VersionNumbers(version_id=name, **_numbers(tally)) for name, tally in groups.items() if name]


def _numbers(tally: Tally) -> dict[str, Any]:
    return {
        "utterances": tally.utterances,
        "rated": tally.rated,
        "mean_rating": round(tally.stars / tally.starred, 3) if tally.starred else None,
        "thumbs_up": tally.thumbs_up,
        "thumbs_down": tally.thumbs_down,
        "mean_score": round(tally.score / tally.scored, 3) if tally.scored else None,
    }


def suggestions(rows: Sequence[GenerationRow], voice: Standing) -> list[Suggestion]:
    """What to do about the last ratings of the version that speaks.

    Hear what was made already; then better recordings, for nothing mends those; then another stretch of
    them as the reference, which takes seconds; then adaptation, which takes minutes.
    """
    if voice.candidate:
        return [_suggestion("compare")]
    if voice.reselecting:
        return [_suggestion("wait")]
    of_version = (row for row in rows if row.version_id == voice.version_id)
    ratings = [value for row in of_version if (value := stars(row)) is not None][-RECENT_RATINGS:]
    if len(ratings) < ENOUGH_RATINGS:
        return [_suggestion("collect")]
    mean = fmean(ratings)
    if mean >= MIDDLING:
        return []
    if voice.grade in _POOR_GRADES:
        return [_rerecord(voice)]
    if not voice.reselected:
        return [_suggestion("reselect")]
    if not voice.adapted:
        return [_suggestion("adapt")]
    return [_rerecord(voice)] if mean < POOR else []


def stars(row: GenerationRow) -> float | None:
    """A rating, or a thumb as one: down is 1, up is 5."""
    if row.rating is not None:
        return row.rating
    return None if row.thumb is None else (5.0 if row.thumb > 0 else 1.0)


def is_bad(row: GenerationRow) -> bool:
    """Whether somebody did not like it."""
    found = stars(row)
    return found is not None and found <= BAD_STARS


def _suggestion(action: Action) -> Suggestion:
    return Suggestion(action=action, reason=_REASONS[action], recordings=[], because=[], sentences=[])


def _rerecord(voice: Standing) -> Suggestion:
    """Which recordings fall short and why, and what to read instead."""
    worst, checks = _worst(voice)
    reasons = [Reason(check=check["id"], advice=check["advice"]) for check in checks if check.get("advice")]
    return _suggestion("rerecord").model_copy(
        update={"recordings": worst, "because": reasons, "sentences": list(voice.sentences[:_SENTENCES])}
    )


def _worst(voice: Standing) -> tuple[list[str], list[Mapping[str, Any]]]:
    """The recordings with the lowest score, and the checks that they do not pass."""
    own: Sequence[Mapping[str, Any]] = (voice.report or {}).get("recordings", ())
    if not own or len(own) != len(voice.recordings):
        return [], [check for check in (voice.report or {}).get("checks", ()) if check["status"] != "pass"]
    lowest = min(report["score"] for report in own)
    places = [place for place, report in enumerate(own) if report["score"] == lowest]
    checks = [check for check in own[places[0]]["checks"] if check["status"] != "pass"]
    return [voice.recordings[place] for place in places], checks
