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
from safetensors.torch import load_file
from torch import Tensor, nn

from yinse.contracts.errors import NotFound
from yinse.corpus.align import Alignment
from yinse.corpus.entry import ACOUSTIC_FILE, SPEAKER_FILE, TIMELINE_FILE, TOKENS_FILE, Entry
from yinse.corpus.phonemes import symbol_ids
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.mel import ACOUSTIC_MEL, log_mel
from yinse.engine.models.content.phonetic.alignment import AlignedPhonemes, Timeline, timeline
from yinse.engine.models.content.phonetic.model import FRAMES_PER_TOKEN, ContentEncoder
from yinse.engine.models.speaker.ecapa.model import EcapaTdnn
from yinse.engine.text.inventory import SILENCE, SYMBOL_IDS, is_spoken

QUIET_MEL: Final = -11.5
BATCH_FRAMES: Final = 6000
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
    """Write every annotation of a store with freshly trained models; returns the share of placed transcripts."""
    from yinse.engine.models.content.phonetic.config import base as content_base
    from yinse.engine.models.speaker.ecapa.config import base as ecapa_base

    store = CorpusStore(folder)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    content = ContentEncoder(content_base(len(SYMBOL_IDS))).eval()
    content.load_state_dict(_sub_state(content_weights, "content"))
    speaker = EcapaTdnn(ecapa_base()).eval()
    speaker.load_state_dict(_sub_state(speaker_weights, "speaker"))
    write_acoustic(store)
    write_speakers(store, speaker.to(device))
    return write_tokens(store, content.to(device))


def _device_of(module: nn.Module) -> torch.device:
    return next(module.parameters()).device


def _sub_state(weights: Path, module: str) -> dict[str, Tensor]:
    if not weights.exists():
        raise NotFound(f"there are no weights {weights}: train the {module} part first")
    prefix = module + "."
    return {k.removeprefix(prefix): v for k, v in load_file(weights).items() if k.startswith(prefix)}


def write_acoustic(store: CorpusStore) -> None:
    """Mel frames of every utterance, four a token, as (frames, bands) in half precision; once for a store."""
    path, partial = store.folder / ACOUSTIC_FILE, store.folder / (ACOUSTIC_FILE + ".partial")
    values = sum(e.frames // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN for e in store.entries) * ACOUSTIC_MEL.bands
    if path.exists() and path.stat().st_size == values * np.dtype(np.float16).itemsize:
        return
    with partial.open("wb") as file:
        for entry in store.entries:
            frames = entry.frames // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
            audio = store.audio(entry)
            needed = frames * ACOUSTIC_MEL.hop
            audio = torch.nn.functional.pad(audio, (0, max(0, needed - len(audio))))[:needed]
            file.write(log_mel(audio[None], ACOUSTIC_MEL)[0].T.numpy().astype(np.float16).tobytes())
    partial.replace(path)


def write_speakers(store: CorpusStore, speaker: EcapaTdnn) -> None:
    """One unit embedding an utterance: (entries, E) in half precision."""
    rows: list[Tensor] = []
    device = _device_of(speaker)
    with torch.inference_mode():
        for entry in store.entries:
            mel = store.mel(entry)[:LONGEST_SPEAKER_MEL].to(device)
            rows.append(speaker(mel.T[None], torch.tensor([len(mel)], device=device))[0].cpu())
    torch.stack(rows).numpy().astype(np.float16).tofile(store.folder / SPEAKER_FILE)


def write_tokens(store: CorpusStore, content: ContentEncoder) -> float:
    """Tokens and timelines of every utterance; returns the share of transcripts that could be placed."""
    symbols = symbol_ids(store.folder)
    alignment = Alignment(store)
    placed = count = position = 0
    partial = {name: store.folder / (name + ".partial") for name in (TOKENS_FILE, TIMELINE_FILE)}
    with (
        partial[TOKENS_FILE].open("wb") as token_file,
        partial[TIMELINE_FILE].open("w", encoding="utf-8") as timeline_file,
    ):
        for batch in _batches(store):
            for entry, tokens_T in _encode(store, content, batch):
                laid = _lay(store, entry, symbols.get(entry.id), alignment.numbers(entry), len(tokens_T))
                row = {"id": entry.id, "token": position, "tokens": len(tokens_T)}
                if laid is not None:
                    row |= {"symbols": list(laid.symbols), "pointer": laid.pointer_T.tolist()}
                timeline_file.write(json.dumps(row) + "\n")
                token_file.write(tokens_T.astype(np.int16).tobytes())
                position, placed, count = position + len(tokens_T), placed + (laid is not None), count + 1
    for name, path in partial.items():
        path.replace(store.folder / name)
    return placed / max(1, count)


def _batches(store: CorpusStore) -> Iterator[list[Entry]]:
    """Utterances of like length together; the order of the store is not kept."""
    batch: list[Entry] = []
    for entry in sorted(store.entries, key=lambda e: e.frames):
        if batch and entry.frames * (len(batch) + 1) > BATCH_FRAMES:
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


@torch.inference_mode()
def _encode(
    store: CorpusStore, content: ContentEncoder, batch: list[Entry]
) -> Iterator[tuple[Entry, npt.NDArray[np.int64]]]:
    device = _device_of(content)
    mels = [store.mel(entry) for entry in batch]
    mel_BMF = nn.utils.rnn.pad_sequence(mels, True, QUIET_MEL).transpose(1, 2).to(device)
    lengths_B = torch.tensor([len(mel) for mel in mels], device=device)
    heard = content(mel_BMF, lengths_B, torch.zeros(len(batch), dtype=torch.bool, device=device))
    tokens_BT, lengths = heard.tokens_BT.cpu().numpy(), heard.lengths_B.tolist()
    for row, (entry, length) in enumerate(zip(batch, lengths, strict=True)):
        yield entry, tokens_BT[row, :length]


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
        """Acoustic mel frames of a span of tokens: (4 tokens, bands)."""
        first = self._starts[row.entry.id] + start * FRAMES_PER_TOKEN
        count = (row.tokens - start if tokens is None else tokens) * FRAMES_PER_TOKEN
        return torch.from_numpy(self._acoustic[first : first + count].astype(np.float32))

    def speaker(self, row: Annotated) -> Tensor:
        """Unit speaker embedding (E,)."""
        return self._speakers[self._numbers[row.entry.id]]
