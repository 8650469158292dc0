"""First alignments of a transcribed store: monophone hidden Markov models from a flat start.

Each phoneme is two states of one diagonal Gaussian over cepstra, their derivatives and pitch; silence may stand between
any two. Viterbi training (Rabiner 1989) needs minutes where a network trained by CTC alone needs days to find the same
boundaries, so the networks learn from these labels first.

Legend: F mel frames (100/s), U label frames (50/s), D features, K state classes, S trellis states, L phonemes.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from scipy.fft import dct
from scipy.sparse import csr_array
from torch import Tensor

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.corpus.entry import ALIGNMENT_FILE, Entry
from yinse.corpus.phonemes import spoken_ids
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.files import write_atomic
from yinse.engine.text.inventory import SYMBOL_IDS

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

CEPSTRA: Final = 14
STATES: Final = 2
SILENCE_CLASS: Final = 0
UNPLACED: Final = -1
IGNORED: Final = -100
"""Label that cross-entropy leaves out."""
LOWEST: Final = np.float32(-1e9)
VARIANCE_FLOOR: Final = 0.05
BATCH_FRAMES: Final = 16000


@dataclass(frozen=True, slots=True)
class Gaussians:
    """Mean and variance of every state class: both (K, D). Class 0 is silence."""

    mean_KD: Floats
    variance_KD: Floats

    def log_likelihood(self, features_XD: Floats) -> Floats:
        """Log-density of frames under every class, up to a constant: (X, D) -> (X, K)."""
        precision = 1 / self.variance_KD
        constant = (np.log(self.variance_KD) + self.mean_KD**2 * precision).sum(1)
        linear = features_XD @ (self.mean_KD * precision).T
        squares = (features_XD**2) @ precision.T
        density: Floats = linear - 0.5 * (squares + constant)
        return density


def features(mel_FM: Floats, pitch_F: Floats) -> Floats:
    """Cepstra, relative pitch and voicing with first and second derivatives at 50 frames a second: (U, D)."""
    frames = len(mel_FM) // 2 * 2
    mel_UM = mel_FM[:frames].reshape(-1, 2, mel_FM.shape[1]).mean(1)
    cepstra = dct(mel_UM, norm="ortho", axis=1)[:, :CEPSTRA] / 4.0
    voiced = pitch_F[:frames:2] > 0
    octaves = np.zeros(len(mel_UM), np.float32)
    if voiced.sum() > 2:
        known = np.flatnonzero(voiced)
        octaves = np.interp(np.arange(len(mel_UM)), known, np.log2(pitch_F[:frames:2][known])).astype(
            np.float32
        )
        octaves -= np.median(octaves[known])
    base = np.concatenate([cepstra - cepstra.mean(0), 3 * octaves[:, None], 0.7 * voiced[:, None]], 1)
    slope = np.gradient(base, axis=0) * 2
    return np.concatenate([base, slope, np.gradient(slope, axis=0)], 1).astype(np.float32)


def align_store(folder: Path, *, rounds: int = 8, share: float = 0.4, processes: int = 1) -> float:
    """Write `alignment.i16` and return the share of utterances placed.

    A label frame holds the number of its phoneme within the utterance, from 1; 0 is silence, -1 unplaced.
    """
    reader = Reader(folder)
    reader.store.pitch_frames()
    entries = [e for e in reader.store.entries if reader.placeable(e)]
    if not entries:
        raise InvalidInput(f"{folder} has no transcribed utterance that could be aligned")
    generator = np.random.default_rng(0)
    some = [entries[i] for i in generator.permutation(len(entries))[: math.ceil(share * len(entries))]]
    with _pool(folder, processes) as work:
        batches = list(_batches(some))
        models = _estimate(work(_tally_flat, batches))
        for _ in range(rounds):
            models = _estimate(work(partial(_tally_aligned, models=models), batches))
        return _write(reader.store, work(partial(_numbers, models=models), list(_batches(entries))))


class Reader:
    """What a process needs of a store: features and phonemes by entry."""

    def __init__(self, folder: Path) -> None:
        self.store = CorpusStore(folder)
        self.phonemes = spoken_ids(folder)

    def placeable(self, entry: Entry) -> bool:
        """Whether an utterance has a transcript that fits into its frames."""
        count = len(self.phonemes.get(entry.id, ()))
        return 2 <= count * STATES < entry.frames // 2

    def features(self, entry: Entry) -> Floats:
        """See `features`."""
        track = self.store.pitch_frames()[entry.frame : entry.frame + entry.frames]
        return features(self.store.mel(entry).numpy(), np.asarray(track, np.float32))


_reader: Reader | None = None


def _open(folder: Path) -> None:
    """Prepare a process for the functions below."""
    global _reader
    torch.set_num_threads(1)
    _reader = Reader(folder)


def _here() -> Reader:
    assert _reader is not None
    return _reader


@contextmanager
def _pool(folder: Path, processes: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """`map` over worker processes that have the store open, or over this one."""
    if processes == 1:
        _open(folder)
        yield map
        return
    with ProcessPoolExecutor(processes, initializer=_open, initargs=(folder,)) as pool:
        yield pool.map


def state_classes(phonemes: list[int]) -> Ints:
    """Phonemes as their states in order: (L,) -> (2 L,)."""
    return (np.repeat(phonemes, STATES) * STATES + np.tile(np.arange(STATES), len(phonemes)) + 1).astype(
        np.int64
    )


def trellis_classes(phonemes: list[int]) -> Ints:
    """States in order with silence before, between and after: (2 * 2 L + 1,)."""
    trellis = np.full(2 * STATES * len(phonemes) + 1, SILENCE_CLASS, np.int64)
    trellis[1::2] = state_classes(phonemes)
    return trellis


def _flat(energy_U: Floats, phonemes: list[int]) -> Ints:
    """States spread evenly over the audible part; silence outside."""
    audible = np.flatnonzero(energy_U > np.percentile(energy_U, 95) - 3.0)
    first, last = audible[0], audible[-1] + 1
    states = state_classes(phonemes)
    labels = np.zeros(len(energy_U), np.int64)
    labels[first:last] = states[np.arange(last - first) * len(states) // (last - first)]
    return labels


@dataclass(frozen=True, slots=True)
class Tally:
    """Frames of every state class, and the sums of their features and of the squares: (K,), (K, D), (K, D)."""

    count_K: npt.NDArray[np.float64]
    total_KD: npt.NDArray[np.float64]
    square_KD: npt.NDArray[np.float64]

    @classmethod
    def of(cls, features_XD: Floats, labels_X: Ints) -> "Tally":
        """Add up frames by their class."""
        classes, frames = 1 + STATES * len(SYMBOL_IDS), len(labels_X)
        members = csr_array((np.ones(frames), (labels_X, np.arange(frames))), (classes, frames))
        doubles = features_XD.astype(np.float64)
        return cls(members.sum(1), members @ doubles, members @ doubles**2)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.count_K + other.count_K, self.total_KD + other.total_KD, self.square_KD + other.square_KD
        )


def _tally_flat(batch: list[Entry]) -> Tally | None:
    """Frames of a batch under the flat start."""
    reader = _here()
    sets = [reader.features(entry) for entry in batch]
    labels = []
    for entry in batch:
        mel = reader.store.mel(entry).numpy()[: entry.frames // 2 * 2]
        labels.append(_flat(mel.reshape(-1, 2, mel.shape[1]).mean((1, 2)), reader.phonemes[entry.id]))
    return Tally.of(np.concatenate(sets), np.concatenate(labels))


def _tally_aligned(batch: list[Entry], models: Gaussians) -> Tally | None:
    """Frames of a batch on their best paths; None where no utterance can be placed."""
    reader = _here()
    sets = [reader.features(entry) for entry in batch]
    texts = [reader.phonemes[entry.id] for entry in batch]
    placed = [
        (one, trellis_classes(text)[path])
        for one, path, text in zip(sets, viterbi(sets, texts, models), texts, strict=True)
        if path is not None
    ]
    if not placed:
        return None
    return Tally.of(np.concatenate([one for one, _ in placed]), np.concatenate([path for _, path in placed]))


def _estimate(tallies: Iterable[Tally | None]) -> Gaussians:
    """Maximum-likelihood Gaussians; rare classes are pulled to the global one."""
    found = [tally for tally in tallies if tally is not None]
    all_ = sum(found[1:], start=found[0])
    mean_D, square_D = all_.total_KD.sum(0) / all_.count_K.sum(), all_.square_KD.sum(0) / all_.count_K.sum()
    prior = 20.0
    weight_K1 = (all_.count_K + prior)[:, None]
    mean = (all_.total_KD + prior * mean_D) / weight_K1
    variance = (all_.square_KD + prior * square_D) / weight_K1 - mean**2
    return Gaussians(mean.astype(np.float32), np.maximum(variance, VARIANCE_FLOOR).astype(np.float32))


def _batches(entries: list[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in sorted(entries, key=lambda e: e.frames):
        if batch and entry.frames * (len(batch) + 1) > BATCH_FRAMES:
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def viterbi(sets: list[Floats], texts: list[list[int]], models: Gaussians) -> list[Ints | None]:
    """Place in the trellis of every frame on the best path; None where the text is too long for the audio."""
    trellis = [trellis_classes(text) for text in texts]
    width, length = max(map(len, trellis)), max(map(len, sets))
    emit = np.full((len(sets), length, width), LOWEST)
    for row, (one, classes) in enumerate(zip(sets, trellis, strict=True)):
        emit[row, : len(one), : len(classes)] = models.log_likelihood(one)[:, classes]
    # Silence stands between phonemes only, never between the states of one.
    for row, classes in enumerate(trellis):
        emit[row, :, 2 : len(classes) - 1 : 2 * STATES] = LOWEST
    ends, came = _search(emit, [len(one) for one in sets])
    return [
        _trace(ends[row], came[row], len(one), len(classes))
        for row, (one, classes) in enumerate(zip(sets, trellis, strict=True))
    ]


def _search(emit_BUS: Floats, lengths: list[int]) -> tuple[Floats, npt.NDArray[np.int8]]:
    best = np.full((len(emit_BUS), emit_BUS.shape[2]), LOWEST)
    best[:, :2] = emit_BUS[:, 0, :2]
    skippable = np.arange(emit_BUS.shape[2]) % 2 == 1
    came = np.zeros(emit_BUS.shape, np.int8)
    ends = np.empty_like(best)
    for frame in range(emit_BUS.shape[1]):
        if frame:
            step, skip = np.full_like(best, LOWEST), np.full_like(best, LOWEST)
            step[:, 1:] = best[:, :-1]
            skip[:, 2:] = np.where(skippable[2:], best[:, :-2], LOWEST)
            options = np.stack([best, step, skip])
            came[:, frame] = options.argmax(0)
            best = options.max(0) + emit_BUS[:, frame]
        for row, length in enumerate(lengths):
            if length == frame + 1:
                ends[row] = best[row]
    return ends, came


def _trace(ends_S: Floats, came_US: npt.NDArray[np.int8], frames: int, states: int) -> Ints | None:
    state = states - 1 if ends_S[states - 1] >= ends_S[states - 2] else states - 2
    if ends_S[state] < LOWEST / 2:
        return None
    path = np.empty(frames, np.int64)
    for frame in range(frames - 1, -1, -1):
        path[frame] = state
        state -= int(came_US[frame, state])
    return path


def phoneme_numbers(path_U: Ints) -> Ints:
    """Trellis places to the number of the phoneme from 1, 0 in silence."""
    return np.where(path_U % 2 == 1, path_U // 2 // STATES + 1, 0)


def _numbers(batch: list[Entry], models: Gaussians) -> list[tuple[str, npt.NDArray[np.int16] | None]]:
    """The phoneme numbers of every label frame of a batch, by id."""
    reader = _here()
    sets = [reader.features(entry) for entry in batch]
    paths = viterbi(sets, [reader.phonemes[entry.id] for entry in batch], models)
    return [
        (entry.id, None if path is None else phoneme_numbers(path).astype(np.int16))
        for entry, path in zip(batch, paths, strict=True)
    ]


def _write(store: CorpusStore, aligned: Iterable[list[tuple[str, npt.NDArray[np.int16] | None]]]) -> float:
    starts = np.cumsum([0, *(e.frames // 2 for e in store.entries)])
    places = {e.id: int(start) for e, start in zip(store.entries, starts[:-1], strict=True)}
    out = np.full(int(starts[-1]), UNPLACED, np.int16)
    placed = 0
    for batch in aligned:
        for name, numbers in batch:
            if numbers is not None:
                out[places[name] : places[name] + len(numbers)] = numbers
                placed += 1
    write_atomic(store.folder / ALIGNMENT_FILE, out.tobytes())
    return placed / max(1, len(store.entries))


class Alignment:
    """The aligned labels of a store, read back."""

    def __init__(self, store: CorpusStore) -> None:
        path = store.folder / ALIGNMENT_FILE
        if not path.exists():
            raise NotFound(f"{store.folder} is not aligned: run `yinse corpus align` first")
        self._numbers = np.fromfile(path, np.int16)
        self.phonemes = spoken_ids(store.folder)
        starts = np.cumsum([0, *(e.frames // 2 for e in store.entries)])
        self._starts = {e.id: int(start) for e, start in zip(store.entries, starts[:-1], strict=True)}

    def numbers(self, entry: Entry) -> npt.NDArray[np.int16] | None:
        """Number of the phoneme of every label frame, from 1, 0 in silence: (U,); None if not placed."""
        start = self._starts[entry.id]
        numbers = self._numbers[start : start + entry.frames // 2]
        return None if len(numbers) == 0 or numbers[0] == UNPLACED else numbers

    def frames(self, entry: Entry) -> Tensor:
        """Phoneme id of every mel frame, 0 silence, -100 where the transcript is not placed: (F,)."""
        numbers = self.numbers(entry)
        if numbers is None:
            return torch.full((entry.frames,), IGNORED)
        ids = torch.tensor([0, *self.phonemes[entry.id]])[torch.from_numpy(numbers.astype(np.int64))]
        held = ids.repeat_interleave(2)
        return torch.nn.functional.pad(held, (0, entry.frames - len(held)))
