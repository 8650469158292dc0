"""Posterior encoder and decoder: a variational autoencoder of speech over its mel spectrogram.

Recordings with less than full bandwidth teach only the band they have. Half of the full-band ones are shown to the
encoder as if they were narrow, so that the decoder learns to complete the missing highs.
"""

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from yinse.contracts.errors import InvalidInput
from yinse.corpus.entry import FULL_BAND, Entry
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.mel import ACOUSTIC_MEL, band_edges, log_mel
from yinse.engine.models.acoustic.codec.config import PosteriorConfig
from yinse.engine.models.acoustic.codec.model import Gaussian, PosteriorEncoder, silence_above
from yinse.engine.models.vocoder import factory as vocoder
from yinse.engine.models.vocoder.factory import DecoderConfig
from yinse.training.batches import EndlessBatches, odds_of
from yinse.training.losses.adversarial import Critics
from yinse.training.losses.cepstral import cepstral_loss
from yinse.training.losses.envelope import envelope_loss
from yinse.training.losses.spectral import spectral_loss
from yinse.training.samples import Clip, Picture, Sample
from yinse.training.task import Batch, Task

NARROW_HZ = 7600.0
"""Bandwidth that a 16 kHz recording is trusted up to."""


def trusted_bandwidth(entry: Entry) -> float:
    """Highest frequency in Hz that an utterance can be believed to hold."""
    return 24000.0 if entry.rate >= 44100 else 0.475 * entry.rate


class CodecCrops(EndlessBatches):
    """Random crops of training audio: `audio_BT`, `limit_B` (bandwidth) and `shown_B` (bandwidth shown)."""

    def __init__(
        self,
        store: CorpusStore,
        *,
        seed: int,
        split: str = "train",
        weights: dict[str, float] | None = None,
        hop: int = ACOUSTIC_MEL.hop,
        batch: int = 16,
        frames: int = 64,
    ) -> None:
        super().__init__(seed)
        shares = weights or {}
        self.store, self.batch, self.samples = store, batch, frames * hop
        self.entries = [
            entry for entry in store.entries if entry.split == split and entry.samples > self.samples
        ]
        self.odds = odds_of(
            [e.samples * shares.get(e.shard, 1.0) for e in self.entries],
            f"recording of more than {frames} frames in the split {split}",
        )

    def __iter__(self) -> Iterator[Batch]:
        while True:
            yield self._draw()

    def _draw(self) -> Batch:
        chosen = [self.entries[pick] for pick in self.choose(self.odds, self.batch)]
        audio_BT = torch.stack([self._crop(entry) for entry in chosen])
        gain_B = 10 ** (torch.empty(self.batch).uniform_(-14, 2, generator=self.generator) / 20)
        limit_B = torch.tensor([trusted_bandwidth(entry) for entry in chosen])
        hide = torch.rand(self.batch, generator=self.generator) < 0.5
        shown_B = torch.where(hide, limit_B.clamp_max(NARROW_HZ), limit_B)
        return {"audio_BT": audio_BT * gain_B[:, None], "limit_B": limit_B, "shown_B": shown_B}

    def _crop(self, entry: Entry) -> Tensor:
        return self.store.audio(entry, self.below(entry.samples - self.samples), self.samples)


class CodecTask(Task):
    """Reconstruction below the trusted bandwidth, and a small divergence that keeps the latents smooth.

    An `adversarial_weight` above zero adds critics, which train beside the decoder and are not exported.
    """

    exports = ("posterior", "decoder")
    edges_M: Tensor

    def __init__(
        self,
        posterior: PosteriorConfig,
        decoder: DecoderConfig,
        *,
        divergence_weight: float = 1e-3,
        mel_weight: float = 4.0,
        freeze_posterior: bool = False,
        adversarial_weight: float = 0.0,
        feature_weight: float = 2.0,
        cepstral_weight: float = 0.0,
        envelope_weight: float = 0.0,
    ) -> None:
        super().__init__()
        if decoder.latents != posterior.inter_channels:
            raise InvalidInput(
                f"the posterior encoder makes {posterior.inter_channels} latents, the decoder takes {decoder.latents}"
            )
        self.mel = replace(ACOUSTIC_MEL, hop=decoder.hop)
        self.posterior, self.decoder = PosteriorEncoder(posterior), vocoder.build(decoder)
        self.divergence_weight, self.mel_weight = divergence_weight, mel_weight
        self.register_buffer(
            "edges_M", torch.from_numpy(band_edges(ACOUSTIC_MEL)[2:]).float(), persistent=False
        )
        self.posterior.requires_grad_(not freeze_posterior)
        self.adversarial_weight, self.feature_weight = adversarial_weight, feature_weight
        self.cepstral_weight, self.envelope_weight = cepstral_weight, envelope_weight
        self.critics = Critics() if adversarial_weight else None

    def encode(self, audio_BT: Tensor, shown_B: Tensor) -> Gaussian:
        """Latents of audio at 44.1 kHz, of which only the band below `shown_B` Hz is looked at."""
        mel = silence_above(log_mel(audio_BT, self.mel), self.edges_M, shown_B)
        gaussian: Gaussian = self.posterior(mel)
        return gaussian

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Mel and STFT distance plus weighted divergence in nats per frame."""
        gaussian = self.encode(batch["audio_BT"], batch["shown_B"])
        fake_BT = self.decoder(gaussian.sample(torch.randn_like(gaussian.mean_BDF)))
        spectral = spectral_loss(batch["audio_BT"], fake_BT.float(), batch["limit_B"], step)
        divergence = gaussian.divergence_from_standard().sum(1).mean()
        loss = self.mel_weight * spectral.mel + spectral.stft + self.divergence_weight * divergence
        terms = {"loss": loss, "mel": spectral.mel, "stft": spectral.stft, "divergence": divergence}
        if self.cepstral_weight:
            terms["cepstral"] = cepstral_loss(batch["audio_BT"], fake_BT.float(), batch["limit_B"])
            terms["loss"] = loss = loss + self.cepstral_weight * terms["cepstral"]
        if self.envelope_weight:
            terms["envelope"] = envelope_loss(batch["audio_BT"], fake_BT.float())
            terms["loss"] = loss = loss + self.envelope_weight * terms["envelope"]
        if self.critics is not None:
            judged = self.critics(batch["audio_BT"], fake_BT.float(), batch["limit_B"], ACOUSTIC_MEL.rate)
            taught = judged.decoder + self.feature_weight * judged.features
            terms["loss"] = loss + self.adversarial_weight * taught + judged.critics
            terms |= {"critics": judged.critics, "decoder": judged.decoder, "features": judged.features}
        return terms

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """Distances of copy synthesis from the posterior mean."""
        fake_BT = self.decoder(self.encode(batch["audio_BT"], batch["shown_B"]).mean_BDF)
        spectral = spectral_loss(batch["audio_BT"], fake_BT.float(), batch["limit_B"], 0)
        return {"score": spectral.mel, "stft": spectral.stft}

    def samples(self, batch: Batch) -> tuple[Sample, ...]:
        """Copy synthesis of the first crop, to hear and to see beside the original."""
        real_BT = batch["audio_BT"][:1]
        fake_BT = self.decoder(self.encode(real_BT, batch["shown_B"][:1]).mean_BDF).float()
        mels = {"original": real_BT, "copy": fake_BT}
        return (
            Clip("original", real_BT[0], FULL_BAND),
            Clip("copy", fake_BT[0], FULL_BAND),
            Picture("copy", {title: log_mel(audio, ACOUSTIC_MEL)[0] for title, audio in mels.items()}),
        )


assert ACOUSTIC_MEL.rate == FULL_BAND
