"""`yinse speak`: a text in a voice, to a file, to standard output, or to a player as it is spoken."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING

import click

from yinse.cli.threads import one_thread
from yinse.contracts.errors import InvalidInput, NotFound, StorageFull, YinseError

if TYPE_CHECKING:
    from yinse.engine.audio.encode import FileEncoder, Format, StreamEncoder
    from yinse.engine.audio.waveform import Samples
    from yinse.engine.checkpoints.published.precision import Precision
    from yinse.engine.synthesis.options import SpeechOptions
    from yinse.engine.synthesis.published.speaker import Speaker
    from yinse.engine.synthesis.result import SpeechReport

STDOUT = Path("-")
LONGEST_TEXT = 50_000
"""Characters in one call: about an hour of English, three of Chinese."""
LONG_TEXT = 1000
"""Characters above which compiled code gains more than it takes to load: a minute of English, four of Chinese."""
LONGEST_WHOLE = 10_000
"""Characters up to which the audio is held in memory before it is written."""
_DOUBTFUL_TOLD, _QUOTED = 5, 60
"""Segments named, and characters of each, where words were missed."""
ENDINGS: MappingProxyType[str, "Format"] = MappingProxyType(
    {
        ".wav": "wav",
        ".flac": "flac",
        ".mp3": "mp3",
        ".opus": "opus",
        ".ogg": "opus",
        ".aac": "aac",
        ".m4a": "m4a",
    }
)
PLAYERS = (
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-i", "-"),
    ("mpv", "--no-terminal", "-"),
    ("aplay", "-q", "-"),
    ("play", "-q", "-t", "wav", "-"),
)
"""Programs that play a WAV stream from their standard input, in order of preference."""


@click.command()
@click.argument("text")
@click.option("--voice", "name", required=True, help="Name of an enrolled or preset voice.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Audio file, or - for WAV on standard output; without it, --stream plays.",
)
@click.option("--language", default="auto", show_default=True, help="zh, en, ja or auto.")
@click.option(
    "--speed",
    type=float,
    default=1.0,
    show_default=True,
    help="0.25 (slow) to 4 (fast); imported voices 0.5 to 2.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same audio.")
@click.option(
    "--prior", type=click.Choice(["diffusion", "flow"]), default=None, help="Which prior draws the sound."
)
@click.option(
    "--steps",
    type=int,
    default=None,
    help="Steps of the prior or flow; 2, or what an imported v3 or v4 usually takes.",
)
@click.option(
    "--compat", is_flag=True, help="Imported voices: behave as the published code where that is heard."
)
@click.option(
    "--precision",
    type=click.Choice(["int8", "fp32"]),
    default=None,
    help="Imported voices: int8 is fast, fp32 exact; int8 unless --compat.",
)
@click.option(
    "--retries", type=int, default=2, show_default=True, help="How often a bad segment is drawn again."
)
@click.option(
    "--stream", is_flag=True, help="Write or play audio while it is spoken; nothing is drawn again."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def speak(
    text: str, name: str, out: Path | None, language: str, speed: float, seed: int, prior: str | None,
    steps: int | None, compat: bool, precision: "Precision | None", retries: int, stream: bool, as_json: bool,
) -> None:  # fmt: skip
    """Speak TEXT (or - to read it from standard input) in a voice."""
    from yinse.engine.synthesis.options import SpeechOptions
    from yinse.engine.synthesis.published.speaker import EnrolledSpeaker, open_speaker

    container = _container(out, stream=stream)
    content = _within_limits(_read(text), stream=stream)
    options = SpeechOptions(
        language=language, speed=speed, seed=seed, diffusion=None if prior is None else prior == "diffusion", retries=retries,
    )  # fmt: skip
    if steps is not None:
        options = replace(options, diffusion_steps=steps)
    speaker = open_speaker(
        name, steps=steps, compat=compat, precision=precision, compiled=len(content) > LONG_TEXT
    )
    if isinstance(speaker, EnrolledSpeaker):
        one_thread()
    if stream:
        report = _streamed(speaker, content, options, out, container)
    else:
        report = _whole(speaker, content, options, out or STDOUT, container)
    click.echo(_printed(report, out, as_json=as_json), err=out == STDOUT)


def _read(text: str) -> str:
    """The argument, or standard input for `-`; either must be UTF-8."""
    try:
        if text == "-":
            return _standard_input().decode("utf-8-sig")
        text.encode("utf-8")
    except UnicodeError as error:
        raise InvalidInput("The text is not valid UTF-8.") from error
    return text


def _standard_input() -> bytes:
    """All of it, and of what never ends no more than shows that it is too long."""
    if sys.stdin is None:
        raise InvalidInput("There is no standard input to read the text from.")
    most = 4 * LONGEST_TEXT
    read = sys.stdin.buffer.read(most + 1)
    if len(read) > most:
        raise InvalidInput(f"The text has more than {LONGEST_TEXT} characters: speak it chapter by chapter.")
    return read


def _within_limits(text: str, *, stream: bool) -> str:
    """Refuse what would take hours, or more memory than a small machine has."""
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(
            f"The text has {len(text)} characters, more than {LONGEST_TEXT}: speak it chapter by chapter."
        )
    if len(text) > LONGEST_WHOLE and not stream:
        raise InvalidInput(
            f"The text has {len(text)} characters: from {LONGEST_WHOLE} on pass --stream, which writes as it speaks."
        )
    return text


def _container(out: Path | None, *, stream: bool) -> "Format":
    """The format that the ending asks for; whatever cannot be written is refused before a model is loaded."""
    if out is None and not stream:
        raise InvalidInput(
            "Say where the speech goes: --out FILE, --out - for standard output, or --stream to hear it."
        )
    if out == STDOUT and sys.stdout is None:
        raise InvalidInput("Standard output is closed; name a file with --out.")
    if out is None or out == STDOUT:
        return "wav"
    if out.is_dir():
        raise InvalidInput(f"{out} is a folder; name a file in it.")
    container = ENDINGS.get(out.suffix.lower())
    if container is None:
        raise InvalidInput(f"{out.name}: the ending must be one of {', '.join(ENDINGS)}.")
    if not _is_writable(out):
        raise StorageFull(f"{out} cannot be written: choose another place for it.", code="not_writable")
    return container


def _is_writable(out: Path) -> bool:
    """Whether a file may be made there, as far as can be told without making it."""
    try:
        there = next(parent for parent in out.absolute().parents if parent.exists())
    except OSError:
        return False
    return there.is_dir() and os.access(there, os.W_OK)


def _whole(
    speaker: "Speaker", text: str, options: "SpeechOptions", out: Path, container: "Format"
) -> "SpeechReport":  # fmt: skip
    from yinse.engine.audio.encode import encode
    from yinse.engine.audio.files import write_atomic

    speech = speaker.speak(text, options)
    data = encode(speech.audio, container)
    if out == STDOUT:
        sys.stdout.buffer.write(data)
    else:
        with _writing(out):
            write_atomic(out, data)
    return speech.report


def _streamed(
    speaker: "Speaker", text: str, options: "SpeechOptions", out: Path | None, container: "Format"
) -> "SpeechReport":  # fmt: skip
    """Write every piece as it comes, and hold none of them."""
    from yinse.engine.synthesis.result import AudioPiece, SegmentDone
    from yinse.engine.synthesis.synthesizer import StreamMeter

    meter = StreamMeter(options.seed, speaker.rate)
    with _sink(out) as sink:
        encoder = _encoder(sink, out, container, speaker.rate)
        for event in speaker.stream(text, options):
            meter.see(event)
            match event:
                case AudioPiece(samples):
                    encoder.push(samples)
                case SegmentDone():
                    pass
        encoder.finish()
    return meter.report()


def _encoder(sink: IO[bytes], out: Path | None, container: "Format", rate: int) -> "FileEncoder | _Live":
    """A file gets a header with its length; what listens gets every piece at once."""
    from yinse.engine.audio.encode import FileEncoder, StreamEncoder

    if out is None or out == STDOUT:
        return _Live(StreamEncoder(container, rate), sink)
    return FileEncoder(container, rate, sink)


@dataclass(frozen=True, slots=True)
class _Live:
    """Hands on what an encoder has ready, without waiting for more."""

    encoder: "StreamEncoder"
    sink: IO[bytes]

    def push(self, samples: "Samples") -> None:
        self.sink.write(self.encoder.push(samples))
        self.sink.flush()

    def finish(self) -> None:
        self.sink.write(self.encoder.finish())


@contextmanager
def _sink(out: Path | None) -> Iterator[IO[bytes]]:
    """Where a stream goes: a player, standard output, or a file."""
    if out == STDOUT:
        yield sys.stdout.buffer
        return
    with _player() if out is None else _file(out) as sink:
        yield sink


@contextmanager
def _file(out: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is whole, also of two that are written at once."""
    partial = out.with_name(f".{out.name}.{secrets.token_hex(4)}.partial")
    try:
        with _writing(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                yield file
            partial.replace(out)
    finally:
        with suppress(OSError):
            partial.unlink()


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Whatever the system has against a file, in words."""
    try:
        yield
    except OSError as error:
        raise StorageFull(f"{out} cannot be written: {error.strerror}. Nothing was kept.") from error


@contextmanager
def _player() -> Iterator[IO[bytes]]:
    """The standard input of an installed player; it has played to the end when the block is left."""
    command = next((player for player in PLAYERS if shutil.which(player[0])), None)
    if command is None:
        names = ", ".join(player[0] for player in PLAYERS)
        raise NotFound(f"There is no player here ({names}); write to a file with --out.", code="no_player")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin is not None
    try:
        yield process.stdin
        process.stdin.close()
    except BrokenPipeError as error:
        raise YinseError(
            f"{command[0]} stopped before the speech was over.", code="player_stopped"
        ) from error
    except BaseException:
        process.terminate()
        raise
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()


def _printed(report: "SpeechReport", out: Path | None, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({**asdict(report), "rtf": report.rtf}, ensure_ascii=False)
    tries = sum(segment.tries for segment in report.segments)
    worst = min(segment.score for segment in report.segments)
    spoken = (
        f"{out or 'played'}: {report.audio_s:.1f} s of speech in {report.compute_s:.1f} s (RTF {report.rtf:.2f}), "
        f"first audio after {report.first_audio_ms:.0f} ms; segments {len(report.segments)}, tries {tries}, "
        f"lowest score {worst:.2f} of 1"
    )
    return "\n".join([spoken, *_doubtful(report)])


def _doubtful(report: "SpeechReport") -> list[str]:
    """What to listen to: segments in which not every word was heard, the worst first."""
    from yinse.engine.synthesis.verify import ACCEPTED

    doubtful = sorted(
        (one for one in report.segments if one.score < ACCEPTED), key=lambda segment: segment.score
    )
    if not doubtful:
        return []
    lines = [
        f"  {one.start:.1f}-{one.end:.1f} s: {one.text.strip()[:_QUOTED]}"
        for one in doubtful[:_DOUBTFUL_TOLD]
    ]
    more = len(doubtful) - len(lines)
    return [
        "Not every word was heard here; listen, and try another --seed if it is wrong:",
        *lines,
        *([f"  and {more} more (--json tells all)"] if more else []),
    ]
