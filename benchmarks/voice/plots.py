"""One picture a quality: every figure as a bar with its interval."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.voice.table import FLOOR, NATURAL, Row

COLOURS = {NATURAL: "#3b6ea5", FLOOR: "#b0b0b0"}
OURS = ("#d98c3f", "#8a5aa8", "#4f9d69", "#c0504d")


def draw(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write `voice-QUALITY.png` for every quality and return the paths."""
    return [
        _draw_quality(quality, [row for row in rows if row.quality == quality], folder)
        for quality in dict.fromkeys(row.quality for row in rows)
    ]


def _draw_quality(quality: str, rows: Sequence[Row], folder: Path) -> Path:
    from matplotlib.figure import Figure as Canvas

    measures = list(dict.fromkeys((row.measure, row.unit) for row in rows))
    canvas = Canvas(figsize=(8, 0.9 + 0.28 * len(rows) + 0.5 * len(measures)), layout="constrained")
    heights = [sum((row.measure, row.unit) == measure for row in rows) + 1 for measure in measures]
    axes = canvas.subplots(len(measures), 1, squeeze=False, height_ratios=heights)[:, 0]
    systems = [s for s in dict.fromkeys(row.subject for row in rows) if s not in COLOURS]
    colours = {**COLOURS, **dict(zip(systems, OURS * len(systems), strict=False))}
    for axis, measure in zip(axes, measures, strict=True):
        group = [row for row in rows if (row.measure, row.unit) == measure]
        values = [row.figure.value for row in group]
        spread = [
            [row.figure.value - row.figure.low for row in group],
            [row.figure.high - row.figure.value for row in group],
        ]
        labels = [f"{row.subject}, {row.language} {row.detail}"[:60] for row in group]
        axis.barh(
            range(len(group)), values, xerr=spread, color=[colours[row.subject] for row in group], capsize=2
        )
        axis.set_yticks(range(len(group)), labels, fontsize=7)
        axis.invert_yaxis()
        axis.set_title(measure[0], fontsize=9, loc="left")
        axis.tick_params(axis="x", labelsize=7)
    path = folder / f"voice-{quality}.png"
    canvas.savefig(path, dpi=90)
    return path
