"""Few-shot fine-tuning: low-rank updates of the acoustic model and the decoder on one voice's slices.

Legend: B batch, T target tokens, S memory tokens, F latent frames, M mel bands.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yinse.engine.audio.mel import ACOUSTIC_MEL, log_mel
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.acoustic.codec.model import silence_above
from yinse.engine.models.content.phonetic.model import FRAMES_PER_TOKEN
from yinse.training.batches import EndlessBatches
from yinse.training.lora import inject, updates
from yinse.training.losses.cepstral import cepstral_loss
from yinse.training.losses.spectral import spectral_loss
from yinse.training.parts.acoustic import AcousticTask
from yinse.training.task import Batch, Task

TOKENS = 40
MEMORY = 100
DECODER_FRAMES = 48
CEPSTRAL_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class AdaptSlice:
    """One slice of the voice: tokens and frame symbols (T,), mel frames (4 T, bands), samples at 44.1 kHz."""

    tokens: Tensor
    symbols: Tensor
    mel: Tensor
    samples: Tensor


class AdaptBatches(EndlessBatches):
    """Batches from a voice's slices; the memory comes from slices other than the target's.

    Every iteration begins with the same batches, so that one may judge two models by them.
    """

    def __init__(
        self,
        targets: list[AdaptSlice],
        references: list[AdaptSlice],
        speaker: Tensor,
        bandwidth: float,
        *,
        batch: int,
        seed: int,
    ) -> None:
        super().__init__(seed)
        self.targets = [one for one in targets if len(one.tokens) >= TOKENS]
        self.references, self.speaker, self.bandwidth, self.batch = references, speaker, bandwidth, batch

    def __iter__(self) -> Iterator[Batch]:
        self.generator.manual_seed(self.seed)
        while True:
            items = [self._item() for _ in range(self.batch)]
            yield {name: torch.stack([item[name] for item in items]) for name in items[0]}

    def _item(self) -> dict[str, Tensor]:
        target = self.targets[self.below(len(self.targets))]
        start = self.below(len(target.tokens) - TOKENS + 1)
        frames = slice(start * FRAMES_PER_TOKEN, (start + TOKENS) * FRAMES_PER_TOKEN)
        memory = self._memory(target)
        crop = frames.start + self.below(TOKENS * FRAMES_PER_TOKEN - DECODER_FRAMES + 1)
        hop = ACOUSTIC_MEL.hop
        return {
            "token_BT": target.tokens[start : start + TOKENS],
            "symbol_BT": target.symbols[start : start + TOKENS],
            "mel_BFM": target.mel[frames],
            "memory_token_BS": memory.tokens,
            "memory_symbol_BS": memory.symbols,
            "memory_mel_BFM": memory.mel,
            "speaker_BE": self.speaker,
            "limit_B": torch.tensor(self.bandwidth),
            "audio_BT": target.samples[crop * hop : (crop + DECODER_FRAMES) * hop],
        }

    def _memory(self, target: AdaptSlice) -> AdaptSlice:
        """`MEMORY` tokens in a row out of the other slices, repeated if they are few."""
        others = [one for one in self.references if one is not target] or [target]
        order = torch.randperm(len(others), generator=self.generator).tolist()
        repeats = 1 + MEMORY // sum(len(one.tokens) for one in others)
        chosen = [others[index] for index in order] * repeats
        return AdaptSlice(
            torch.cat([one.tokens for one in chosen])[:MEMORY],
            torch.cat([one.symbols for one in chosen])[:MEMORY],
            torch.cat([one.mel for one in chosen])[: MEMORY * FRAMES_PER_TOKEN],
            target.samples,
        )


class AdaptTask(Task):
    """The acoustic model's own losses, and the decoder's, over low-rank updates of both."""

    def __init__(self, models: BaseModels, *, rank: int = 8, decoder_weight: float = 0.2) -> None:
        super().__init__()
        self.inner = AcousticTask(models.acoustic.config, models.posterior.config)
        self.inner.acoustic.load_state_dict(models.acoustic.state_dict())
        self.inner.posterior.load_state_dict(models.posterior.state_dict())
        self.decoder: nn.Module = type(models.decoder)(models.decoder.config)
        self.decoder.load_state_dict(models.decoder.state_dict())
        self.decoder_weight = decoder_weight
        inject(self.inner.acoustic, rank)
        inject(self.decoder, rank)

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Acoustic terms plus the decoder's spectral distance on a crop."""
        terms = self.inner.losses(batch, step)
        spectral = self._copy(batch, step)
        terms["loss"] = terms["loss"] + self.decoder_weight * spectral
        return {**terms, "spectral": spectral}

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """The same terms on held-back speech; `score` decides whether the adaptation is kept."""
        terms = self.inner.figures(batch)
        spectral = self._copy(batch, 0)
        return {
            "score": terms["score"] + 0.1 * terms["flow"] + self.decoder_weight * spectral,
            "spectral": spectral,
        }

    def adapter(self) -> dict[str, Tensor]:
        """Low-rank factors by their place in the base models."""
        return updates(self.inner.acoustic, "acoustic") | updates(self.decoder, "decoder")

    def _copy(self, batch: Batch, step: int) -> Tensor:
        mel = silence_above(log_mel(batch["audio_BT"], ACOUSTIC_MEL), self.inner.edges_M, batch["limit_B"])
        fake_BT = self.decoder(self.inner.posterior(mel).mean_BDF)
        real_BT, limit_B = batch["audio_BT"], batch["limit_B"]
        loss = spectral_loss(real_BT, fake_BT.float(), limit_B, step)
        return loss.mel + loss.stft + CEPSTRAL_WEIGHT * cepstral_loss(real_BT, fake_BT.float(), limit_B)
