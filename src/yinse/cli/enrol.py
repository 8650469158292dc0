"""`yinse enrol`: recordings to a voice."""

from pathlib import Path

import click


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
    from yinse.contracts.errors import AlreadyExists
    from yinse.engine.audio.decode import decode
    from yinse.engine.checkpoints.base import load_base
    from yinse.engine.voice.home import VoiceHome, check_name
    from yinse.serving.enrolment import enrol as make_voice

    home = VoiceHome()
    if (home.voices / check_name(name)).exists() and not replace:
        raise AlreadyExists(f"there is already a voice {name!r}; choose another name or pass --replace")
    waveforms = [decode(path) for path in recordings]
    symbols = read_transcript(transcript, len(recordings), language)
    result = make_voice(load_base(), name, waveforms, symbols, ", ".join(path.name for path in recordings))
    home.save(result.voice, replace=replace)
    home.keep_recordings(name, waveforms)
    card = result.voice.card
    click.echo(f"{name}: {card.net_speech_s:.0f} s of speech, quality {card.grade}.")
    for prepared in result.prepared:
        if prepared.denoised:
            click.echo(f"  noise was removed: {prepared.reason}")
    if transcript and not all(prepared.transcript_used for prepared in result.prepared):
        click.echo("  the transcript does not fit what is said, so it was not used")
    click.echo(f'Speak: yinse speak "..." --voice {name} --out hello.wav')


def read_transcript(path: Path | None, recordings: int, language: str) -> list[list[str] | None]:
    """Symbols of every recording from a file with one line each (one recording may take many lines)."""
    from yinse.contracts.errors import InvalidInput, NotFound
    from yinse.engine.text.frontend import TextFrontend

    if path is None:
        return [None] * recordings
    if not path.exists():
        raise NotFound(f"there is no transcript {path}")
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name} is not UTF-8 text") from error
    if recordings == 1:
        lines = [" ".join(lines)]
    if len(lines) != recordings:
        raise InvalidInput(
            f"{path.name} has {len(lines)} lines for {recordings} recordings; write one line for each"
        )
    frontend = TextFrontend()
    return [
        [s for utterance in frontend.analyse(line, language) for s in utterance.symbols] for line in lines
    ]
