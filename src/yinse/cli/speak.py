"""`yinse speak`: a text in a voice, to a file or as a stream."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import click

from yinse.contracts.errors import InvalidInput, StorageFull

if TYPE_CHECKING:
    from yinse.engine.audio.encode import Format
    from yinse.engine.synthesis.options import SpeechOptions
    from yinse.engine.synthesis.result import SpeechReport
    from yinse.engine.synthesis.synthesizer import Synthesizer
    from yinse.engine.voice.home import Voice


@click.command()
@click.argument("text")
@click.option("--voice", "name", required=True, help="Name of an enrolled or preset voice.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Audio file, or - for WAV on stdout.",
)
@click.option("--language", default="auto", show_default=True, help="zh, en, ja or auto.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="0.5 (slow) to 2 (fast).")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same audio.")
@click.option(
    "--prior", type=click.Choice(["diffusion", "flow"]), default=None, help="Which prior draws the sound."
)
@click.option("--steps", type=int, default=4, show_default=True, help="Steps of the diffusion prior.")
@click.option(
    "--retries", type=int, default=2, show_default=True, help="How often a bad segment is drawn again."
)
@click.option("--stream", is_flag=True, help="Write audio while it is spoken.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def speak(
    text: str, name: str, out: Path, language: str, speed: float, seed: int, prior: str | None, steps: int, retries: int,
    stream: bool, as_json: bool,
) -> None:  # fmt: skip
    """Speak TEXT (or - to read it from standard input) in a voice."""
    from yinse.engine.synthesis.options import SpeechOptions
    from yinse.engine.synthesis.synthesizer import Synthesizer
    from yinse.engine.voice.home import VoiceHome

    content = sys.stdin.read() if text == "-" else text
    options = SpeechOptions(
        language=language, speed=speed, seed=seed, diffusion=None if prior is None else prior == "diffusion",
        diffusion_steps=steps, retries=retries,
    )  # fmt: skip
    voice = VoiceHome().load(name)
    synthesizer = Synthesizer.load(adapter=VoiceHome().adapter(name))
    deliver = _streamed if stream else _whole
    report = deliver(synthesizer, content, voice, options, out)
    printed = (
        json.dumps({**asdict(report), "rtf": report.rtf}, ensure_ascii=False)
        if as_json
        else _summary(report, out)
    )
    click.echo(printed, err=str(out) == "-")


def _whole(
    synthesizer: "Synthesizer", text: str, voice: "Voice", options: "SpeechOptions", out: Path
) -> "SpeechReport":
    from yinse.engine.audio.encode import encode
    from yinse.engine.audio.files import write_atomic

    speech = synthesizer.speak(text, voice.prompt, options)
    data = encode(speech.audio, _container(out))
    if str(out) == "-":
        sys.stdout.buffer.write(data)
    else:
        write_atomic(out, data)
    return speech.report


def _streamed(
    synthesizer: "Synthesizer", text: str, voice: "Voice", options: "SpeechOptions", out: Path
) -> "SpeechReport":
    """Write every piece as it comes; a file appears under its name only when it is whole."""
    from yinse.engine.audio.encode import StreamEncoder
    from yinse.engine.synthesis.result import AudioPiece, SegmentDone
    from yinse.engine.synthesis.synthesizer import StreamMeter

    encoder = StreamEncoder(_container(out), synthesizer.rate)
    meter = StreamMeter(options.seed, synthesizer.rate)
    with _sink(out) as sink:
        for event in synthesizer.stream(text, voice.prompt, options):
            meter.see(event)
            match event:
                case AudioPiece(samples):
                    sink.write(encoder.push(samples))
                    sink.flush()
                case SegmentDone():
                    pass
        sink.write(encoder.finish())
    return meter.report()


@contextmanager
def _sink(out: Path) -> Iterator[IO[bytes]]:
    if str(out) == "-":
        yield sys.stdout.buffer
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(out)
    except OSError as error:
        raise StorageFull(f"{out} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _container(out: Path) -> "Format":
    known = {
        ".wav": "wav",
        ".flac": "flac",
        ".mp3": "mp3",
        ".opus": "opus",
        ".ogg": "opus",
        ".aac": "aac",
        ".m4a": "m4a",
    }
    suffix = ".wav" if str(out) == "-" else out.suffix.lower()
    if suffix not in known:
        raise InvalidInput(f"{out.name}: the ending must be one of {', '.join(known)}")
    return cast("Format", known[suffix])


def _summary(report: "SpeechReport", out: Path) -> str:
    tries = sum(segment.tries for segment in report.segments)
    worst = min(segment.score for segment in report.segments)
    return (
        f"{out}: {report.audio_s:.1f} s of speech in {report.compute_s:.1f} s (RTF {report.rtf:.2f}), first audio after "
        f"{report.first_audio_ms:.0f} ms; {len(report.segments)} segments, {tries} tries, lowest score {worst:.2f}"
    )
