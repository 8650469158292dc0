"""`python -m benchmarks.quality_measures`: do the measures of the recording check recover what was done to speech?

Real voices are mixed with real noise at known levels, put into rooms with known reverberation, cut off in band,
clipped, hummed at, coded, torn and joined with other voices. Voices come one sentence each from LibriSpeech
speakers none of whom served to choose a threshold, but for what needs a transcript or full band. The rows
"as found" show what the check says of them all (some do hum, some passed a limiter and a gate); the damage is done
to those that are clean to begin with: 33 dB and more above their noise, no hum, no limiter.
"""

import csv
import io
import json
import tarfile
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import av
import click
import numpy as np
from scipy.signal import fftconvolve

from yinse.contracts.quality import QualityReport, Status
from yinse.engine.audio.decode import decode
from yinse.engine.audio.denoise import denoise
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Samples, Waveform
from yinse.quality.examine import LiveExaminer, judged
from yinse.quality.measures.speech import speaking_rate
from yinse.quality.observe.observer import observe
from yinse.quality.observe.voices import SpeakerRuler

RATE = 48_000
SECONDS = 12.0


@dataclass(frozen=True)
class Row:
    """What was done, what was measured: n cases, the truth, mean and spread of the value, share that warns."""

    measure: str
    case: str
    n: int
    truth: str
    value: float
    spread: float
    flagged: float

    @classmethod
    def of(cls, measure: str, case: str, truth: str, values: Sequence[float]) -> "Row":
        """The row of a measure that warns of nothing."""
        return cls(measure, case, len(values), truth, float(np.mean(values)), float(np.std(values)), 0.0)


class Data:
    """Recordings and noises of the data folder, at 48 kHz."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()
        self.rows = [json.loads(line) for line in lines]

    def read(self, shard: str, files: Sequence[str]) -> list[Samples]:
        with tarfile.open(self.folder / shard) as tar:
            return [resample(decode(tar.extractfile(file).read()), RATE).samples for file in files]  # type: ignore[union-attr]

    def strangers(self, count: int) -> list[Samples]:
        """One sentence of at least eleven seconds from each of so many LibriSpeech speakers."""
        shard = "librispeech_251_speakers.tar"
        rows = [r for r in self.rows if r["shard"] == shard and r["seconds"] >= 11]
        chosen = rows[:: max(1, len(rows) // count)][:count]
        return [sound[: round(SECONDS * RATE)] for sound in self.read(shard, [r["file"] for r in chosen])]

    def noises(self, kind: str, least_seconds: float) -> dict[str, Samples]:
        rows = [json.loads(line) for line in (self.folder / "noise.jsonl").read_text("utf-8").splitlines()]
        files = [r["file"] for r in rows if r["kind"] == kind and r["seconds"] >= least_seconds]
        return dict(zip(files, self.read("noise.tar", files), strict=True))


def speech_power(sound: Samples) -> float:
    active = np.repeat(observe(Waveform(sound, RATE)).speech, RATE // 100)[: len(sound)]
    return float(np.mean(sound[: len(active)][active] ** 2))


def mixed(sound: Samples, noise: Samples, snr_db: float) -> Samples:
    """Speech in noise at a ratio of speech power (pauses not counted) to mean noise power; no clipping."""
    bed = np.resize(noise, len(sound))
    bed = bed * np.sqrt(speech_power(sound) / 10 ** (snr_db / 10) / np.mean(bed**2))
    both = sound + bed
    return np.asarray(both * min(1.0, 0.9 / np.abs(both).max()), np.float32)


def measured(sound: Samples, ruler: SpeakerRuler | None = None) -> QualityReport:
    return judged(observe(Waveform(sound.astype(np.float32), RATE), ruler))


def row(name: str, case: str, truth: str, reports: Sequence[QualityReport]) -> Row:
    checks = [next(check for check in report.checks if check.id == name) for report in reports]
    values = np.array([np.nan if check.value is None else check.value for check in checks])
    flagged = np.mean([check.status is not Status.PASS for check in checks])
    known = values[~np.isnan(values)]
    mean, spread = (float(known.mean()), float(known.std())) if len(known) else (np.nan, np.nan)
    return Row(name, case, len(known), truth, mean, spread, float(flagged))


def is_clean(voice: Samples) -> bool:
    values = {check.id: check.value or 0.0 for check in measured(voice).checks}
    return values["snr"] >= 33 and values["hum"] < -50 and values["saturation"] < 12


def as_found(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    reports = [measured(voice) for voice in data.strangers(3 * len(voices))]
    for check in reports[0].checks:
        yield row(check.id, "as found, 12 s of a sentence", "-", reports)


def snr(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    white = np.random.default_rng(0).standard_normal(RATE * 12).astype(np.float32)
    noises = {"white": white, **dict(islice(data.noises("noise", 8).items(), 2, 9))}
    for name, noise in noises.items():
        for ratio in (0, 10, 20, 30):
            reports = [measured(mixed(voice, noise, ratio)) for voice in voices[:6]]
            yield row("snr", f"noise {Path(name).stem}", f"{ratio} dB", reports)
            yield row("disturbances", f"noise {Path(name).stem} at {ratio} dB", "-", reports)


def rooms(data: Data) -> Iterator[tuple[str, float, Samples]]:
    """Names, reverberation times (Schroeder, -5 to -25 dB) and impulse responses of rooms."""
    for name, response in data.noises("rir", 0.1).items():
        direct = response[max(0, int(np.argmax(np.abs(response))) - 48) :]
        yield f"room {Path(name).stem}", schroeder(direct), direct
    rng = np.random.default_rng(1)
    for seconds in (0.25, 0.4, 0.6, 0.8, 1.1):
        fall = np.arange(round(1.2 * seconds * RATE)) / RATE
        tail = rng.standard_normal(len(fall)) * 10 ** (-3 * fall / seconds)
        tail[: round(0.003 * RATE)] = 0
        response = np.concatenate([[1.0], tail / np.linalg.norm(tail)]).astype(np.float32)
        yield "synthetic", schroeder(response), response


def schroeder(response: Samples) -> float:
    energy = np.cumsum(response[::-1].astype(np.float64) ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-15)
    first, last = int(np.argmax(level <= -5)), int(np.argmax(level <= -25))
    return -60 / float(np.polyfit(np.arange(first, last) / RATE, level[first:last], 1)[0])


def reverberation(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    for name, seconds, response in rooms(data):
        if seconds < 2.0:  # two responses of the set are but noise after 30 dB
            wet = [fftconvolve(voice, response)[: len(voice)] for voice in voices]
            reports = [measured(sound / np.abs(sound).max() * 0.5) for sound in wet]
            yield row("reverberation", name, f"{seconds:.2f} s", reports)


def bandwidth(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    rows = [r for r in data.rows if r["speaker"] == "kathleen" and r["seconds"] > 5][:6]
    full = data.read("kathleen.tar", [r["file"] for r in rows])
    for rate in (6_800, 8_000, 11_025, 14_000, 16_000, 22_050, 32_000, RATE):
        narrow = [resample(resample(Waveform(voice, RATE), rate), RATE).samples for voice in full]
        truth = f"{rate / 2:.0f} Hz" if rate < RATE else "20 kHz (codec)"
        yield row("bandwidth", "low-passed", truth, [measured(sound) for sound in narrow])


def clipping(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    for share in (0.002, 0.01, 0.03):
        for case in ("hard", "hard, then -6 dB", "soft (tanh)", "hard, Opus 96 kbit/s"):
            reports = [measured(_clipped(voice, share, case)) for voice in voices[:8]]
            yield row("clipping", case, f"{100 * share:g} %", reports)
            yield row("saturation", f"{case} at {100 * share:g} %", "-", reports)


def _clipped(voice: Samples, share: float, case: str) -> Samples:
    driven = voice / np.quantile(np.abs(voice), 1 - share)
    if case.startswith("soft"):
        return np.asarray(np.tanh(driven), np.float32)
    cut = np.clip(driven, -1, 1)
    if "Opus" in case:
        return coded(0.7 * cut, "ogg", "libopus", 96_000)
    return np.asarray(0.5 * cut if "-6" in case else cut, np.float32)


def hum(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    moment = np.arange(round(SECONDS * RATE)) / RATE
    for mains in (50.03, 59.97):
        wave = np.sum([np.sin(2 * np.pi * mains * k * moment + k) / k for k in range(1, 8)], axis=0)
        for level in (-20, -30, -40):
            reports = []
            for voice in voices[:8]:
                part = wave[: len(voice)] / np.std(wave) * np.sqrt(speech_power(voice)) * 10 ** (level / 20)
                reports.append(measured(voice + part))
            yield row("hum", f"{mains:.0f} Hz, 7 harmonics", f"{level} dB", reports)


def music(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    pieces = data.noises("music", 5)
    for ratio in (0, 10, 20, 30):
        reports = [
            measured(mixed(voice, piece[: 20 * RATE], ratio))
            for voice in voices[:3]
            for piece in pieces.values()
        ]
        yield row("music", f"{len(pieces)} pieces under speech", f"{ratio} dB below", reports)
    alone = [measured(piece[: 20 * RATE]) for piece in pieces.values()]
    yield row("music", "alone", "music", alone)
    cloned = float(np.mean([report.can_clone for report in alone]))
    yield Row("can_clone", "music alone", len(alone), "no", cloned, 0, 0)


def other_speaker(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    ruler = _resemblyzer()
    if ruler is None:
        return
    alone = [measured(voice, ruler) for voice in voices]
    yield row("other_speaker", "one speaker (encoder: resemblyzer)", "0 %", alone)
    pairs = [np.concatenate([a, b[: 5 * RATE]]) for a, b in pairwise(voices)]
    yield row("other_speaker", "5 s of another after 12", "29 %", [measured(pair, ruler) for pair in pairs])


def _resemblyzer() -> SpeakerRuler | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import resemblyzer
            import torch
    except ImportError:
        return None
    encoder = resemblyzer.VoiceEncoder("cpu", verbose=False)

    def embed(stretch: Waveform) -> Samples:
        mel = resemblyzer.wav_to_mel_spectrogram(
            resemblyzer.normalize_volume(stretch.samples, -30, increase_only=True)
        )
        with torch.no_grad():
            return np.asarray(encoder(torch.from_numpy(mel[None])).numpy()[0])

    return SpeakerRuler(embed, different_below=0.87)


def speaking_pace(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    """Counted syllables over characters spoken, on Mandarin sentences."""
    for speaker in ("aishell_S0150", "aishell_S0252"):
        rows = [r for r in data.rows if r["speaker"] == speaker][40:70]
        ratios = []
        for sound, said in zip(data.read("aishell_sample.tar", [r["file"] for r in rows]), rows, strict=True):
            seen = observe(Waveform(sound, RATE))
            rate, seconds = speaking_rate(seen), sum(span.seconds for span in seen.spans)
            if rate:
                ratios.append(rate * seconds / len(said["text"].replace(" ", "")))
        yield Row.of("speaking_rate", speaker, "1", ratios)


def codec(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    for container, name, bits in (
        ("mp3", "libmp3lame", 24_000),
        ("mp3", "libmp3lame", 32_000),
        ("mp3", "libmp3lame", 64_000),
        ("mp3", "libmp3lame", 128_000),
        ("ogg", "libopus", 12_000),
        ("ogg", "libopus", 32_000),
        ("adts", "aac", 32_000),
    ):
        reports = [measured(coded(voice, container, name, bits)) for voice in voices[:8]]
        yield row("codec", f"{name} at {bits // 1000} kbit/s", "-", reports)


def coded(sound: Samples, container: str, codec_name: str, bits: int) -> Samples:
    sink = io.BytesIO()
    with av.open(sink, "w", format=container) as file:
        stream: Any = file.add_stream(codec_name, rate=RATE, layout="mono")
        stream.bit_rate = bits
        stream.codec_context.open()
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, "mono", RATE, context.frame_size or 0)
        frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = RATE
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            file.mux(stream.encode(part))
    return decode(sink.getvalue()).samples


def dropouts(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    rng = np.random.default_rng(2)
    for count, milliseconds in ((5, 10), (5, 40), (20, 20)):
        reports = [measured(_torn(voice, count, milliseconds, rng)) for voice in voices[:8]]
        truth = f"{60 * count / SECONDS:.0f}/min"
        yield row("dropouts", f"{count} of {milliseconds} ms within loud speech", truth, reports)


def _torn(voice: Samples, count: int, milliseconds: int, rng: np.random.Generator) -> Samples:
    torn, length = voice.copy(), milliseconds * RATE // 1000
    blocks = np.abs(voice[: len(voice) // length * length]).reshape(-1, length).mean(axis=1)
    loud = np.flatnonzero(np.minimum(blocks[:-2], blocks[2:]) > np.percentile(blocks, 60)) + 1
    for block in rng.choice(loud[:: max(2, len(loud) // (3 * count))], count, replace=False):
        torn[block * length : (block + 1) * length] = 0
    return torn


def denoising(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    noise = next(iter(islice(data.noises("noise", 20).values(), 3, 4)))
    for ratio in (10, 15, 20, 25):
        gains = []
        for voice in voices[:8]:
            noisy = mixed(voice, noise, ratio)
            scale = float(np.dot(noisy, voice) / np.dot(voice, voice))
            quiet = denoise(Waveform(noisy, RATE), observe(Waveform(noisy, RATE)).spans).samples
            gains.append(_ratio(scale * voice, quiet) - _ratio(scale * voice, noisy))
        yield Row.of("denoise", "gain in waveform SNR", f"{ratio} dB", gains)


def _ratio(wanted: Samples, heard: Samples) -> float:
    return float(10 * np.log10(np.sum(wanted**2) / np.sum((wanted - heard) ** 2)))


def cost(voices: Sequence[Samples], data: Data) -> Iterator[Row]:
    """Processor time of the live examiner over five minutes, a chunk and a report every half second."""
    sound = np.resize(np.concatenate(voices), 300 * RATE).astype(np.float32)
    live, pushes, reports = LiveExaminer(RATE), [], []
    tracemalloc.start()
    for start in range(0, len(sound), RATE // 2):
        begin = time.process_time()
        live.push(sound[start : start + RATE // 2])
        middle = time.process_time()
        if start % (10 * RATE) == 0:
            live.report()
            reports.append(1000 * (time.process_time() - middle))
        pushes.append(1000 * (middle - begin))
    held = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    yield Row.of("cost", "push of 500 ms", "ms", pushes)
    yield Row.of("cost", "report in the last minute", "ms", reports[-6:])
    yield Row("cost", "memory held after 5 minutes", 1, "MiB", held, 0, 0)


STUDIES: dict[str, Callable[[Sequence[Samples], Data], Iterator[Row]]] = {
    study.__name__: study
    for study in (
        as_found, snr, reverberation, bandwidth, clipping, hum, music, other_speaker, speaking_pace, codec, dropouts,
        denoising, cost,
    )
}  # fmt: skip


def write(path: Path, rows: Sequence[Row]) -> None:
    with (path / "quality_measures.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(Row.__annotations__)
        table.writerows(
            [r.measure, r.case, r.n, r.truth, f"{r.value:.3f}", f"{r.spread:.3f}", f"{r.flagged:.2f}"]
            for r in rows
        )
    head = "| measure | case | n | truth | measured | ± | warns |\n|---|---|---|---|---|---|---|\n"
    body = "".join(
        f"| {r.measure} | {r.case} | {r.n} | {r.truth} | {r.value:.2f} | {r.spread:.2f} | {100 * r.flagged:.0f} % |\n"
        for r in rows
    )
    title = f"# The recording check on damage of known size\n\n{__doc__.split(chr(10), 2)[2].strip()}\n\n"
    (path / "quality_measures.md").write_text(title + head + body, "utf-8")


@click.command()
@click.option(
    "--speech-data", type=click.Path(path_type=Path), default=Path("../shared/data"), show_default=True
)
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True
)
@click.option("--study", "names", multiple=True, type=click.Choice(list(STUDIES)), help="Default: all.")
@click.option("--voices", "count", default=12, show_default=True)
def main(speech_data: Path, results: Path, names: tuple[str, ...], count: int) -> None:
    """Measure what the measures measure; without --study also write the table."""
    data = Data(speech_data)
    voices = [voice for voice in data.strangers(3 * count) if is_clean(voice)][:count]
    rows = []
    for name in names or STUDIES:
        for found in STUDIES[name](voices, data):
            rows.append(found)
            figures = f"{found.value:9.2f} ± {found.spread:6.2f} {found.flagged:5.0%}"
            print(f"{found.measure:14} {found.case:40} {found.truth:14} {figures}", flush=True)
    if not names:
        write(results, rows)


if __name__ == "__main__":
    main()
