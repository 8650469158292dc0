"""SoVITS: both priors over the latents of a frozen codec, given content and a reference by the same speaker.

Legend: B batch, T target tokens, S memory tokens, F latent frames, D latent channels, M mel bands, E speaker embedding.
"""

import math
from collections import defaultdict
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from yinse.corpus.annotate import Annotated, Annotations
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.mel import ACOUSTIC_MEL, band_edges
from yinse.engine.models.acoustic.codec.config import PosteriorConfig
from yinse.engine.models.acoustic.codec.model import Gaussian, PosteriorEncoder, silence_above
from yinse.engine.models.acoustic.sovits.config import SovitsConfig
from yinse.engine.models.acoustic.sovits.model import Sovits
from yinse.engine.models.content.phonetic.model import FRAMES_PER_TOKEN
from yinse.engine.synthesis.acoustic import DIFFUSED_FROM
from yinse.engine.synthesis.options import SpeechOptions
from yinse.training.batches import EndlessBatches, odds_of
from yinse.training.parts.codec import trusted_bandwidth
from yinse.training.samples import Clip, Picture, Sample
from yinse.training.task import Batch, Task


class ReferencePairs(EndlessBatches):
    """A target span and a memory from other recordings of the speaker, or from elsewhere in the same."""

    def __init__(
        self,
        store: CorpusStore,
        *,
        seed: int,
        split: str = "train",
        weights: dict[str, float] | None = None,
        batch: int = 12,
        tokens: int = 40,
        memory: int = 100,
    ) -> None:
        super().__init__(seed)
        shares = weights or {}
        self.notes = Annotations(store)
        self.batch, self.tokens, self.memory = batch, tokens, memory
        self.rows = [r for r in self.notes.rows if r.entry.split == split and r.tokens >= tokens]
        self.by_speaker: dict[str, list[Annotated]] = defaultdict(list)
        for row in self.notes.rows:
            if row.entry.split == split:
                self.by_speaker[row.entry.speaker].append(row)
        self.odds = odds_of(
            [shares.get(r.entry.shard, 1.0) * min(r.tokens, 200) for r in self.rows],
            f"utterance of at least {tokens} tokens in the split {split}",
        )

    def __iter__(self) -> Iterator[Batch]:
        while True:
            items = [self._item(self.rows[pick]) for pick in self.choose(self.odds, self.batch)]
            yield {name: torch.stack([item[name] for item in items]) for name in items[0]}

    def _item(self, row: Annotated) -> dict[str, Tensor]:
        start = self.below(row.tokens - self.tokens + 1)
        span = slice(start, start + self.tokens)
        memory = self._memory(row, span)
        mel = torch.cat([self.notes.acoustic(one, first, count) for one, first, count in memory])
        token = torch.cat([self.notes.tokens(one)[first : first + count] for one, first, count in memory])
        symbol = torch.cat(
            [self.notes.frame_symbols(one)[first : first + count] for one, first, count in memory]
        )
        others = [one for one, _, _ in memory]
        speaker = torch.stack([self.notes.speaker(one) for one in others]).mean(0)
        return {
            "token_BT": self.notes.tokens(row)[span],
            "symbol_BT": self.notes.frame_symbols(row)[span],
            "mel_BFM": self.notes.acoustic(row, start, self.tokens),
            "memory_token_BS": token,
            "memory_symbol_BS": symbol,
            "memory_mel_BFM": mel,
            "speaker_BE": torch.nn.functional.normalize(speaker, dim=0),
            "limit_B": torch.tensor(trusted_bandwidth(row.entry)),
        }

    def _memory(self, row: Annotated, span: slice) -> list[tuple[Annotated, int, int]]:
        """Pieces that fill the memory, never from within the target: (utterance, first token, tokens)."""
        pool = self.by_speaker[row.entry.speaker]
        pieces: list[tuple[Annotated, int, int]] = []
        missing = self.memory
        while missing:
            other = pool[self.below(len(pool))]
            if other is row and len(pool) > 1:
                continue
            begin, end = (0, other.tokens) if other is not row else _outside(span, row.tokens)
            count = min(missing, end - begin)
            first = begin + self.below(end - begin - count + 1)
            pieces.append((other, first, count))
            missing -= count
        return pieces


def _outside(span: slice, tokens: int) -> tuple[int, int]:
    """The longer side of an utterance beside the target; the target itself if nothing else is left."""
    before, after = (0, span.start), (span.stop, tokens)
    longest = max(before, after, key=lambda part: part[1] - part[0])
    return longest if longest[1] - longest[0] >= 5 else (0, tokens)


class AcousticTask(Task):
    """Negative log-likelihood of the flow prior and L1 of the diffusion prior, sharing the condition encoder."""

    exports = ("acoustic",)
    edges_M: Tensor

    def __init__(
        self,
        config: SovitsConfig,
        posterior: PosteriorConfig,
        *,
        unknown_symbols: float = 0.15,
        token_noise: float = 0.05,
        flow_weight: float = 0.003,
    ) -> None:
        super().__init__()
        self.acoustic = Sovits(config)
        self.posterior = PosteriorEncoder(posterior).requires_grad_(False)
        self.unknown_symbols, self.token_noise, self.flow_weight = unknown_symbols, token_noise, flow_weight
        self.register_buffer(
            "edges_M", torch.from_numpy(band_edges(ACOUSTIC_MEL)[2:]).float(), persistent=False
        )
        self._ear: list[
            nn.Module
        ] = []  # a list, so that the decoder is neither trained nor saved with the task

    def listen_through(self, decoder: nn.Module) -> None:
        """Let `samples` be heard through a finished decoder."""
        self._ear = [decoder.eval().requires_grad_(False)]

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """`flow` is nats a latent (with the posterior's entropy: the KL of the ELBO), `diffusion` an L1 distance."""
        return self._terms(batch, disturb=True)

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """The same terms undisturbed."""
        terms = self._terms(batch, disturb=False)
        return {"score": terms.get("diffusion", terms["flow"]), "flow": terms["flow"]}

    @torch.no_grad()
    def samples(self, batch: Batch) -> tuple[Sample, ...]:
        """Latents of the first item: the recording's own, and what each prior makes of its tokens, drawn as speech is; also as
        sound.
        """
        first = {name: value[:1] for name, value in batch.items()}
        target = self._latents(first)
        hidden = self._condition(first, first["token_BT"], first["symbol_BT"])
        noise = torch.randn_like(target.mean_BDF)
        rows = {"recording": target.mean_BDF[0]}
        as_spoken = SpeechOptions()
        draft = self.acoustic.flow_prior.sample(noise, hidden, temperature=as_spoken.flow_temperature)
        rows["flow prior"] = draft[0]
        if self.acoustic.diffusion_prior is not None:
            rows["diffusion prior"] = self.acoustic.diffusion_prior.sample(
                noise * as_spoken.flow_temperature,
                hidden,
                steps=as_spoken.diffusion_steps,
                draft_BDF=draft,
                begin=DIFFUSED_FROM,
            )[0]
        return (Picture("latents", rows), *self._clips(rows))

    def _clips(self, rows: dict[str, Tensor]) -> Iterator[Clip]:
        for decoder in self._ear:
            for title, latent_DF in rows.items():
                samples_BT = decoder.to(latent_DF.device)(latent_DF[None])
                yield Clip(title.replace(" ", "-"), samples_BT[0], ACOUSTIC_MEL.rate)

    @torch.no_grad()
    def _latents(self, batch: Batch) -> Gaussian:
        gaussian: Gaussian = self.posterior(self._heard(batch["mel_BFM"], batch["limit_B"]))
        return gaussian

    def _condition(self, batch: Batch, token_BT: Tensor, symbol_BT: Tensor) -> Tensor:
        """What is said, in the voice of the batch's memory."""
        with torch.no_grad():
            memory = self.posterior(self._heard(batch["memory_mel_BFM"], batch["limit_B"])).mean_BDF
        voice = self.acoustic.condition.remember(
            batch["speaker_BE"], batch["memory_token_BS"], batch["memory_symbol_BS"], memory
        )
        hidden: Tensor = self.acoustic.condition(token_BT, symbol_BT, voice)
        return hidden

    def _terms(self, batch: Batch, *, disturb: bool) -> dict[str, Tensor]:
        target = self._latents(batch)
        said = self._disturb(batch) if disturb else (batch["token_BT"], batch["symbol_BT"])
        hidden = self._condition(batch, *said)
        sampled = target.sample(torch.randn_like(target.mean_BDF))
        entropy_BF = (target.log_deviation_BDF + 0.5 * math.log(2 * math.pi * math.e)).sum(1)
        divergence = (-entropy_BF - self.acoustic.flow_prior.log_probability(sampled, hidden)).mean()
        terms = {"loss": self.flow_weight * divergence, "flow": divergence / sampled.shape[1]}
        if self.acoustic.diffusion_prior is not None:
            terms["diffusion"] = self._diffusion(target.mean_BDF, hidden)
            terms["loss"] = terms["loss"] + terms["diffusion"]
        return terms

    def _diffusion(self, latent_BDF: Tensor, hidden_BHF: Tensor) -> Tensor:
        prior = self.acoustic.diffusion_prior
        assert prior is not None
        batch, _, frames = latent_BDF.shape
        place = latent_BDF.device
        length_B = torch.rand(batch, device=place) * 0.5 * frames * (torch.rand(batch, device=place) < 0.6)
        prefix_B = length_B.long() // prior.config.patch * prior.config.patch
        known_BF = (torch.arange(frames, device=place)[None] < prefix_B[:, None]).to(latent_BDF)
        step_B = torch.randint(prior.config.timesteps, (batch,), device=place)
        return prior.loss(latent_BDF, hidden_BHF, known_BF, step_B, torch.randn_like(latent_BDF))

    def _heard(self, mel_BFM: Tensor, limit_B: Tensor) -> Tensor:
        return silence_above(mel_BFM.float().transpose(1, 2), self.edges_M, limit_B)

    def _disturb(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Hide the phonemes of some items and replace some tokens, as recognised text and drawn tokens will be."""
        token_BT, symbol_BT = batch["token_BT"], batch["symbol_BT"]
        hidden_B = torch.rand(len(token_BT), device=token_BT.device) < self.unknown_symbols
        wrong_BT = torch.rand(token_BT.shape, device=token_BT.device) < self.token_noise
        noise = torch.randint_like(token_BT, self.acoustic.config.vocabulary)
        return torch.where(wrong_BT, noise, token_BT), symbol_BT.masked_fill(hidden_B[:, None], 0)


assert FRAMES_PER_TOKEN * ACOUSTIC_MEL.hop * 25 == ACOUSTIC_MEL.rate
