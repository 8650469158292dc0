"""How the models hear a recording: tokens, phonemes in time, speaker embedding, latents.

Legend: T samples, S tokens (25/s), U score frames (50/s), V symbols, F latent frames, D latent channels.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yinse.engine.audio.mel import ACOUSTIC_MEL, CONTENT_MEL, band_edges, log_mel
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.models.acoustic.codec.model import silence_above
from yinse.engine.models.content.phonetic.alignment import (
    AlignedPhonemes,
    Timeline,
    forced_alignment,
    greedy_path,
    greedy_phonemes,
    timeline,
)
from yinse.engine.models.content.phonetic.model import FRAMES_PER_TOKEN
from yinse.engine.text.inventory import SILENCE, SYMBOL_IDS, SYMBOLS, is_spoken

PEAK = 0.7
"""Recordings are brought to this peak, as in training."""
SHORTEST_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance as the content encoder hears it.

    `tokens_S`; `scores_UV` log-probabilities of every symbol; `energy_U` mean log-mel at that rate.
    """

    tokens_S: npt.NDArray[np.int64]
    scores_UV: npt.NDArray[np.float32]
    energy_U: npt.NDArray[np.float32]

    def phonemes(self) -> list[str]:
        """The phonemes recognised without knowing the text."""
        return [SYMBOLS[index] for index in greedy_phonemes(self.scores_UV)]


def level(waveform: Waveform) -> Waveform:
    """Bring the peak to what training used."""
    peak = float(np.abs(waveform.samples).max(initial=0.0))
    return Waveform(waveform.samples * np.float32(PEAK / max(peak, 1e-4)), waveform.rate)


def content_mel(waveform: Waveform) -> Tensor:
    """Log-mel for content and speaker models: (1, bands, frames)."""
    narrow = resample(waveform, CONTENT_MEL.rate)
    return log_mel(torch.from_numpy(narrow.samples)[None], CONTENT_MEL)


@torch.inference_mode()
def hear(models: BaseModels, waveform: Waveform, *, speed: float = 1.0) -> Heard:
    """Tokens and phoneme scores of an utterance of at least 0.3 s.

    Of speech that was made `speed` times as fast as it is drawn, the spectrogram is drawn out again: nobody taught the
    recogniser such a pace.
    """
    mel = content_mel(waveform)
    if speed != 1.0:
        frames = max(round(mel.shape[2] * speed), FRAMES_PER_TOKEN)
        mel = torch.nn.functional.interpolate(mel, frames, mode="linear")
    content = models.content(mel, torch.tensor([mel.shape[2]]), torch.tensor([False]))
    tokens = content.tokens_BT[0].numpy()
    scores = content.logits_BUV[0].float().log_softmax(-1).numpy()
    energy = mel[0, :, : FRAMES_PER_TOKEN * len(tokens)].mean(0).reshape(-1, 2).mean(1).numpy()
    return Heard(tokens, scores, energy)


@torch.inference_mode()
def embed_speaker(models: BaseModels, waveforms: list[Waveform]) -> npt.NDArray[np.float32]:
    """Unit speaker embedding over several recordings: (E,)."""
    rows = []
    for waveform in waveforms:
        mel = content_mel(waveform)
        rows.append(models.speaker(mel, torch.tensor([mel.shape[2]]))[0])
    return torch.nn.functional.normalize(torch.stack(rows).mean(0), dim=0).numpy()


@torch.inference_mode()
def encode_latents(
    models: BaseModels, waveform: Waveform, tokens: int, bandwidth: float
) -> npt.NDArray[np.float16]:
    """Latent means of an utterance, cut or padded to whole tokens: (F, D), F = 4 tokens."""
    full = torch.from_numpy(resample(waveform, ACOUSTIC_MEL.rate).samples)
    needed = tokens * FRAMES_PER_TOKEN * ACOUSTIC_MEL.hop
    full = torch.nn.functional.pad(full, (0, max(0, needed - len(full))))[:needed]
    edges = torch.from_numpy(band_edges(ACOUSTIC_MEL)[2:]).float()
    mel = silence_above(log_mel(full[None], ACOUSTIC_MEL), edges, torch.tensor([bandwidth]))
    return models.posterior(mel).mean_BDF[0].T.numpy().astype(np.float16)  # type: ignore[no-any-return]


def place(heard: Heard, symbols: list[str] | None) -> tuple[Timeline, AlignedPhonemes] | None:
    """Lay a known text, or failing that the recognised phonemes, over an utterance; None if neither fits."""
    if symbols is None:
        aligned = greedy_path(heard.scores_UV)
        ids = greedy_phonemes(heard.scores_UV)
    else:
        ids = [SYMBOL_IDS[symbol] for symbol in symbols]
        spoken_ids = [i for i, symbol in zip(ids, symbols, strict=True) if is_spoken(symbol)]
        aligned = forced_alignment(heard.scores_UV, spoken_ids)
    if aligned is None:
        return None
    spoken = [is_spoken(SYMBOLS[index]) for index in ids]
    pause = SYMBOL_IDS[SILENCE]
    return timeline(ids, spoken, aligned, heard.energy_U, len(heard.tokens_S), pause), aligned
