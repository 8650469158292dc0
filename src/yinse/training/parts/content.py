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

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.corpus.align import IGNORED
from yinse.corpus.source import LANGUAGES
from yinse.engine.models.content.phonetic.config import ContentConfig
from yinse.engine.models.content.phonetic.model import FRAMES_PER_TOKEN, MEL_SCALE, Content, ContentEncoder
from yinse.engine.models.layers.convnext import ConvNeXtStack
from yinse.engine.text.distance import edit_distance
from yinse.training.samples import Picture, Sample
from yinse.training.task import Batch, Task


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
        used = tokens_used(content.tokens_BT, self.content.quantizer.vocabulary)
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
        return F.cross_entropy(logits_BUV.flatten(0, 1), labels_BU.flatten(), ignore_index=IGNORED)

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

    @torch.no_grad()
    def samples(self, batch: Batch) -> tuple[Sample, ...]:
        """The mel spectrogram of the first item, and what its tokens keep of it."""
        first = {name: batch[name][:1] for name in ("mel_BMF", "lengths_B", "clean_BMF")}
        straight = torch.ones(1, dtype=torch.bool, device=first["mel_BMF"].device)
        content = self.content(first["mel_BMF"], first["lengths_B"], straight)
        _, guess_BTHM = self._recover(content, first["clean_BMF"])
        wanted_BTHM = half_rate_mel(first["clean_BMF"], guess_BTHM.shape[1])
        rows = {"recording": wanted_BTHM, "from its tokens": guess_BTHM}
        return (Picture("tokens", {title: mel[0].flatten(0, 1).T for title, mel in rows.items()}),)

    def _tokens_losses(self, content: Content, batch: Batch) -> tuple[Tensor, Tensor]:
        length = content.values_BTL.shape[1]
        mask_BT = torch.arange(length, device=content.lengths_B.device)[None] < content.lengths_B[:, None]
        contour_BT3, guess_BTHM = self._recover(content, batch["clean_BMF"])
        contour = contour_loss(contour_BT3, batch, mask_BT)
        distance = (guess_BTHM - half_rate_mel(batch["clean_BMF"], length)).abs().mean((2, 3))
        return contour, (distance * mask_BT).sum() / mask_BT.sum()

    def _recover(self, content: Content, clean_BMF: Tensor) -> tuple[Tensor, Tensor]:
        """From the quantised channels: contour (B, T, 3), and with a summary of the voice mel (B, T, 2, M)."""
        x_BCT = self.near(self.entry(content.values_BTL).transpose(1, 2))
        frames_BCF = self.voice((clean_BMF + 5) / MEL_SCALE)
        summary_BG = torch.cat([frames_BCF.mean(2), frames_BCF.std(2)], 1)
        mel_BTX = self.mel_head(self.mixer(x_BCT, summary_BG).transpose(1, 2)).float()
        return self.contour(x_BCT.transpose(1, 2)).float(), mel_BTX.unflatten(2, (2, -1))


def tokens_used(tokens_BT: Tensor, vocabulary: int) -> Tensor:
    """How many different tokens occur, a scalar; nothing waits for the device."""
    seen_V = torch.zeros(vocabulary, device=tokens_BT.device)
    return seen_V.index_fill(0, tokens_BT.flatten(), 1.0).sum()


def half_rate_mel(clean_BMF: Tensor, length: int) -> Tensor:
    """Levelled mel frames at 50 Hz, two (H) to a token: (B, M, F) -> (B, T, 2, M)."""
    clean_BFM = clean_BMF.transpose(1, 2)[:, : FRAMES_PER_TOKEN * length]
    return (clean_BFM.reshape(-1, length, 2, 2, clean_BFM.shape[2]).mean(3) + 5) / MEL_SCALE


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
