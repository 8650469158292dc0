"""Fine-tuning of s2 of v1 to v2ProPlus against discriminators (Kim et al. 2021, VITS).

Legend: B batch, F latent frames (50 Hz), t tokens (25 Hz), L phonemes, N samples, C latent channels, K bins.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from yinse.engine.audio.features import SPECTRUM, log_bands, spectrogram
from yinse.engine.checkpoints.published.checkpoint import Checkpoint
from yinse.engine.models.acoustic.s2.model import S2Model
from yinse.engine.models.acoustic.s2.state import Reference, VoiceCondition
from yinse.engine.models.semantic.s1.loss import beyond
from yinse.training.published.base import Base, exported
from yinse.training.published.batches import S2Batch
from yinse.training.published.discriminators import (
    Discriminators,
    adversarial_loss,
    discriminator_loss,
    feature_loss,
)
from yinse.training.published.trainer import Trainer

SEGMENT: Final = 32
"""Latent frames of what the decoder learns from: 20480 samples."""
MEL_WEIGHT: Final = 45.0
RATE_DECAY: Final = 0.999875
"""Of both learning rates, an epoch."""
BETAS: Final = (0.8, 0.99)
EPSILON: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Forward:
    """What one pass gives: made and real samples of the same segments, and the distance of the priors."""

    made_B1N: Tensor
    real_B1N: Tensor
    divergence: Tensor


class S2Trainer(Trainer[S2Batch]):
    """Everything of s2 moves but its tokenizer; what reads the text moves more slowly."""

    suffix = ".pth"

    def __init__(
        self,
        base: Base,
        discriminators: Discriminators,
        *,
        learning_rate: float,
        text_rate: float = 0.4,
        device: str = "cpu",
        precision: str = "fp32",
    ) -> None:
        model = base.model()
        if not isinstance(model, S2Model):
            raise TypeError(f"{type(model).__name__} is no s2 that decodes by itself")
        self.base, self.model, self.judges = base, model.to(device), discriminators.to(device)
        model.tokenizer.requires_grad_(False)
        makers = torch.optim.AdamW(
            _groups(model, learning_rate, text_rate), learning_rate, betas=BETAS, eps=EPSILON
        )
        judges = torch.optim.AdamW(discriminators.parameters(), learning_rate, betas=BETAS, eps=EPSILON)
        super().__init__(
            {"s2": model, "discriminators": discriminators},
            {"s2": makers, "discriminators": judges},
            device=device,
            precision=precision,
        )

    def step(self, batch: S2Batch, index: int) -> dict[str, float]:
        """First the discriminators, then s2."""
        self.model.train()
        self.judges.train()
        with self.autocast():
            passed = forward(self.model, batch, self.device)
            judged = self.judges(passed.real_B1N), self.judges(passed.made_B1N.detach())
        judging = discriminator_loss(*judged)
        self.descend(judging, "discriminators")
        with self.autocast():
            self.judges.requires_grad_(False)
            real, made = self.judges(passed.real_B1N), self.judges(passed.made_B1N)
            self.judges.requires_grad_(True)
        adversarial, features = adversarial_loss(made), feature_loss(real, made)
        mel = mel_distance(passed.real_B1N, passed.made_B1N)
        loss = adversarial + features + MEL_WEIGHT * mel + passed.divergence
        self.descend(loss, "s2")
        self.scaler.update()
        self.steps += 1
        figures = {
            "loss": loss,
            "judging": judging,
            "adversarial": adversarial,
            "features": features,
            "mel": mel,
        }
        return {name: float(value.detach()) for name, value in {**figures, "kl": passed.divergence}.items()}

    def end_epoch(self) -> None:
        """Let the learning rates decay."""
        for optimiser in self.optimisers.values():
            for group in optimiser.param_groups:
                group["lr"] *= RATE_DECAY

    def checkpoint(self, epochs: int) -> Checkpoint:
        """The published `.pth`."""
        return exported(self.base, self.model.state_dict(), f"{epochs}epoch_{self.steps}iteration")

    def file_name(self, name: str, epochs: int) -> str:
        """As the published tools call it."""
        return f"{name}_e{epochs}_s{self.steps}{self.suffix}"


def _groups(model: S2Model, rate: float, text_rate: float) -> list[dict[str, object]]:
    encoder = model.encoder
    reading = [*encoder.symbols.parameters(), *encoder.text.parameters(), *encoder.mixer.parameters()]
    known = {id(parameter) for parameter in reading}
    others = [p for p in model.parameters() if p.requires_grad and id(p) not in known]
    return [{"params": others, "lr": rate}, {"params": reading, "lr": rate * text_rate}]


def forward(model: S2Model, batch: S2Batch, device: torch.device) -> Forward:
    """Posterior, prior and the decoded segments of a batch. The voice is heard in the utterance itself."""
    tokens_Bt, phones_BL = batch.tokens_BT.to(device), batch.phones_BL.to(device)
    frames_B = 2 * batch.token_lengths_B.to(device)
    samples_BN = batch.samples_BN.to(device)
    real_BF = ~beyond(frames_B, 2 * tokens_Bt.shape[1])
    mask_B1F, text_B1L = real_BF[:, None].float(), _text_mask(batch, device)
    spectrum_BKF = spectrogram(samples_BN, SPECTRUM) * mask_B1F
    speaker_BV = None if batch.speaker_BV is None else batch.speaker_BV.to(device)
    condition = model.condition_from(model.style_of(Reference(spectrum_BKF, speaker_BV, real_BF)))
    hidden = model.encoder(model.content(tokens_Bt), phones_BL, condition.encoder_BE1, mask_B1F, text_B1L)
    prior = model.encoder.statistics(hidden, mask_B1F)
    latents, spread = _posterior(model, spectrum_BKF, condition, mask_B1F)
    moved = model.flow(latents, condition.style_BG1, mask_B1F)
    starts = segment_starts(frames_B)
    hop = model.decoder.hop
    made = model.decoder(cut(latents, starts, SEGMENT), condition.style_BG1)
    real = cut(samples_BN[:, None], starts * hop, SEGMENT * hop)
    return Forward(made, real, kl_divergence(moved, spread, *prior, mask_B1F))


def _text_mask(batch: S2Batch, device: torch.device) -> Tensor:
    padding = beyond(batch.phone_lengths_B.to(device), batch.phones_BL.shape[1])
    return (~padding)[:, None].float()


def _posterior(
    model: S2Model, spectrum_BKF: Tensor, condition: VoiceCondition, mask_B1F: Tensor
) -> tuple[Tensor, Tensor]:
    """Latents drawn from the posterior, and its log deviation."""
    if model.posterior is None:
        raise ValueError("this model was built to speak, without a posterior encoder")
    mean, spread = model.posterior(spectrum_BKF, condition.style_BG1, mask_B1F)
    return (mean + torch.randn_like(mean) * spread.exp()) * mask_B1F, spread


def segment_starts(frames_B: Tensor) -> Tensor:
    """A random first frame of a segment in each utterance; zero in those no longer than a segment."""
    room_B = (frames_B - SEGMENT + 1).clamp_min(1)
    return (torch.rand(len(frames_B), device=frames_B.device) * room_B).long()


def cut(x_BCT: Tensor, starts_B: Tensor, size: int) -> Tensor:
    """The same number of frames from each row, zeros behind rows that end earlier: (B, C, size)."""
    missing = max(0, int(starts_B.max()) + size - x_BCT.shape[2])
    padded = F.pad(x_BCT, (0, missing))
    return torch.stack([row[:, start : start + size] for row, start in zip(padded, starts_B, strict=True)])


def kl_divergence(
    moved_BCF: Tensor, spread_BCF: Tensor, mean_BCF: Tensor, prior_spread_BCF: Tensor, mask_B1F: Tensor
) -> Tensor:
    """Of the posterior from the prior, by the sample that was drawn; a mean over real frames, in float32."""
    moved, spread, mean, prior = (x.float() for x in (moved_BCF, spread_BCF, mean_BCF, prior_spread_BCF))
    terms = prior - spread - 0.5 + 0.5 * (moved - mean).square() * torch.exp(-2 * prior)
    return (terms * mask_B1F).sum() / mask_B1F.sum()


def mel_distance(real_B1N: Tensor, made_B1N: Tensor) -> Tensor:
    """Mean distance of log mel bands, in float32."""
    bands = [
        log_bands(spectrogram(samples[:, 0].float(), SPECTRUM), SPECTRUM) for samples in (real_B1N, made_B1N)
    ]
    return F.l1_loss(bands[1], bands[0])
