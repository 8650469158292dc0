"""Batches of whole utterances for the content encoder: joined, stretched and disturbed.

Legend: B batch, M mel bands, F mel frames (100/s), S symbols of a target.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.corpus.align import IGNORED, Alignment
from yinse.corpus.entry import Entry
from yinse.corpus.source import LANGUAGES
from yinse.corpus.store import CorpusStore
from yinse.training.batches import EndlessBatches, odds_of
from yinse.training.task import Batch

QUIET_MEL: Final = -11.5
"""Log-mel of silence: what pads a batch."""
JOIN_BELOW_SECONDS: Final = 1.6
GAP_FRAMES: Final = (4, 30)


class Utterances(EndlessBatches):
    """Whole utterances of like length: `mel_BMF`, `lengths_B`, `targets_BS`, `target_lengths_B` and more.

    Short recordings (single words) of one speaker are joined into pseudo-sentences with pauses between them.
    """

    def __init__(
        self,
        store: CorpusStore,
        *,
        seed: int,
        split: str = "train",
        weights: dict[str, float] | None = None,
        augment: bool = True,
        frames: int = 7000,
        longest: int = 1500,
    ) -> None:
        super().__init__(seed)
        shares = weights or {}
        self.alignment = Alignment(store)
        self.store, self.frames, self.augment, self.longest = store, frames, augment, longest
        self.phonemes = self.alignment.phonemes
        self.pitch = store.pitch_frames()
        entries = [
            e for e in store.entries if e.split == split and e.id in self.phonemes and e.frames <= longest
        ]
        self.entries = [e for e in entries if fits(e, self.phonemes[e.id])]
        self.words: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.seconds < JOIN_BELOW_SECONDS:
                self.words[entry.speaker].append(entry)
        self.odds = odds_of(
            [
                shares.get(e.shard, 1.0) * (0.35 if e.seconds < JOIN_BELOW_SECONDS else 1.0)
                for e in self.entries
            ],
            f"transcribed utterance of at most {longest} frames in the split {split}",
        )

    def __iter__(self) -> Iterator[Batch]:
        while True:
            picks = self.choose(self.odds, 256)
            groups = sorted((self._group(self.entries[pick]) for pick in picks), key=_group_frames)
            batches = list(self._cut(groups))
            for index in torch.randperm(len(batches), generator=self.generator).tolist():
                yield self._collate(batches[index])

    def _group(self, entry: Entry) -> list[Entry]:
        """An utterance, or a handful of words of its speaker."""
        if entry.seconds >= JOIN_BELOW_SECONDS or not self.augment:
            return [entry]
        pool = self.words[entry.speaker]
        count = 1 + self.below(5)
        return [entry, *(pool[self.below(len(pool))] for _ in range(count))]

    def _cut(self, groups: list[list[Entry]]) -> Iterator[list[list[Entry]]]:
        batch: list[list[Entry]] = []
        for group in groups:
            if batch and _group_frames(group) * (len(batch) + 1) > self.frames:
                yield batch
                batch = []
            batch.append(group)
        if batch:
            yield batch

    def _collate(self, batch: list[list[Entry]]) -> Batch:
        mels: list[Tensor] = []
        pitches: list[Tensor] = []
        labels: list[Tensor] = []
        targets: list[Tensor] = []
        for group in batch:
            mel, pitch, label = self._join(group)
            mels.append(mel)
            pitches.append(pitch)
            labels.append(label)
            targets.append(torch.tensor([s for entry in group for s in self.phonemes[entry.id]]))
        clean_BFM = nn.utils.rnn.pad_sequence(mels, True, QUIET_MEL)
        shown = [augment_mel(mel, self.generator) for mel in mels] if self.augment else mels
        return {
            "mel_BMF": nn.utils.rnn.pad_sequence(shown, True, QUIET_MEL).transpose(1, 2),
            "clean_BMF": clean_BFM.transpose(1, 2),
            "pitch_BF": nn.utils.rnn.pad_sequence(pitches, True),
            "label_BF": nn.utils.rnn.pad_sequence(labels, True, IGNORED),
            "lengths_B": torch.tensor([len(mel) for mel in mels]),
            "targets_BS": nn.utils.rnn.pad_sequence(targets, True),
            "target_lengths_B": torch.tensor([len(target) for target in targets]),
            "language_B": torch.tensor([LANGUAGES.index(group[0].lang) for group in batch]),
        }

    def _join(self, group: list[Entry]) -> tuple[Tensor, Tensor, Tensor]:
        """Mel, pitch and the phoneme of every frame of recordings in a row."""
        mels: list[Tensor] = []
        pitches: list[Tensor] = []
        labels: list[Tensor] = []
        for entry in group:
            if mels:
                gap = GAP_FRAMES[0] + self.below(GAP_FRAMES[1] - GAP_FRAMES[0])
                mels.append(mels[-1][-1:].expand(gap, -1))
                pitches.append(torch.zeros(gap))
                labels.append(torch.zeros(gap, dtype=torch.int64))
            mels.append(self.store.mel(entry))
            labels.append(self.alignment.frames(entry))
            pitches.append(
                torch.from_numpy(self.pitch[entry.frame : entry.frame + entry.frames].astype("float32"))
            )
        mel, pitch, label = torch.cat(mels), torch.cat(pitches), torch.cat(labels)
        if not self.augment:
            return mel, pitch, label
        frames = max(8, round(len(mel) * float(torch.empty(1).uniform_(0.9, 1.1, generator=self.generator))))
        index = torch.linspace(0, len(mel) - 1, frames).round().long()
        return F.interpolate(mel.T[None], frames, mode="linear")[0].T, pitch[index], label[index]


def _group_frames(group: list[Entry]) -> int:
    return sum(entry.frames for entry in group) + 16 * (len(group) - 1)


def fits(entry: Entry, phonemes: list[int]) -> bool:
    """Whether CTC at 50 Hz can place the phonemes, and the transcript is plausible at all."""
    repeats = sum(one == other for one, other in pairwise(phonemes))
    return 0 < len(phonemes) + repeats <= 0.45 * entry.frames


def augment_mel(mel_FM: Tensor, generator: torch.Generator) -> Tensor:
    """Another speaker in another room: warp the mel axis, tilt, add noise, mask (Park et al. 2019)."""

    def draw(low: float, high: float) -> float:
        return float(torch.empty(1).uniform_(low, high, generator=generator))

    frames, bands = mel_FM.shape
    top = bands - 1
    grid_x = (torch.linspace(0, top, bands) * draw(0.9, 1.11)).clamp_max(top) * 2 / top - 1
    grid_y = torch.linspace(-1, 1, frames)
    grid = torch.stack(torch.meshgrid(grid_y, grid_x, indexing="ij")[::-1], -1)
    out = F.grid_sample(mel_FM[None, None], grid[None], padding_mode="border", align_corners=True)[0, 0]
    out = out + torch.linspace(-1, 1, bands) * draw(-0.6, 0.6)
    noise = out.max() - draw(5.0, 11.0) + torch.linspace(1, -1, bands) * draw(-1.0, 2.5)
    jitter = torch.randn(out.shape, generator=generator) * 0.5
    out = torch.logaddexp(out, noise + jitter) if draw(0, 1) < 0.6 else out.clone()
    for axis, widest, count in ((1, 12, 2), (0, min(40, frames // 6), 2)):
        for _ in range(count):
            width = int(draw(0, widest + 1))
            start = int(draw(0, out.shape[axis] - width + 1))
            out.narrow(axis, start, width).fill_(out.mean())
    return out
