"""Which utterances can be learnt from, and in which batches: equal for equal seeds, epoch by epoch.

Legend: B batch, L phonemes, E text features, T tokens, N samples, V speaker embedding.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import torch
from torch import Tensor

from yinse.engine.models.semantic.s1.loss import S1Batch
from yinse.training.published.items import TOKENS_PER_SECOND, Item, padded

LONGEST_SECONDS: Final = 54
SHORTEST_SECONDS: Final = 0.6
PHONES_PER_SECOND: Final = (3, 25)
FEW: Final = 100
"""Fewer utterances than this are repeated within an epoch."""

Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True)
class S2Batch:
    """Utterances padded on the right. Token and sample counts belong together: 1280 samples a token."""

    phones_BL: Tensor
    phone_lengths_B: Tensor
    tokens_BT: Tensor
    token_lengths_B: Tensor
    samples_BN: Tensor
    speaker_BV: Tensor | None


@dataclass(frozen=True, slots=True)
class Epochs(Generic[Batch]):
    """Batches of utterances of similar length."""

    items: Sequence[Item]
    size: int
    seed: int
    bin_seconds: float
    collate: Callable[[Sequence[Item]], Batch]

    def epoch(self, number: int) -> Iterator[Batch]:
        """Every item once, or as often as a small set is repeated, in an order of its own."""
        generator = torch.Generator().manual_seed(self.seed + number)
        batches = []
        for group in self._bins().values():
            order = torch.randperm(len(group), generator=generator).tolist()
            chosen = [group[index] for index in order]
            batches += [chosen[start : start + self.size] for start in range(0, len(chosen), self.size)]
        for index in torch.randperm(len(batches), generator=generator).tolist():
            yield self.collate(batches[index])

    def _bins(self) -> dict[int, list[Item]]:
        repeats = 1 if len(self.items) >= FEW else max(2, FEW // len(self.items))
        bins: dict[int, list[Item]] = {}
        for item in [*self.items] * repeats:
            bins.setdefault(int(item.seconds / self.bin_seconds), []).append(item)
        return bins


def s1_epochs(items: Sequence[Item], size: int, seed: int) -> Epochs[S1Batch]:
    """Utterances in bins of two seconds; few utterances, small batches."""
    return Epochs(items, max(1, min(size, len(items) // 4)), seed, 2.0, collate_s1)


def s2_epochs(items: Sequence[Item], size: int, seed: int) -> Epochs[S2Batch]:
    """Utterances in bins of two seconds."""
    return Epochs(items, size, seed, 2.0, collate_s2)


def s1_objection(item: Item) -> str | None:
    """Why s1 cannot learn from an utterance, if it cannot."""
    seconds = len(item.tokens_T) / TOKENS_PER_SECOND
    if not 0 < seconds <= LONGEST_SECONDS:
        return f"it lasts {seconds:.1f} s, and s1 learns from 0 to {LONGEST_SECONDS}"
    slowest, fastest = PHONES_PER_SECOND
    rate = len(item.phones_L) / seconds
    if slowest <= rate <= fastest:
        return None
    return (
        f"{rate:.1f} phonemes a second are not speech ({slowest} to {fastest} are): "
        "do text and recording belong together?"
    )


def s2_objection(item: Item) -> str | None:
    """Why s2 cannot learn from an utterance, if it cannot."""
    if SHORTEST_SECONDS < item.seconds < LONGEST_SECONDS:
        return None
    return f"it lasts {item.seconds:.1f} s, and s2 learns from {SHORTEST_SECONDS} to {LONGEST_SECONDS}"


def collate_s1(items: Sequence[Item]) -> S1Batch:
    """Pad for s1."""
    return S1Batch(
        padded([item.phones_L for item in items]),
        padded([item.features_EL for item in items]),
        _lengths([item.phones_L for item in items]),
        padded([item.tokens_T for item in items]),
        _lengths([item.tokens_T for item in items]),
    )


def collate_s2(items: Sequence[Item]) -> S2Batch:
    """Pad for s2; tokens and samples of each utterance are cut to what both have."""
    per_token = 2 * 640
    counts = [min(len(item.tokens_T), len(item.samples_N) // per_token) for item in items]
    speakers = [item.speaker_V for item in items if item.speaker_V is not None]
    return S2Batch(
        padded([item.phones_L for item in items]),
        _lengths([item.phones_L for item in items]),
        padded([item.tokens_T[:count] for item, count in zip(items, counts, strict=True)]),
        torch.tensor(counts),
        padded([item.samples_N[: count * per_token] for item, count in zip(items, counts, strict=True)]),
        torch.stack(speakers) if len(speakers) == len(items) else None,
    )


def _lengths(rows: list[Tensor]) -> Tensor:
    return torch.tensor([len(row) for row in rows])
