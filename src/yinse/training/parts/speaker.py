"""Speaker encoder: additive angular margin over all training speakers (Deng et al. 2019).

Legend: B batch, M mel bands, F mel frames, E embedding, S speakers.
"""

from collections import defaultdict
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.contracts.errors import InvalidInput
from yinse.corpus.entry import Entry
from yinse.corpus.store import CorpusStore
from yinse.engine.models.speaker.ecapa.config import EcapaConfig
from yinse.engine.models.speaker.ecapa.model import EcapaTdnn
from yinse.training.batches import EndlessBatches, odds_of
from yinse.training.parts.utterances import QUIET_MEL
from yinse.training.task import Batch, Task


class SpeakerCrops(EndlessBatches):
    """`crops` crops of each of `speakers` speakers, drawn with a flattened share of hours."""

    def __init__(
        self,
        store: CorpusStore,
        *,
        seed: int,
        split: str = "train",
        speakers: int = 32,
        crops: int = 2,
        frames: int = 240,
    ) -> None:
        super().__init__(seed)
        self.store, self.count, self.crops, self.frames, self.split = store, speakers, crops, frames, split
        self.by_speaker: dict[str, list[Entry]] = defaultdict(list)
        for entry in store.entries:
            if entry.split == split and not entry.speaker.startswith("openjtalk"):
                self.by_speaker[entry.speaker].append(entry)
        self.names = sorted(self.by_speaker)
        hours = [sum(e.seconds for e in self.by_speaker[name]) for name in self.names]
        self.odds = odds_of(hours, f"speaker in the split {split}").clamp_max(180).sqrt()
        if speakers > len(self.names):
            raise InvalidInput(
                f"a batch of {speakers} speakers is too large: the split {split} has {len(self.names)}"
            )

    def __iter__(self) -> Iterator[Batch]:
        while True:
            picks = torch.multinomial(self.odds, self.count, generator=self.generator).tolist()
            labels = [pick for pick in picks for _ in range(self.crops)]
            crops = [self._crop(self.by_speaker[self.names[label]]) for label in labels]
            mel_BMF = torch.stack(crops).transpose(1, 2)
            lengths_B = torch.full((len(crops),), self.frames)
            yield {"mel_BMF": mel_BMF, "lengths_B": lengths_B, "label_B": torch.tensor(labels)}

    def _crop(self, entries: list[Entry]) -> Tensor:
        """Frames of one speaker; short recordings are joined until the crop is full."""
        parts: list[Tensor] = []
        while sum(map(len, parts)) < self.frames:
            parts.append(self.store.mel(entries[self.below(len(entries))]))
        mel = torch.cat(parts)
        start = self.below(len(mel) - self.frames + 1)
        mel = mel[start : start + self.frames]
        return _disturb(mel, self.generator) if self.split == "train" else mel


def _disturb(mel_FM: Tensor, generator: torch.Generator) -> Tensor:
    """Another room, noise and a hidden high band: everything that must not tell speakers apart."""
    draw = torch.rand(6, generator=generator)
    out = mel_FM + torch.linspace(-1, 1, mel_FM.shape[1]) * (draw[0] - 0.5) * 2
    if draw[1] < 0.6:
        noise = out.max() - 3.5 - 7 * draw[2] + torch.randn(out.shape, generator=generator) * 0.5
        out = torch.logaddexp(out, noise)
    if draw[3] < 0.3:
        tail = torch.logaddexp(out[1:], out[:-1] - 0.5 - 1.5 * draw[4])
        out = torch.cat([out[:1], tail])
    if draw[5] < 0.3:
        out = out.clone()
        out[:, 62:] = QUIET_MEL
    return out


class SpeakerTask(Task):
    """Classification with a margin of `margin` radians at scale `scale`."""

    exports = ("speaker",)

    def __init__(
        self, config: EcapaConfig, speakers: int, *, margin: float = 0.2, scale: float = 30.0
    ) -> None:
        super().__init__()
        self.speaker = EcapaTdnn(config)
        self.centres = nn.Parameter(torch.randn(speakers, config.embedding) * 0.1)
        self.margin, self.scale = margin, scale

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Cross-entropy with the margin, which grows over the first thousand steps."""
        embedding = self.speaker(batch["mel_BMF"], batch["lengths_B"])
        cosine_BS = embedding @ F.normalize(self.centres, dim=1).T
        margin = self.margin * min(1.0, step / 1000)
        own = F.one_hot(batch["label_B"], len(self.centres)).bool()
        shifted = torch.cos(cosine_BS.clamp(-1 + 1e-6, 1 - 1e-6).acos() + margin)
        logits = self.scale * torch.where(own, shifted, cosine_BS)
        accuracy = (cosine_BS.argmax(1) == batch["label_B"]).float().mean()
        return {"loss": F.cross_entropy(logits, batch["label_B"]), "accuracy": accuracy}

    def figures(self, batch: Batch) -> dict[str, Tensor]:
        """Equal error rate of all pairs of a batch of unseen speakers."""
        embedding = self.speaker(batch["mel_BMF"], batch["lengths_B"])
        cosine = embedding @ embedding.T
        same = batch["label_B"][:, None] == batch["label_B"][None]
        pairs = torch.ones_like(same).triu(1)
        return {"score": equal_error_rate(cosine[pairs & same], cosine[pairs & ~same])}


def equal_error_rate(same: Tensor, different: Tensor) -> Tensor:
    """Error where as many strangers are accepted as friends refused."""
    thresholds = torch.cat([same, different]).sort().values
    refused = (same[None] < thresholds[:, None]).float().mean(1)
    accepted = (different[None] >= thresholds[:, None]).float().mean(1)
    best = (refused - accepted).abs().argmin()
    return (refused[best] + accepted[best]) / 2
