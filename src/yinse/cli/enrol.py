"""`yinse enrol`: recordings to a voice."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yinse.cli.files import require_no_folder
from yinse.cli.threads import one_thread
from yinse.contracts.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from yinse.engine.audio.waveform import Waveform
    from yinse.engine.voice.home import Voice, VoiceHome
    from yinse.engine.voice.prepare import Line
    from yinse.serving.enrolment import Enrolment


@click.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--voice", "name", required=True, help="Name of the new voice.")
@click.option(
    "--transcript", type=click.Path(path_type=Path), help="What is said: one line for each recording."
)
@click.option(
    "--language", default="auto", show_default=True, help="Language of the transcript: zh, en, ja or auto."
)
@click.option("--replace", is_flag=True, help="Replace a voice of the same name.")
def enrol(
    recordings: tuple[Path, ...], name: str, transcript: Path | None, language: str, replace: bool
) -> None:
    """Make a voice from RECORDINGS, about a minute in all."""
    from yinse.engine.checkpoints.base import load_base
    from yinse.engine.voice.home import VoiceHome, check_name
    from yinse.quality.examine import examine_together
    from yinse.quality.observe.encoder import encoder_ruler
    from yinse.serving.enrolment import enrol as make_voice

    home, name = VoiceHome(), check_name(name)
    home.target(name, replace=replace)
    waveforms = [_decoded(path) for path in recordings]
    lines = read_transcript(transcript, len(recordings), language)
    one_thread()
    models = load_base()
    reports = examine_together(waveforms, encoder_ruler(models))
    source = ", ".join(path.name for path in recordings)
    result = make_voice(models, name, waveforms, lines, source, reports=reports)
    keep(home, result.voice, waveforms, replace=replace)
    click.echo("\n".join(_told(result, recordings, transcript)))


def _decoded(path: Path) -> "Waveform":
    """Decode one of perhaps many files; what is wrong names the file."""
    from yinse.engine.audio.decode import decode

    try:
        return decode(require_no_folder(path))
    except InvalidInput as error:
        raise type(error)(f"{path.name}: {error.message}", code=error.code) from error


def keep(home: "VoiceHome", voice: "Voice", recordings: list["Waveform"], *, replace: bool) -> None:
    """Put a voice and its takes in place together; an older one gives way only to `replace`.

    An interrupt or a full disk (`StorageFull`) leaves everything as it was, and so does a voice of this name that
    another process has made in the meantime (`AlreadyExists`).
    """
    from yinse.engine.voice.home import VoiceHome, put_in_place, staging

    name = voice.card.name
    with staging(home.voices) as folder:
        staged = VoiceHome(folder)
        staged.save(voice)
        staged.keep_recordings(name, recordings)
        put_in_place(staged.voices / name, home.voices / name, replace=replace)


def _told(result: "Enrolment", recordings: Sequence[Path], transcript: Path | None) -> list[str]:
    """What the user should know about the new voice, line by line."""
    from yinse.cli.check import language_of_locale

    card, language = result.voice.card, language_of_locale()
    lines = [f"{card.name}: {card.net_speech_s:.0f} s of speech, quality {card.grade}."]
    for path, report in zip(recordings, result.reports, strict=True):
        if not report.can_clone:
            lines.append(f"  {path.name} was left out:")
        advice = [check.advice for check in report.checks if check.advice is not None]
        lines += [f"  {path.name}: {getattr(one, language)}" for one in advice]
    lines += ["  steady noise was removed" for one in result.prepared if one.denoised]
    if transcript and not all(one.words_known for one in result.prepared):
        lines.append("  the transcript does not fit what is said, so it was not used")
    return [*lines, f'Speak: yinse speak "..." --voice {shlex.quote(card.name)} --out hello.wav']


def read_transcript(path: Path | None, recordings: int, language: str) -> list[list["Line"]]:
    """What every recording says, from a file with one line each (one recording may take many lines)."""
    from yinse.engine.text.frontend import TextFrontend
    from yinse.engine.voice.prepare import Line
    from yinse.serving.words import symbols_of

    if path is None:
        return [[] for _ in range(recordings)]
    if not path.is_file():
        raise NotFound(f"there is no transcript {path}")
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name} is not UTF-8 text") from error
    if not lines:
        raise InvalidInput(f"{path.name} is empty; write what the recording says, or leave --transcript out")
    if recordings == 1:
        lines = [" ".join(lines)]
    if len(lines) != recordings:
        raise InvalidInput(
            f"{path.name} has {len(lines)} lines for {recordings} recordings; write one line for each"
        )
    frontend = TextFrontend()
    return [[Line(symbols_of(frontend, line, language))] for line in lines]
