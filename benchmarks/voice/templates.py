"""Which recording of another speaker says the same? Cepstra under dynamic time warping, knowing no language.

Each sentence is held against natural recordings of all sentences by someone else; the nearest is the one
heard. It needs neither a dictionary nor a trained model, so nothing of ours can have leaked into it.

Legend: N templates, I frames of the speech, J frames of the longest template, D coefficients.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from scipy.fft import dct

from benchmarks.voice.identification import Identification
from benchmarks.voice.sounds import at_rate
from yinse.engine.audio.mel import CONTENT_MEL, log_mel
from yinse.engine.audio.waveform import Waveform

COEFFICIENTS = 20
THINNING = 2
"""Every second mel frame is enough to warp."""
QUIET = 4.0
"""Frames whose mean log energy lies this far below the loud ones are pauses, no part of what was said."""

Frames = npt.NDArray[np.float32]
"""Cepstral frames of unit length (T, D)."""


def cepstra(waveform: Waveform) -> Frames:
    """Mel cepstra and their slopes, normalised over the utterance, pauses left out."""
    samples = at_rate(waveform, CONTENT_MEL.rate)
    mel = log_mel(torch.from_numpy(samples)[None], CONTENT_MEL)[0].T.numpy()[::THINNING]
    energy = mel.mean(1)
    loud = mel[energy > np.percentile(energy, 95) - QUIET]
    frames = dct(loud, norm="ortho", axis=1)[:, 1 : COEFFICIENTS + 1]
    frames = (frames - frames.mean(0)) / (frames.std(0) + 1e-3)
    both = np.concatenate([frames, 2 * np.gradient(frames, axis=0)], 1)
    return np.asarray(both / (np.linalg.norm(both, axis=1, keepdims=True) + 1e-6), np.float32)


def warped_distances(speech: Frames, templates: Sequence[Frames]) -> npt.NDArray[np.float64]:
    """Distance of the speech to each template (N,), infinite where one is over twice as long as the other.

    Symmetric warping with slopes between one half and two (Sakoe and Chiba 1978, P = 1), cosine distance.
    """
    lengths = np.array([len(template) for template in templates])
    padded = np.zeros((len(templates), lengths.max(), speech.shape[1]), np.float32)
    for template, row in zip(templates, padded, strict=True):
        row[: len(template)] = template
    local_INJ = 1.0 - np.einsum("id,njd->inj", speech, padded)
    edge = np.full(
        (len(templates), 2), np.inf
    )  # two columns and two rows before the first: nothing starts there
    before = older = np.full((len(templates), lengths.max() + 2), np.inf)
    previous = np.full(local_INJ.shape[1:], np.inf)
    for i, here in enumerate(local_INJ):
        diagonal = before[:, 1:-1] + 2 * here
        across = before[:, :-2] + 2 * np.concatenate([edge[:, :1], here[:, :-1]], 1) + here
        down = older[:, 1:-1] + 2 * previous + here
        best = np.minimum(np.minimum(diagonal, across), down)
        if i == 0:
            best[:, 0] = 2 * here[:, 0]
        older, before, previous = before, np.concatenate([edge, best], 1), here
    ends = before[np.arange(len(templates)), lengths + 1]
    return np.asarray(ends / (len(speech) + lengths))


def match(waveforms: Sequence[Waveform], templates: Sequence[Waveform]) -> Identification:
    """Hold every waveform against every template; waveform i and template i say the same."""
    if len(waveforms) != len(templates):
        raise ValueError(f"{len(waveforms)} waveforms for {len(templates)} templates")
    models = [cepstra(template) for template in templates]
    return Identification(tuple(nearest(cepstra(waveform), models) for waveform in waveforms))


def nearest(speech: Frames, templates: Sequence[Frames]) -> int | None:
    """Index of the nearest template, None when no template can be warped onto the speech."""
    distances = warped_distances(speech, templates)
    return int(np.argmin(distances)) if np.isfinite(distances).any() else None
