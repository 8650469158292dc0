"""Turn tars of recordings and their manifest into a corpus store that training reads without decoding.

A store is a folder: `manifest.jsonl` (one row an utterance, with its place in the arrays), `audio.i16` (all samples, mono
int16 at 44.1 kHz), `mel.f16` (log-mel frames of `CONTENT_MEL`) and `pitch.f16` (Hz, a value a mel frame). Silence at both
ends is trimmed. `left_out.jsonl` names every recording that could not be used, and why.
"""

import io
import json
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
import torch

from yinse.contracts.errors import InvalidInput
from yinse.corpus.source import LeftOut, Recording, left_out, read_files, read_source
from yinse.corpus.writer import StoreWriter
from yinse.engine.audio.files import write_atomic
from yinse.engine.audio.mel import ACOUSTIC_MEL, CONTENT_MEL, log_mel

LEFT_OUT_FILE: Final = "left_out.jsonl"
MARGIN_SECONDS: Final = 0.12
"""Silence kept on either side of the speech."""
SHORTEST_SECONDS: Final = 0.25
BATCH: Final = 128
"""Files that are decoded together; at most so many are lost by an interruption."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Analysed:
    """Trimmed audio (T,) at 44.1 kHz and its content mel (frames, bands)."""

    audio: npt.NDArray[np.int16]
    mel: npt.NDArray[np.float16]


def heldout_speakers() -> frozenset[str]:
    """Speakers that no model may hear in training: the strangers of every likeness figure."""
    text = resources.files("yinse.corpus").joinpath("data/heldout_speakers.txt").read_text("utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def split_of(name: str, speaker: str, heldout: frozenset[str]) -> str:
    """Assign a recording's split by its speaker and, for known speakers, the running number in its name (or its digest)."""
    if speaker in heldout:
        return "unseen"
    digits = name.rpartition("-")[2]
    number = int(digits) if digits.isdecimal() else zlib.crc32(name.encode("utf-8"))
    return "valid" if number % 50 == 49 else "train"


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


def analyse(encoded: bytes) -> Analysed | str:
    """Decode and analyse one file, or say in a few words why that is impossible."""
    try:
        samples, rate = soundfile.read(io.BytesIO(encoded), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        return f"not audio that can be decoded: {error}"
    if rate < CONTENT_MEL.rate // 2:
        return f"{rate} Hz is too low a sample rate"
    return analyse_samples(samples.mean(1), rate)


def analyse_samples(samples: npt.NDArray[np.float32], rate: int) -> Analysed | str:
    """Analyse mono samples, or say why there is nothing to learn from them."""
    if not np.isfinite(samples).all():
        return "samples that are not numbers"
    mono = trim(samples, rate)
    if len(mono) < SHORTEST_SECONDS * rate:
        return f"shorter than {SHORTEST_SECONDS} s"
    if np.abs(mono).max() < 1e-3:
        return "silent"
    mono = mono * (0.7 / np.abs(mono).max())
    full = soxr.resample(mono, rate, ACOUSTIC_MEL.rate, "HQ")
    narrow = soxr.resample(mono, rate, CONTENT_MEL.rate, "HQ")
    mel = log_mel(torch.from_numpy(np.ascontiguousarray(narrow))[None], CONTENT_MEL)[0].T
    audio = np.round(full.clip(-1, 1) * 32767).astype(np.int16)
    return Analysed(audio, mel.numpy().astype(np.float16))


def build(source: Path, target: Path, *, processes: int = 2) -> int:
    """Build or continue a store from `source` (tars and `manifest.jsonl`); returns how many of its rows it holds.

    Recordings that cannot be used are named in `left_out.jsonl`; the next build tries them again.
    """
    rows = read_source(source)
    heldout = heldout_speakers()
    missing: list[LeftOut] = []
    with StoreWriter(target) as writer:
        known = {entry.id for entry in writer.entries}
        todo = [row for row in rows if row.id not in known]
        for row, result in _analysed(read_files(source, todo), processes):
            if isinstance(result, LeftOut):
                missing.append(result)
            else:
                split = split_of(row.id, row.speaker, heldout)
                place = (row.sample_rate, split, row.shard.removesuffix(".tar"))
                writer.add(row.id, row.text, row.speaker, row.lang, *place, result.audio, result.mel)
    _report(target, missing)
    if len(missing) == len(rows):
        raise InvalidInput(f"no recording of {source} can be used: see {target / LEFT_OUT_FILE}")
    return len(rows) - len(missing)


def _report(target: Path, missing: list[LeftOut]) -> None:
    lines = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in missing)
    write_atomic(target / LEFT_OUT_FILE, lines.encode("utf-8"))
    if missing:
        log.warning("%d recordings are left out; %s says why", len(missing), target / LEFT_OUT_FILE)


def _analysed(
    files: Iterable[tuple[Recording, bytes | LeftOut]], processes: int
) -> Iterator[tuple[Recording, Analysed | LeftOut]]:
    """Analyse files a batch at a time, keeping their order."""
    files = iter(files)
    with _workers(processes) as work:
        while batch := list(islice(files, BATCH)):
            results = work(_analyse_file, batch)
            yield from zip((row for row, _ in batch), results, strict=True)


def _analyse_file(file: tuple[Recording, bytes | LeftOut]) -> Analysed | LeftOut:
    row, encoded = file
    if isinstance(encoded, LeftOut):
        return encoded
    result = analyse(encoded)
    return left_out(row, result) if isinstance(result, str) else result


@contextmanager
def _workers(processes: int) -> Iterator[Callable[..., Iterable[Any]]]:
    if processes == 1:
        yield map
        return
    with ProcessPoolExecutor(processes, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield pool.map
