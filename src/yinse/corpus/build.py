"""Turn tars of recordings and their manifest into a corpus store that training reads without decoding.

A store is a folder: `manifest.jsonl` (one row an utterance, with its place in the arrays), `audio.i16` (all
samples, mono int16 at 44.1 kHz), `mel.f16` (log-mel frames of `CONTENT_MEL`) and `pitch.f16` (Hz, a value a
mel frame). Silence at both ends is trimmed.
"""

import io
import json
import tarfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
import torch

from yinse.contracts.errors import NotFound
from yinse.engine.audio.mel import ACOUSTIC_MEL, CONTENT_MEL, log_mel

AUDIO_FILE, MEL_FILE, MANIFEST_FILE = "audio.i16", "mel.f16", "manifest.jsonl"
FULL_BAND = 44100
MARGIN_SECONDS = 0.12
"""Silence kept on either side of the speech."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One utterance of a store. `sample`/`samples` index the audio, `frame`/`frames` the mel array."""

    id: str
    text: str | None
    speaker: str
    lang: str
    rate: int
    """Rate of the original recording in Hz: nothing above half of it can be heard."""
    split: str
    """`train`, `valid` (known speaker, unseen utterance) or `unseen` (held-out speaker)."""
    sample: int
    samples: int
    frame: int
    frames: int
    shard: str

    @property
    def seconds(self) -> float:
        """Duration after trimming."""
        return self.samples / FULL_BAND


def heldout_speakers() -> frozenset[str]:
    """Speakers that no model may hear in training: the strangers of every likeness figure."""
    text = resources.files("yinse.corpus").joinpath("data/heldout_speakers.txt").read_text("utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def split_of(row: dict[str, Any], heldout: frozenset[str]) -> str:
    """Assign a split from the speaker and, for known speakers, from a digit of the running number."""
    if row["speaker"] in heldout:
        return "unseen"
    return "valid" if int(row["id"].rsplit("-", 1)[1]) % 50 == 49 else "train"


def trim(samples: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float32]:
    """Cut silence at both ends, leaving `MARGIN_SECONDS`; the threshold follows the recording's own level."""
    hop = rate // 100
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    if not len(frames):
        return samples
    level = 10 * np.log10((frames**2).mean(1) + 1e-10)
    threshold = max(np.percentile(level, 95) - 38.0, np.percentile(level, 5) + 6.0, -70.0)
    active = np.flatnonzero(level > min(threshold, level.max() - 3))
    margin = round(MARGIN_SECONDS * rate)
    return samples[max(0, active[0] * hop - margin) : (active[-1] + 1) * hop + margin]


def analyse(encoded: bytes) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float16]] | None:
    """Decode one file and return trimmed audio (T,) at 44.1 kHz and its content mel (frames, bands)."""
    samples, rate = soundfile.read(io.BytesIO(encoded), dtype="float32", always_2d=True)
    return analyse_samples(samples.mean(1), rate)


def analyse_samples(
    samples: npt.NDArray[np.float32], rate: int
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float16]] | None:
    """Trimmed audio (T,) at 44.1 kHz and content mel (frames, bands) of mono samples; None if there is no speech."""
    mono = trim(samples, rate)
    if len(mono) < 0.25 * rate or np.abs(mono).max() < 1e-3:
        return None
    mono = mono * (0.7 / np.abs(mono).max())
    full = soxr.resample(mono, rate, ACOUSTIC_MEL.rate, "HQ")
    narrow = soxr.resample(mono, rate, CONTENT_MEL.rate, "HQ")
    mel = log_mel(torch.from_numpy(np.ascontiguousarray(narrow))[None], CONTENT_MEL)[0].T
    return np.round(full.clip(-1, 1) * 32767).astype(np.int16), mel.numpy().astype(np.float16)


def _initialise_worker() -> None:
    torch.set_num_threads(1)


def _members(source: Path, rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Read the rows' files out of their tars, a tar at a time, in manifest order."""
    for shard in dict.fromkeys(row["shard"] for row in rows):
        with tarfile.open(source / shard) as archive:
            for row in (row for row in rows if row["shard"] == shard):
                member = archive.extractfile(row["file"])
                if member is None:
                    raise NotFound(f"{shard} has no file {row['file']}")
                yield row, member.read()


def build(source: Path, target: Path, *, processes: int = 2) -> int:
    """Build a store from `source` (tars and `manifest.jsonl`) and return the number of utterances."""
    manifest = source / "manifest.jsonl"
    if not manifest.exists():
        raise NotFound(f"{manifest} does not exist: point at a folder with manifest.jsonl and its tars")
    rows = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    heldout = heldout_speakers()
    target.mkdir(parents=True, exist_ok=True)
    sample = frame = count = 0
    with (
        (target / AUDIO_FILE).open("wb") as audio_file,
        (target / MEL_FILE).open("wb") as mel_file,
        (target / MANIFEST_FILE).open("w", encoding="utf-8") as manifest_file,
        ProcessPoolExecutor(processes, initializer=_initialise_worker) as pool,
    ):
        members = list(_members(source, rows))
        analysed = pool.map(analyse, [encoded for _, encoded in members], chunksize=64)
        for (row, _), result in zip(members, analysed, strict=True):
            if result is None:
                continue
            audio, mel = result
            entry = Entry(
                row["id"], row["text"], row["speaker"], row["lang"], row["sample_rate"], split_of(row,
                heldout), sample, len(audio), frame, len(mel), row["shard"].removesuffix(".tar"),
            )  # fmt: skip
            audio_file.write(audio.tobytes())
            mel_file.write(mel.tobytes())
            manifest_file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
            sample, frame, count = sample + len(audio), frame + len(mel), count + 1
    return count
