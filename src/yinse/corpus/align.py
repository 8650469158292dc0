"""First alignments of a transcribed store: monophone hidden Markov models from a flat start.

Each phoneme is two states of one diagonal Gaussian over cepstra, their derivatives and pitch; silence may stand between
any two. Viterbi training (Rabiner 1989) needs minutes where a network trained by CTC alone needs days to find the same
boundaries, so the networks learn from these labels first.

Legend: F mel frames (100/s), U label frames (50/s), D features, K state classes, S trellis states, L phonemes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy.fft import dct
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


def align_store(folder: Path, *, rounds: int = 8, share: float = 0.4) -> float:
    """Write `alignment.i16` and return the share of utterances placed.

    A label frame holds the number of its phoneme within the utterance, from 1; 0 is silence, -1 unplaced.
    """
    store = CorpusStore(folder)
    phonemes = spoken_ids(folder)
    pitch = store.pitch_frames()
    entries = [
        e for e in store.entries if e.id in phonemes and 2 <= len(phonemes[e.id]) * STATES < e.frames // 2
    ]
    if not entries:
        raise InvalidInput(f"{folder} has no transcribed utterance that could be aligned")
    generator = np.random.default_rng(0)
    classes = 1 + STATES * len(SYMBOL_IDS)
    some = [entries[i] for i in generator.permutation(len(entries))[: math.ceil(share * len(entries))]]
    labels = [_flat(store, e, phonemes[e.id]) for e in some]
    models = _estimate(
        ((_features(store, e, pitch), one) for e, one in zip(some, labels, strict=True)), classes
    )
    for _ in range(rounds):
        models = _estimate(_realigned(store, some, phonemes, pitch, models), classes)
    return _write(store, entries, phonemes, pitch, models)


def _features(store: CorpusStore, entry: Entry, pitch: npt.NDArray[np.float16]) -> Floats:
    track = np.asarray(pitch[entry.frame : entry.frame + entry.frames], np.float32)
    return features(store.mel(entry).numpy(), track)


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


def _flat(store: CorpusStore, entry: Entry, phonemes: list[int]) -> Ints:
    """States spread evenly over the audible part; silence outside."""
    energy = store.mel(entry).numpy()[: entry.frames // 2 * 2].reshape(-1, 2, 80).mean((1, 2))
    audible = np.flatnonzero(energy > np.percentile(energy, 95) - 3.0)
    first, last = audible[0], audible[-1] + 1
    states = state_classes(phonemes)
    labels = np.zeros(len(energy), np.int64)
    labels[first:last] = states[np.arange(last - first) * len(states) // (last - first)]
    return labels


def _estimate(data: Iterator[tuple[Floats, Ints]], classes: int) -> Gaussians:
    """Maximum-likelihood Gaussians; rare classes are pulled to the global one."""
    count = np.zeros(classes)
    total: npt.NDArray[np.float64] | None = None
    square: npt.NDArray[np.float64] | None = None
    for features_UD, labels_U in data:
        if total is None or square is None:
            total, square = (
                np.zeros((classes, features_UD.shape[1])),
                np.zeros((classes, features_UD.shape[1])),
            )
        np.add.at(count, labels_U, 1)
        np.add.at(total, labels_U, features_UD)
        np.add.at(square, labels_U, features_UD**2)
    assert total is not None
    assert square is not None
    mean_D, square_D = total.sum(0) / count.sum(), square.sum(0) / count.sum()
    prior = 20.0
    mean = (total + prior * mean_D) / (count + prior)[:, None]
    variance = (square + prior * square_D) / (count + prior)[:, None] - mean**2
    return Gaussians(mean.astype(np.float32), np.maximum(variance, VARIANCE_FLOOR).astype(np.float32))


def _realigned(
    store: CorpusStore,
    entries: list[Entry],
    phonemes: dict[str, list[int]],
    pitch: npt.NDArray[np.float16],
    models: Gaussians,
) -> Iterator[tuple[Floats, Ints]]:
    for batch in _batches(entries):
        sets = [_features(store, e, pitch) for e in batch]
        texts = [phonemes[e.id] for e in batch]
        for features_UD, path, text in zip(sets, viterbi(sets, texts, models), texts, strict=True):
            if path is not None:
                yield features_UD, trellis_classes(text)[path]


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


def _write(
    store: CorpusStore,
    entries: list[Entry],
    phonemes: dict[str, list[int]],
    pitch: npt.NDArray[np.float16],
    models: Gaussians,
) -> float:
    starts = np.cumsum([0, *(e.frames // 2 for e in store.entries)])
    places = {e.id: int(start) for e, start in zip(store.entries, starts[:-1], strict=True)}
    out = np.full(int(starts[-1]), UNPLACED, np.int16)
    placed = 0
    for batch in _batches(entries):
        sets = [_features(store, e, pitch) for e in batch]
        for entry, path in zip(batch, viterbi(sets, [phonemes[e.id] for e in batch], models), strict=True):
            if path is not None:
                out[places[entry.id] : places[entry.id] + len(path)] = phoneme_numbers(path)
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
