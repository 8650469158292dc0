"""Whose voice is it? An independent speaker encoder (`resemblyzer`) picks among enrolled strangers."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.voice.figures import Figure, mean, share
from benchmarks.voice.sounds import at_rate
from yinse.engine.audio.waveform import Waveform

Embedding = npt.NDArray[np.float32]
"""Unit vector (D,)."""

Embed = Callable[[Waveform], Embedding]
"""A waveform to its speaker embedding."""


def resemblyzer() -> Embed:
    """The encoder of Wan et al. 2018 (GE2E) as `resemblyzer` ships it, with its own trimming."""
    with warnings.catch_warnings():  # it imports pkg_resources and a deprecated scipy namespace
        warnings.simplefilter("ignore")
        from resemblyzer import VoiceEncoder, preprocess_wav

    encoder = VoiceEncoder("cpu", verbose=False)

    def embed(waveform: Waveform) -> Embedding:
        speech = preprocess_wav(at_rate(waveform), source_sr=None)
        return np.asarray(encoder.embed_utterance(speech), np.float32)

    return embed


@dataclass(frozen=True, slots=True)
class Trial:
    """One piece of speech held against every enrolled voice."""

    truth: str
    cosines: Mapping[str, float]

    @property
    def chosen(self) -> str:
        """The enrolled voice nearest to the piece."""
        return max(self.cosines, key=self.cosines.__getitem__)


@dataclass(frozen=True, slots=True)
class Likeness:
    """All trials of a set of voices."""

    trials: tuple[Trial, ...]

    @property
    def top1(self) -> Figure:
        """Share of pieces whose nearest enrolled voice is their own."""
        return share([trial.chosen == trial.truth for trial in self.trials])

    @property
    def cosine(self) -> Figure:
        """Mean cosine between a piece and its own enrolled voice."""
        return mean([trial.cosines[trial.truth] for trial in self.trials])

    @property
    def wrong_speaker(self) -> Figure:
        """Mean cosine between a piece and the voices of others: the floor."""
        others = ([c for name, c in t.cosines.items() if name != t.truth] for t in self.trials)
        return mean([float(np.mean(cosines)) for cosines in others])


def enrol(recordings: Mapping[str, Sequence[Waveform]], embed: Embed) -> dict[str, Embedding]:
    """One embedding a voice: the direction of the mean over its recordings."""
    return {name: unit(np.mean([embed(part) for part in parts], 0)) for name, parts in recordings.items()}


def unit(vector: Embedding) -> Embedding:
    """The vector scaled to length one."""
    return vector / np.float32(np.linalg.norm(vector))


def compare(
    pieces: Mapping[str, Sequence[Waveform]], enrolled: Mapping[str, Embedding], embed: Embed
) -> Likeness:
    """Hold every piece of every voice against all enrolled voices."""
    trials = []
    for name, waveforms in pieces.items():
        for waveform in waveforms:
            heard = embed(waveform)
            cosines = {other: float(heard @ embedding) for other, embedding in enrolled.items()}
            trials.append(Trial(name, cosines))
    return Likeness(tuple(trials))
