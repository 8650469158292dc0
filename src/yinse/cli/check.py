"""`yinse check`: is this recording good enough to make a voice of, and what would make it better?"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yinse.cli.files import require_no_folder
from yinse.cli.threads import one_thread
from yinse.contracts.errors import RecordingRejected

if TYPE_CHECKING:
    from yinse.contracts.quality import Check, QualityReport
    from yinse.quality.observe.voices import SpeakerRuler

LANGUAGES = ("zh", "en", "ja")
_METER_WIDTH = 30
_MARKS = {"pass": "+", "warn": "!", "fail": "x"}
_VERDICT = {
    True: {"zh": "可以克隆", "en": "can make a voice", "ja": "音声を作れます"},
    False: {"zh": "还不能克隆", "en": "cannot make a voice yet", "ja": "まだ音声を作れません"},
}
_BEST = {"zh": "最佳片段", "en": "Best parts", "ja": "最良の区間"}


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the advice [default: your locale].")
@click.pass_context
def check(context: click.Context, recording: Path, as_json: bool, lang: str | None) -> None:
    """Report the quality of RECORDING, with advice. Exit code 3 says that it cannot make a voice."""
    from yinse.engine.audio.decode import ENROL, EXAMINE, decode
    from yinse.quality.examine import examine

    waveform = decode(require_no_folder(recording), limits=EXAMINE)
    report = examine(waveform, speaker_ruler(), lowest_rate=ENROL.lowest_rate)
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        click.echo(readable(report, lang or language_of_locale()))
    if not report.can_clone:
        context.exit(RecordingRejected.exit_code)


def speaker_ruler() -> "SpeakerRuler | None":
    """What tells a second person; None where no weights are installed, and that check stays without a value."""
    from yinse.engine.checkpoints.base import default_weights, load_base
    from yinse.engine.checkpoints.bundle import MANIFEST
    from yinse.quality.observe.encoder import encoder_ruler

    if not (default_weights() / MANIFEST).exists():
        return None
    one_thread()
    return encoder_ruler(load_base())


def language_of_locale() -> str:
    """The product's language nearest to the user's locale (POSIX variables, strongest first), else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return next((language for language in LANGUAGES if value.startswith(language)), "en")
    return "en"


def readable(report: "QualityReport", language: str) -> str:
    """The report as text for a terminal."""
    from yinse.quality.labels import GRADES

    verdict = _VERDICT[report.can_clone][language]
    head = f"{GRADES[report.grade][language]} ({report.score:.0f}/100), {verdict}"
    lines = [head, _meter(report), "", *(_line(check, language) for check in report.checks)]
    if report.best_segments:
        parts = (f"{part.span.start:.1f}-{part.span.end:.1f} s" for part in report.best_segments)
        lines += ["", f"{_BEST[language]}: {', '.join(parts)}"]
    return "\n".join(lines)


def _meter(report: "QualityReport") -> str:
    filled = round(report.progress * _METER_WIDTH)
    return f"[{'#' * filled}{'.' * (_METER_WIDTH - filled)}] {report.net_speech_s:.1f} s"


def _line(check: "Check", language: str) -> str:
    from yinse.quality.labels import LABELS

    value = "-" if check.value is None else f"{check.value:g} {check.unit}".rstrip()
    text = f"{_MARKS[check.status]} {LABELS[check.id][language]}: {value}"
    return text if check.advice is None else f"{text}\n    {getattr(check.advice, language)}"
