"""The GPT: steps of the pointer and tokens, after a prompt by the same speaker.

Legend: B batch, L symbols, T token frames (25/s), V tokens.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from yinse.corpus.annotate import Annotated, Annotations
from yinse.corpus.store import CorpusStore
from yinse.engine.models.semantic.monotonic.config import SemanticConfig
from yinse.engine.models.semantic.monotonic.model import MonotonicGpt, ages
from yinse.engine.text.inventory import EOS, SYMBOL_IDS
from yinse.training.batches import EndlessBatches, odds_of
from yinse.training.task import Batch, Task

IGNORE = -100
SHORT_TOKENS = 45
"""Utterances shorter than this (1.8 s) are joined with others of their speaker."""


def usable(row: Annotated, longest_step: int) -> bool:
    """Whether an utterance has a timeline whose pointer never jumps further than the model can."""
    if row.pointer is None or row.symbols is None or row.tokens < 5:
        return False
    jumps = [after - before for before, after in pairwise(row.pointer)]
    return max(jumps, default=0) <= longest_step and len(row.symbols) - row.pointer[-1] <= longest_step


class Dialogues(EndlessBatches):
    """One or more utterances of a speaker in a row: the first ones are the prompt of the rest."""

    def __init__(
        self,
        store: CorpusStore,
        *,
        longest_step: int,
        seed: int,
        split: str = "train",
        weights: dict[str, float] | None = None,
        frames: int = 2400,
        longest: int = 500,
    ) -> None:
        super().__init__(seed)
        shares = weights or {}
        self.notes = Annotations(store)
        self.frames, self.longest, self.longest_step = frames, longest, longest_step
        self.rows = [r for r in self.notes.rows if r.entry.split == split and usable(r, longest_step)]
        self.by_speaker: dict[str, list[Annotated]] = defaultdict(list)
        for row in self.rows:
            self.by_speaker[row.entry.speaker].append(row)
        self.odds = odds_of(
            [shares.get(r.entry.shard, 1.0) * (0.4 if r.tokens < SHORT_TOKENS else 1.0) for r in self.rows],
            f"utterance with a timeline in the split {split}",
        )

    def __iter__(self) -> Iterator[Batch]:
        while True:
            picks = self.choose(self.odds, 128)
            items = sorted((self._item(self.rows[pick]) for pick in picks), key=lambda item: len(item[1]))
            batches = list(self._cut(items))
            for index in torch.randperm(len(batches), generator=self.generator).tolist():
                yield collate(batches[index], self.longest_step)

    def _item(self, row: Annotated) -> tuple[Tensor, Tensor, Tensor]:
        """Symbols, pointers and tokens of utterances joined to at most `longest` frames."""
        chosen, total = [row], row.tokens
        pool = self.by_speaker[row.entry.speaker]
        wanted = 0 if self.below(4) == 0 else self.below(3 if row.tokens >= SHORT_TOKENS else 6)
        for _ in range(wanted):
            other = pool[self.below(len(pool))]
            if total + other.tokens <= self.longest:
                chosen, total = [other, *chosen], total + other.tokens
        return join([self._arrays(one) for one in chosen])

    def _arrays(self, row: Annotated) -> tuple[Tensor, Tensor, Tensor]:
        return torch.tensor(row.symbols), torch.tensor(row.pointer), self.notes.tokens(row)

    def _cut(
        self, items: list[tuple[Tensor, Tensor, Tensor]]
    ) -> Iterator[list[tuple[Tensor, Tensor, Tensor]]]:
        batch: list[tuple[Tensor, Tensor, Tensor]] = []
        for item in items:
            if len(item[1]) > self.longest:
                continue
            if batch and len(item[1]) * (len(batch) + 1) > self.frames:
                yield batch
                batch = []
            batch.append(item)
        if batch:
            yield batch


def join(parts: list[tuple[Tensor, Tensor, Tensor]]) -> tuple[Tensor, Tensor, Tensor]:
    """Utterances in a row: symbols follow one another, and so do pointers."""
    offset = 0
    pointers = []
    for symbols, pointer, _ in parts:
        pointers.append(pointer + offset)
        offset += len(symbols)
    return torch.cat([p[0] for p in parts]), torch.cat(pointers), torch.cat([p[2] for p in parts])


def collate(items: list[tuple[Tensor, Tensor, Tensor]], longest_step: int) -> Batch:
    """Pad a batch. The step into the frame after the last one leads to `EOS`."""
    symbols = [torch.cat([symbols, torch.tensor([SYMBOL_IDS[EOS]])]) for symbols, _, _ in items]
    pointers = [torch.cat([pointer, torch.tensor([len(symbols)])]) for symbols, pointer, _ in items]
    steps = [torch.diff(pointer, prepend=torch.tensor([0])) for pointer in pointers]
    steps = [torch.where(step <= longest_step, step, IGNORE) for step in steps]
    tokens = [torch.cat([token, torch.tensor([IGNORE])]) for _, _, token in items]
    token_BT = pad_sequence(tokens, True, IGNORE)
    lengths = torch.tensor([len(symbol) for symbol in symbols])
    return {
        "symbols_BL": pad_sequence(symbols, True),
        "mask_BL": torch.arange(int(lengths.max()))[None] < lengths[:, None],
        "pointer_BT": pad_sequence(pointers, True),
        "step_BT": pad_sequence(steps, True, IGNORE),
        "token_BT": token_BT,
    }


class SemanticTask(Task):
    """Cross-entropy of steps and of tokens; some of the history is corrupted so that errors do not compound."""

    exports = ("semantic",)

    def __init__(self, config: SemanticConfig, *, corrupt: float = 0.08, smoothing: float = 0.05) -> None:
        super().__init__()
        self.semantic = MonotonicGpt(config)
        self.corrupt, self.smoothing = corrupt, smoothing

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Nats a frame of both heads."""
        token_BT = batch["token_BT"].clamp_min(0)
        noise = torch.randint_like(token_BT, self.semantic.config.vocabulary)
        wrong = torch.rand(token_BT.shape, device=token_BT.device) < self.corrupt
        history = torch.where(wrong, noise, token_BT)
        steps, tokens = self._heads(batch, history)
        loss = steps + tokens
        return {"loss": loss, "step": steps, "token": tokens}

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """Nats a frame without corruption or smoothing."""
        steps, tokens = self._heads(batch, batch["token_BT"].clamp_min(0))
        return {"score": steps + tokens, "step": steps}

    def _heads(self, batch: Batch, history_BT: Tensor) -> tuple[Tensor, Tensor]:
        pointer_BT = batch["pointer_BT"]
        step_logits, token_logits = self.semantic(
            batch["symbols_BL"], batch["mask_BL"], pointer_BT, ages(pointer_BT), history_BT
        )
        smoothing = self.smoothing if self.training else 0.0
        steps = F.cross_entropy(
            step_logits.float().flatten(0, 1), batch["step_BT"].flatten(), ignore_index=IGNORE
        )
        tokens = F.cross_entropy(
            token_logits.float().flatten(0, 1),
            batch["token_BT"].flatten(),
            ignore_index=IGNORE,
            label_smoothing=smoothing,
        )
        return steps, tokens
