"""Append utterances to a store so that an interruption costs nothing but the utterance at hand.

Until the writer is closed the manifest is called `manifest.jsonl.partial`, and readers refuse the store. A row is listed
only after its audio and mel frames are written; what lies behind the last listed row is cut off by the next writer.
"""

import json
from io import BufferedRandom
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from yinse.corpus.entry import AUDIO_FILE, DERIVED_FILES, MANIFEST_FILE, MEL_FILE, Entry, read_entries
from yinse.engine.audio.files import write_atomic
from yinse.engine.audio.mel import CONTENT_MEL

PARTIAL_MANIFEST: Final = MANIFEST_FILE + ".partial"
SAMPLE_BYTES: Final = 2
FRAME_BYTES: Final = 2 * CONTENT_MEL.bands


class StoreWriter:
    """Use as a context: leaving it without an exception completes the store."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._partial, self._complete = folder / PARTIAL_MANIFEST, folder / MANIFEST_FILE
        self.entries = self._listed()
        self._files: tuple[BufferedRandom, BufferedRandom, BufferedRandom] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files or ():
            file.close()
        self._files = None
        if kind is None and self._partial.exists() and not self._complete.exists():
            self._partial.replace(self._complete)

    def add(
        self, name: str, text: str | None, speaker: str, lang: str, rate: int, split: str, shard: str,
        audio: npt.NDArray[np.int16], mel: npt.NDArray[np.float16],
    ) -> Entry:  # fmt: skip
        """Append one utterance: audio (T,) at 44.1 kHz and content mel (frames, bands)."""
        audio_file, mel_file, manifest_file = self._files or self._open()
        sample, frame = self._end()
        entry = Entry(name, text, speaker, lang, rate, split, sample, len(audio), frame, len(mel), shard)
        for file, data in ((audio_file, audio.tobytes()), (mel_file, mel.tobytes())):
            file.write(data)
            file.flush()
        manifest_file.write(entry.to_json().encode("utf-8"))
        manifest_file.flush()
        self.entries.append(entry)
        return entry

    def _end(self) -> tuple[int, int]:
        if not self.entries:
            return 0, 0
        last = self.entries[-1]
        return last.sample + last.samples, last.frame + last.frames

    def _listed(self) -> list[Entry]:
        """Rows of a finished store, or those of an interrupted one that its arrays hold."""
        if self._complete.exists():
            return read_entries(self._complete.read_text("utf-8").splitlines())
        if not self._partial.exists():
            return []
        lines = self._partial.read_text("utf-8", errors="replace").splitlines(keepends=True)
        entries = read_entries(line for line in lines if line.endswith("\n") and _is_whole(line))
        sizes = [_size(self.folder / name) for name in (AUDIO_FILE, MEL_FILE)]
        return [
            one
            for one in entries
            if SAMPLE_BYTES * (one.sample + one.samples) <= sizes[0]
            and FRAME_BYTES * (one.frame + one.frames) <= sizes[1]
        ]

    def _open(self) -> tuple[BufferedRandom, BufferedRandom, BufferedRandom]:
        """Begin to write: the store is unfinished from here on, and what was computed from it is void."""
        lines = "".join(entry.to_json() for entry in self.entries).encode("utf-8")
        write_atomic(self._partial, lines)
        self._complete.unlink(missing_ok=True)
        for name in DERIVED_FILES:
            (self.folder / name).unlink(missing_ok=True)
        sample, frame = self._end()
        self._files = (
            _cut(self.folder / AUDIO_FILE, SAMPLE_BYTES * sample),
            _cut(self.folder / MEL_FILE, FRAME_BYTES * frame),
            _cut(self._partial, len(lines)),
        )
        return self._files


def _is_whole(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _cut(path: Path, size: int) -> BufferedRandom:
    """Open a file for writing behind its first `size` bytes; the rest goes."""
    path.touch()
    file = path.open("r+b")
    file.truncate(size)
    file.seek(size)
    return file
