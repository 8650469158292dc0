"""Read a corpus store: utterances by row, audio and mel frames by memory map."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yinse.contracts.errors import NotFound
from yinse.corpus.entry import AUDIO_FILE, MANIFEST_FILE, MEL_FILE, PITCH_FILE, Entry, read_entries
from yinse.corpus.writer import PARTIAL_MANIFEST
from yinse.engine.audio.mel import ACOUSTIC_MEL, CONTENT_MEL
from yinse.engine.audio.pitch import pitch


class CorpusStore:
    """A folder written by `yinse corpus build`."""

    def __init__(self, folder: Path) -> None:
        manifest = folder / MANIFEST_FILE
        if not manifest.exists() and (folder / PARTIAL_MANIFEST).exists():
            raise NotFound(f"the corpus in {folder} is not finished: run `yinse corpus build` again")
        if not manifest.exists():
            raise NotFound(f"{folder} holds no corpus: run `yinse corpus build` first")
        self.folder = folder
        self.entries = read_entries(manifest.read_text("utf-8").splitlines())
        self._audio = np.memmap(folder / AUDIO_FILE, np.int16, "r")
        self._mel = np.memmap(folder / MEL_FILE, np.float16, "r").reshape(-1, CONTENT_MEL.bands)

    def audio(self, entry: Entry, start: int = 0, samples: int | None = None) -> Tensor:
        """Samples at 44.1 kHz as float32 (T,), from `start` within the utterance."""
        end = entry.samples if samples is None else min(entry.samples, start + samples)
        piece = self._audio[entry.sample + start : entry.sample + end]
        return torch.from_numpy(piece.astype(np.float32) / 32767.0)

    def mel(self, entry: Entry) -> Tensor:
        """Content mel frames as float32 (frames, bands)."""
        return torch.from_numpy(self._mel[entry.frame : entry.frame + entry.frames].astype(np.float32))

    def pitch_frames(self) -> npt.NDArray[np.float16]:
        """Pitch in Hz of every mel frame of the store, 0 where unvoiced, computed once: (frames,)."""
        path = self.folder / PITCH_FILE
        if not path.exists():
            partial = path.with_suffix(".partial")
            with partial.open("wb") as file:
                for entry in self.entries:
                    track = pitch(self.audio(entry), ACOUSTIC_MEL.rate, ACOUSTIC_MEL.hop).numpy()
                    fitted = np.zeros(entry.frames, np.float16)
                    fitted[: len(track)] = track[: entry.frames]
                    file.write(fitted.tobytes())
            partial.replace(path)
        return np.memmap(path, np.float16, "r")
