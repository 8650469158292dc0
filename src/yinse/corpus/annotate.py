"""What trained models make of a store: tokens, timelines, speaker embeddings and acoustic mel frames, computed once.

Files added to the store: `tokens.i16` (25 a second), `timeline.jsonl` (symbols with pauses, and the pointer of every
token), `speaker.f16` (one embedding an utterance) and `acoustic.f16` (mel frames of `ACOUSTIC_MEL`).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from yinse.contracts.errors import NotFound
from yinse.corpus.align import Alignment
from yinse.corpus.entry import ACOUSTIC_FILE, SPEAKER_FILE, TIMELINE_FILE, TOKENS_FILE, Entry
from yinse.corpus.phonemes import symbol_ids
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.mel import ACOUSTIC_MEL, log_mel
from yinse.engine.checkpoints.bundle import load_module, sub_state
from yinse.engine.models.content.phonetic.alignment import AlignedPhonemes, Timeline, timeline
from yinse.engine.models.content.phonetic.model import FRAMES_PER_TOKEN, ContentEncoder
from yinse.engine.models.speaker.ecapa.model import EcapaTdnn
from yinse.engine.text.inventory import SILENCE, SYMBOL_IDS, is_spoken

QUIET_MEL: Final = -11.5
BATCH_FRAMES: Final = 24000
LONGEST_SPEAKER_MEL: Final = 800
"""Mel frames (8 s) of an utterance that its speaker embedding looks at."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """An utterance with its tokens (T,) and, if its transcript could be placed, its timeline."""

    entry: Entry
    token: int
    tokens: int
    symbols: tuple[int, ...] | None
    pointer: tuple[int, ...] | None


def annotate_store(folder: Path, content_weights: Path, speaker_weights: Path) -> float:
    """Write every annotation of a store with freshly trained models; returns the share of placed transcripts.

    Raises `NotFound`, `CorruptFile` for the weights of a model.
    """
    from yinse.engine.models.content.phonetic.config import base as content_base
    from yinse.engine.models.speaker.ecapa.config import base as ecapa_base

    store = CorpusStore(folder)
    device = _fastest_device()
    content = ContentEncoder(content_base(len(SYMBOL_IDS))).eval()
    load_module(content, sub_state(content_weights, "content"), str(content_weights))
    speaker = EcapaTdnn(ecapa_base()).eval()
    load_module(speaker, sub_state(speaker_weights, "speaker"), str(speaker_weights))
    write_acoustic(store)
    write_speakers(store, speaker.to(device))
    write_tokens(store, content.to(device))
    return write_timelines(store)


def _fastest_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _device_of(module: nn.Module) -> torch.device:
    return next(module.parameters()).device


def write_acoustic(store: CorpusStore) -> None:
    """Mel frames of every utterance, four a token, as (frames, bands) in half precision; once for a store."""
    path, partial = store.folder / ACOUSTIC_FILE, store.folder / (ACOUSTIC_FILE + ".partial")
    values = sum(e.frames // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN for e in store.entries) * ACOUSTIC_MEL.bands
    if path.exists() and path.stat().st_size == values * np.dtype(np.float16).itemsize:
        return
    device = _fastest_device()
    with partial.open("wb") as file:
        for entry in store.entries:
            frames = entry.frames // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
            audio = store.audio(entry).to(device)
            needed = frames * ACOUSTIC_MEL.hop
            audio = torch.nn.functional.pad(audio, (0, max(0, needed - len(audio))))[:needed]
            file.write(log_mel(audio[None], ACOUSTIC_MEL)[0].T.half().cpu().numpy().tobytes())
    partial.replace(path)


@torch.inference_mode()
def write_speakers(store: CorpusStore, speaker: EcapaTdnn) -> None:
    """One unit embedding an utterance: (entries, E) in half precision."""
    device = _device_of(speaker)
    embeddings = torch.zeros(len(store.entries), speaker.config.embedding)
    for batch in _batches(store):
        mels = [store.mel(entry)[:LONGEST_SPEAKER_MEL] for _, entry in batch]
        mel_BMF = nn.utils.rnn.pad_sequence(mels, True, QUIET_MEL).transpose(1, 2).to(device)
        lengths_B = torch.tensor([len(mel) for mel in mels], device=device)
        embeddings[[number for number, _ in batch]] = speaker(mel_BMF, lengths_B).float().cpu()
    partial = store.folder / (SPEAKER_FILE + ".partial")
    embeddings.numpy().astype(np.float16).tofile(partial)
    partial.replace(store.folder / SPEAKER_FILE)


def write_timelines(store: CorpusStore) -> float:
    """Where every utterance's tokens lie, and what is said at each; returns the share of placed transcripts.

    A timeline follows from the alignment alone: no model that is trained later changes it.
    """
    symbols = symbol_ids(store.folder)
    alignment = Alignment(store)
    placed = position = 0
    partial = store.folder / (TIMELINE_FILE + ".partial")
    with partial.open("w", encoding="utf-8") as file:
        for entry in store.entries:
            tokens = entry.frames // FRAMES_PER_TOKEN
            laid = _lay(store, entry, symbols.get(entry.id), alignment.numbers(entry), tokens)
            row = {"id": entry.id, "token": position, "tokens": tokens}
            if laid is not None:
                row |= {"symbols": list(laid.symbols), "pointer": laid.pointer_T.tolist()}
            file.write(json.dumps(row) + "\n")
            position, placed = position + tokens, placed + (laid is not None)
    partial.replace(store.folder / TIMELINE_FILE)
    return placed / max(1, len(store.entries))


@torch.inference_mode()
def write_tokens(store: CorpusStore, content: ContentEncoder) -> None:
    """Tokens of every utterance in the order of the store."""
    device = _device_of(content)
    counts = [entry.frames // FRAMES_PER_TOKEN for entry in store.entries]
    starts = np.cumsum([0, *counts])
    tokens = np.zeros(int(starts[-1]), np.int16)
    for batch in _batches(store):
        mels = [store.mel(entry) for _, entry in batch]
        mel_BMF = nn.utils.rnn.pad_sequence(mels, True, QUIET_MEL).transpose(1, 2).to(device)
        lengths_B = torch.tensor([len(mel) for mel in mels], device=device)
        heard = content(mel_BMF, lengths_B, torch.zeros(len(batch), dtype=torch.bool, device=device))
        tokens_BT = heard.tokens_BT.cpu().numpy()
        for row, (number, _) in enumerate(batch):
            tokens[starts[number] : starts[number + 1]] = tokens_BT[row, : counts[number]]
    partial = store.folder / (TOKENS_FILE + ".partial")
    tokens.tofile(partial)
    partial.replace(store.folder / TOKENS_FILE)


def _batches(store: CorpusStore) -> Iterator[list[tuple[int, Entry]]]:
    """Utterances of like length together, each with its number in the store."""
    batch: list[tuple[int, Entry]] = []
    for number, entry in sorted(enumerate(store.entries), key=lambda pair: pair[1].frames):
        if batch and entry.frames * (len(batch) + 1) > BATCH_FRAMES:
            yield batch
            batch = []
        batch.append((number, entry))
    if batch:
        yield batch


def _lay(
    store: CorpusStore,
    entry: Entry,
    symbols: list[int] | None,
    numbers_U: npt.NDArray[np.int16] | None,
    tokens: int,
) -> Timeline | None:
    """Symbols with pauses over the tokens of an utterance, by the store's alignment."""
    if symbols is None or numbers_U is None:
        return None
    spoken = [is_spoken_id(symbol) for symbol in symbols]
    numbers_U = numbers_U[: 2 * tokens]
    spans = [np.flatnonzero(numbers_U == number) for number in range(1, sum(spoken) + 1)]
    if any(len(span) == 0 for span in spans):
        return None
    aligned = AlignedPhonemes(tuple((int(span[0]), int(span[-1]) + 1) for span in spans), 0.0)
    energy = store.mel(entry).mean(1)[: 2 * len(numbers_U)].reshape(-1, 2).mean(1).numpy()
    return timeline(symbols, spoken, aligned, energy, tokens, SYMBOL_IDS[SILENCE])


_SPOKEN = frozenset(index for symbol, index in SYMBOL_IDS.items() if is_spoken(symbol))


def is_spoken_id(symbol: int) -> bool:
    """Whether a symbol id stands for a sound."""
    return symbol in _SPOKEN


class Annotations:
    """The annotated store, read back: one `Annotated` an utterance, with arrays by memory map."""

    def __init__(self, store: CorpusStore) -> None:
        for name in (TIMELINE_FILE, TOKENS_FILE, SPEAKER_FILE, ACOUSTIC_FILE):
            if not (store.folder / name).exists():
                raise NotFound(f"{store.folder} has no {name}: run `yinse corpus annotate` first")
        by_id = {entry.id: entry for entry in store.entries}
        self.rows: list[Annotated] = []
        for line in (store.folder / TIMELINE_FILE).read_text("utf-8").splitlines():
            row = json.loads(line)
            symbols, pointer = row.get("symbols"), row.get("pointer")
            self.rows.append(
                Annotated(by_id[row["id"]], row["token"], row["tokens"], symbols and tuple(symbols), pointer and tuple(pointer))
            )  # fmt: skip
        self._tokens = np.fromfile(store.folder / TOKENS_FILE, np.int16)
        self._acoustic = np.memmap(store.folder / ACOUSTIC_FILE, np.float16, "r").reshape(
            -1, ACOUSTIC_MEL.bands
        )
        starts = np.cumsum([0, *(e.frames // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN for e in store.entries)])
        self._starts = {entry.id: int(start) for entry, start in zip(store.entries, starts[:-1], strict=True)}
        numbers = {entry.id: index for index, entry in enumerate(store.entries)}
        speakers = torch.from_numpy(np.fromfile(store.folder / SPEAKER_FILE, np.float16).astype(np.float32))
        self._speakers, self._numbers = speakers.reshape(len(store.entries), -1), numbers

    def tokens(self, row: Annotated) -> Tensor:
        """Token ids (T,)."""
        return torch.from_numpy(self._tokens[row.token : row.token + row.tokens].astype(np.int64))

    def frame_symbols(self, row: Annotated) -> Tensor:
        """The symbol spoken at every token, 0 where the transcript is not placed: (T,)."""
        if row.symbols is None or row.pointer is None:
            return torch.zeros(row.tokens, dtype=torch.int64)
        return torch.tensor(row.symbols)[torch.tensor(row.pointer)]

    def acoustic(self, row: Annotated, start: int = 0, tokens: int | None = None) -> Tensor:
        """Acoustic mel frames of a span of tokens, in half precision as they are kept: (4 tokens, bands)."""
        first = self._starts[row.entry.id] + start * FRAMES_PER_TOKEN
        count = (row.tokens - start if tokens is None else tokens) * FRAMES_PER_TOKEN
        return torch.from_numpy(self._acoustic[first : first + count].copy())

    def speaker(self, row: Annotated) -> Tensor:
        """Unit speaker embedding (E,)."""
        return self._speakers[self._numbers[row.entry.id]]
