"""Real recordings: a folder of tars with a manifest, read in place."""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import soundfile

from yinse.contracts.errors import NotFound
from yinse.engine.audio.waveform import Waveform

Speaker = str


@dataclass(frozen=True, slots=True)
class Utterance:
    """One row of the manifest."""

    id: str
    file: str
    shard: str
    text: str
    speaker: Speaker
    language: str
    seconds: float

    @property
    def source(self) -> str:
        """Name of the collection it belongs to."""
        return self.shard.removesuffix(".tar")


class SpeechData:
    """The recordings of a folder with `manifest.jsonl` and its tars."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "manifest.jsonl").exists():
            raise NotFound(
                f"{folder} holds no manifest.jsonl: name a folder of recordings with --speech-data."
            )

    @cached_property
    def utterances(self) -> tuple[Utterance, ...]:
        """All transcribed rows, in manifest order."""
        lines = (self.folder / "manifest.jsonl").read_text("utf-8").splitlines()
        rows = (json.loads(line) for line in lines)
        return tuple(
            Utterance(
                row["id"], row["file"], row["shard"], row["text"], row["speaker"], row["lang"], row["seconds"]
            )
            for row in rows
            if row["text"]
        )

    def read(self, utterances: Iterable[Utterance]) -> list[Waveform]:
        """Decode the named utterances, in their order, each tar opened once."""
        wanted = list(utterances)
        found: dict[str, Waveform] = {}
        for shard in dict.fromkeys(utterance.shard for utterance in wanted):
            files = {utterance.file for utterance in wanted if utterance.shard == shard}
            found.update(members(self.folder / shard, files))
        return [found[utterance.file] for utterance in wanted]

    def in_a_row(self, utterances: Iterable[Utterance], pause: float) -> Waveform:
        """The named utterances as one recording, with `pause` seconds of silence after each."""
        takes = self.read(utterances)
        silence = np.zeros(round(pause * takes[0].rate), np.float32)
        parts = [part for take in takes for part in (take.samples, silence)]
        return Waveform(np.concatenate(parts), takes[0].rate)


def members(tar: Path, files: set[str]) -> Iterator[tuple[str, Waveform]]:
    """Decode the named members of a tar."""
    with tarfile.open(tar) as archive:
        for name in sorted(files):
            member = archive.extractfile(name)
            if member is None:
                raise NotFound(f"{tar.name} has no file {name}.")
            yield name, decode(member.read())


def decode(encoded: bytes) -> Waveform:
    """Decode one file to mono at its own rate."""
    samples, rate = soundfile.read(io.BytesIO(encoded), dtype="float32", always_2d=True)
    return Waveform(samples.mean(1, dtype=np.float32), rate)
