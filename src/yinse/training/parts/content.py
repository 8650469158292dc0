"""Content encoder: CTC through and around the quantiser, plus what tokens must also carry (intonation, articulation).

The encoder hears speech whose formants, pitch, speed, level and room are changed; it must still name the
phonemes. From the quantised channels alone two small heads recover the relative pitch contour, and, given a
summary of the speaker, the mel spectrogram: so tokens keep the way something is said and need not keep who
says it.

CTC from nothing sits on its blank plateau for thousands of small batches. So every frame first learns the
phoneme that the store's monophone alignment gives it (`yinse.corpus.align`); CTC joins later and may move the
boundaries.

Legend: B batch, M mel bands, F mel frames (100/s), T token frames (25/s), U score frames (50/s), S symbols of
a target.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.corpus.align import Alignment
from yinse.corpus.build import Entry
from yinse.corpus.store import CorpusStore
from yinse.engine.models.content.phonetic.config import ContentConfig
from yinse.engine.models.content.phonetic.model import FRAMES_PER_TOKEN, MEL_SCALE, Content, ContentEncoder
from yinse.engine.models.layers.convnext import ConvNeXtStack
from yinse.engine.text.inventory import SYMBOL_IDS, is_spoken
from yinse.training.batches import EndlessBatches
from yinse.training.task import Batch, Task

QUIET_MEL: Final = -11.5
LANGUAGES: Final = ("zh", "en", "ja")
JOIN_BELOW_SECONDS: Final = 1.6
GAP_FRAMES: Final = (4, 30)
IGNORE: Final = -100


class Utterances(EndlessBatches):
    """Whole utterances of like length: `mel_BMF`, `lengths_B`, `targets_BS`, `target_lengths_B` and more.

    Short recordings (single words) of one speaker are joined into pseudo-sentences with pauses between them.
    """

    def __init__(
        self,
        store: CorpusStore,
        *,
        frames: int,
        weights: dict[str, float],
        seed: int,
        split: str = "train",
        augment: bool = True,
        longest: int = 1500,
    ) -> None:
        super().__init__(seed)
        self.alignment = Alignment(store)
        self.store, self.frames, self.augment, self.longest = store, frames, augment, longest
        self.phonemes = load_phonemes(store.folder)
        self.pitch = store.pitch_frames()
        entries = [
            e for e in store.entries if e.split == split and e.id in self.phonemes and e.frames <= longest
        ]
        self.entries = [e for e in entries if fits(e, self.phonemes[e.id])]
        self.words: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.seconds < JOIN_BELOW_SECONDS:
                self.words[entry.speaker].append(entry)
        odds = [
            weights.get(e.shard, 1.0) * (0.35 if e.seconds < JOIN_BELOW_SECONDS else 1.0)
            for e in self.entries
        ]
        self.odds = torch.tensor(odds, dtype=torch.float64)

    def __iter__(self) -> Iterator[Batch]:
        while True:
            picks = torch.multinomial(self.odds, 256, replacement=True, generator=self.generator).tolist()
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
            "label_BF": nn.utils.rnn.pad_sequence(labels, True, IGNORE),
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
                gap = int(torch.randint(*GAP_FRAMES, (1,), generator=self.generator))
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


def load_phonemes(folder: Path) -> dict[str, list[int]]:
    """Spoken symbol ids of every transcribed utterance of a store (`yinse corpus build` writes them)."""
    rows = (json.loads(line) for line in (folder / "phonemes.jsonl").read_text("utf-8").splitlines())
    return {row["id"]: [SYMBOL_IDS[s] for s in row["symbols"] if is_spoken(s)] for row in rows}


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


class ContentTask(Task):
    """CTC, relative pitch, voicing and energy, and speaker-assisted reconstruction from the tokens."""

    exports = ("content",)

    def __init__(
        self, config: ContentConfig, *, pitch_weight: float = 0.3, mel_weight: float = 0.3, quantised: float = 0.5,
        label_weight: float = 2.0, ctc_weight: float = 0.3, ctc_from: int = 1500, quantised_from: int = 500,
    ) -> None:  # fmt: skip
        super().__init__()
        self.content = ContentEncoder(config)
        self.pitch_weight, self.mel_weight, self.quantised = pitch_weight, mel_weight, quantised
        self.label_weight, self.ctc_weight = label_weight, ctc_weight
        self.ctc_from, self.quantised_from = ctc_from, quantised_from
        width = 160
        self.entry = nn.Linear(len(config.levels), width)
        self.near = ConvNeXtStack(width, 2 * width, 2, kernel=7)
        self.contour = nn.Linear(width, 3)
        self.voice = nn.Sequential(
            nn.Conv1d(config.bands, width, 5, stride=2),
            nn.GELU(),
            nn.Conv1d(width, width, 5, stride=2),
            nn.GELU(),
        )
        self.mixer = ConvNeXtStack(width, 3 * width, 2, kernel=7, condition=2 * width)
        self.mel_head = nn.Linear(width, 2 * config.bands)

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """All terms; `loss` is their weighted sum."""
        share = self.quantised if step >= self.quantised_from else 0.0
        through = torch.rand(len(batch["lengths_B"]), device=batch["mel_BMF"].device) < share
        content = self.content(batch["mel_BMF"], batch["lengths_B"], through)
        contour, mel = self._tokens_losses(content, batch)
        label = self._label(content, batch)
        loss = self.label_weight * label + self.pitch_weight * contour + self.mel_weight * mel
        used = torch.tensor(float(content.tokens_BT.unique().numel()))
        terms = {"loss": loss, "label": label, "contour": contour, "mel": mel, "tokens": used}
        if step >= self.ctc_from:
            terms["ctc"] = self._ctc(content, batch)
            terms["loss"] = loss + self.ctc_weight * terms["ctc"]
        return terms

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """Phoneme error rate without (`score`) and with the quantiser, and by language."""
        count = len(batch["lengths_B"])
        figures = {}
        for name, flag in (("score", False), ("quantised", True)):
            through = torch.full((count,), flag, device=batch["mel_BMF"].device)
            content = self.content(batch["mel_BMF"], batch["lengths_B"], through)
            errors = phoneme_errors(content, batch)
            figures[name] = errors.sum() / batch["target_lengths_B"].sum()
            for index, language in enumerate(LANGUAGES):
                rows = batch["language_B"] == index
                if rows.any() and not flag:
                    figures[language] = errors[rows].sum() / batch["target_lengths_B"][rows].sum()
        return figures

    def _label(self, content: Content, batch: Batch) -> Tensor:
        """Cross-entropy to the aligned phonemes, at the rate of the scores."""
        logits_BUV = content.logits_BUV.float()
        labels_BU = batch["label_BF"][:, ::2][:, : logits_BUV.shape[1]]
        return F.cross_entropy(logits_BUV.flatten(0, 1), labels_BU.flatten(), ignore_index=IGNORE)

    def _ctc(self, content: Content, batch: Batch) -> Tensor:
        log_probs = content.logits_BUV.float().log_softmax(-1).transpose(0, 1)
        loss = F.ctc_loss(
            log_probs,
            batch["targets_BS"],
            2 * content.lengths_B,
            batch["target_lengths_B"],
            reduction="none",
            zero_infinity=True,
        )
        mean: Tensor = loss.sum() / batch["target_lengths_B"].sum()
        return mean

    def _tokens_losses(self, content: Content, batch: Batch) -> tuple[Tensor, Tensor]:
        length = content.values_BTL.shape[1]
        mask_BT = torch.arange(length, device=content.lengths_B.device)[None] < content.lengths_B[:, None]
        x_BCT = self.near(self.entry(content.values_BTL).transpose(1, 2))
        contour = contour_loss(self.contour(x_BCT.transpose(1, 2)).float(), batch, mask_BT)
        frames_BCF = self.voice((batch["clean_BMF"] + 5) / MEL_SCALE)
        summary_BG = torch.cat([frames_BCF.mean(2), frames_BCF.std(2)], 1)
        guess = (
            self.mel_head(self.mixer(x_BCT, summary_BG).transpose(1, 2))
            .float()
            .reshape(-1, length, 2, batch["clean_BMF"].shape[1])
        )
        clean_BFM = batch["clean_BMF"].transpose(1, 2)[:, : FRAMES_PER_TOKEN * length]
        wanted = clean_BFM.reshape(-1, length, 2, 2, clean_BFM.shape[2]).mean(3)
        distance = (guess - (wanted + 5) / MEL_SCALE).abs().mean((2, 3))
        return contour, (distance * mask_BT).sum() / mask_BT.sum()


def contour_loss(guess_BT3: Tensor, batch: Batch, mask_BT: Tensor) -> Tensor:
    """Pitch relative to the speaker's mean in octaves, voicing, and relative energy, at the token rate."""
    length = guess_BT3.shape[1]
    pitch_BF = batch["pitch_BF"]
    voiced_BF = (pitch_BF > 0).float()
    octaves = torch.where(pitch_BF > 0, pitch_BF.clamp_min(1).log2(), 0.0)
    relative = (
        octaves - octaves.sum(1, keepdim=True) / voiced_BF.sum(1, keepdim=True).clamp_min(1)
    ) * voiced_BF
    energy = batch["clean_BMF"].mean(1)
    positions = torch.arange(energy.shape[1], device=energy.device)
    real_BF = (positions[None] < batch["lengths_B"][:, None]).float()
    mean_B1 = (energy * real_BF).sum(1, keepdim=True) / real_BF.sum(1, keepdim=True)
    energy = (energy - mean_B1) / MEL_SCALE
    pooled = torch.stack([relative, voiced_BF, energy], -1)[:, : FRAMES_PER_TOKEN * length]
    relative_BT, share_BT, energy_BT = pooled.reshape(-1, length, FRAMES_PER_TOKEN, 3).mean(2).unbind(-1)
    mean_BT = relative_BT / share_BT.clamp_min(0.25)
    terms = (
        3 * (guess_BT3[..., 0] - mean_BT).abs() * (share_BT > 0.5)
        + F.binary_cross_entropy_with_logits(guess_BT3[..., 1], share_BT.clamp(0, 1), reduction="none")
        + (guess_BT3[..., 2] - energy_BT).abs()
    )
    mean: Tensor = (terms * mask_BT).sum() / mask_BT.sum()
    return mean


def phoneme_errors(content: Content, batch: Batch) -> Tensor:
    """Edit distance of the greedy CTC reading to the target of every row: (B,)."""
    best_BU = content.logits_BUV.argmax(-1)
    errors = []
    for row, (length, target_length) in enumerate(
        zip(content.lengths_B, batch["target_lengths_B"], strict=True)
    ):
        path = torch.unique_consecutive(best_BU[row, : 2 * int(length)])
        target = batch["targets_BS"][row, : int(target_length)].tolist()
        errors.append(edit_distance([s for s in path.tolist() if s], target))
    return torch.tensor(errors, dtype=torch.float32, device=best_BU.device)


def edit_distance(first: list[int], second: list[int]) -> int:
    """Levenshtein distance."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
