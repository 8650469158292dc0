"""Japanese training speech where no recording is at hand: OpenJTalk's own synthetic voice reads our sentences.

The voice ("mei", HTS, CC BY, shipped in pyopenjtalk-plus) says any text, so it can teach what text sounds like. It is
no person's voice; every sentence is read at several pitches and speeds, each named as a speaker `openjtalk_*`.
"""

from collections.abc import Collection, Iterator
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from yinse.corpus.build import Analysed, analyse_samples
from yinse.corpus.writer import StoreWriter

SHARD: Final = "openjtalk"
VARIANTS: Final = ((0.0, 1.0), (-5.0, 0.9), (4.0, 1.1))
"""Pitch in half tones and speed of each reading."""


def sentences() -> list[str]:
    """The sentences that are read, one a line."""
    text = resources.files("yinse.corpus").joinpath("data/ja_sentences.txt").read_text("utf-8")
    return [line.strip() for line in text.splitlines() if line.strip()]


def readings(known: Collection[str] = ()) -> Iterator[tuple[str, str, str, npt.NDArray[np.float32], int]]:
    """Yield id, speaker, text, samples and rate of every sentence in every variant, but for the known ids."""
    import pyopenjtalk

    number = 0
    for half_tone, speed in VARIANTS:
        speaker = f"{SHARD}_{half_tone:+.0f}"
        for text in sentences():
            name, number = f"{SHARD}-{number:05d}", number + 1
            if name in known:
                continue
            labels = pyopenjtalk.make_label(pyopenjtalk.run_frontend(text, predict_nani=False))
            samples, rate = pyopenjtalk.synthesize(labels, speed, half_tone)
            yield name, speaker, text, (samples / 32768.0).astype(np.float32), rate


def append_japanese(folder: Path) -> int:
    """Add the readings that a store does not have yet; returns how many were added."""
    added = 0
    with StoreWriter(folder) as writer:
        for name, speaker, text, samples, rate in readings({entry.id for entry in writer.entries}):
            result = analyse_samples(samples, rate)
            if isinstance(result, Analysed):
                split = "valid" if int(name[-5:]) % 50 == 49 else "train"
                writer.add(name, text, speaker, "ja", rate, split, SHARD, result.audio, result.mel)
                added += 1
    return added
