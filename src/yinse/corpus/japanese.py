"""Japanese training speech where no recording is at hand: OpenJTalk's own synthetic voice reads our sentences.

The voice ("mei", HTS, CC BY, shipped in pyopenjtalk-plus) says any text, so it can teach what text sounds like. It is
no person's voice; every sentence is read at several pitches and speeds, each named as a speaker `openjtalk_*`.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from yinse.corpus.build import AUDIO_FILE, MANIFEST_FILE, MEL_FILE, Entry, analyse_samples
from yinse.corpus.store import PITCH_FILE, CorpusStore

SHARD: Final = "openjtalk"
VARIANTS: Final = ((0.0, 1.0), (-5.0, 0.9), (4.0, 1.1))
"""Pitch in half tones and speed of each reading."""


def sentences() -> list[str]:
    """The sentences that are read, one a line."""
    text = resources.files("yinse.corpus").joinpath("data/ja_sentences.txt").read_text("utf-8")
    return [line.strip() for line in text.splitlines() if line.strip()]


def readings() -> Iterator[tuple[str, str, str, npt.NDArray[np.float32], int]]:
    """Yield id, speaker, text, samples and rate of every sentence in every variant."""
    import pyopenjtalk

    number = 0
    for half_tone, speed in VARIANTS:
        speaker = f"{SHARD}_{half_tone:+.0f}"
        for text in sentences():
            labels = pyopenjtalk.make_label(pyopenjtalk.run_frontend(text, predict_nani=False))
            samples, rate = pyopenjtalk.synthesize(labels, speed, half_tone)
            yield f"{SHARD}-{number:05d}", speaker, text, (samples / 32768.0).astype(np.float32), rate
            number += 1


def append_japanese(folder: Path) -> int:
    """Add the readings to a store that does not have them yet; returns how many were added."""
    entries = CorpusStore(folder).entries
    if any(entry.shard == SHARD for entry in entries):
        return 0
    sample = entries[-1].sample + entries[-1].samples
    frame = entries[-1].frame + entries[-1].frames
    rows: list[Entry] = []
    with (folder / AUDIO_FILE).open("ab") as audio_file, (folder / MEL_FILE).open("ab") as mel_file:
        for name, speaker, text, samples, rate in readings():
            analysed = analyse_samples(samples, rate)
            if analysed is None:
                continue
            audio, mel = analysed
            split = "valid" if int(name[-5:]) % 50 == 49 else "train"
            rows.append(
                Entry(name, text, speaker, "ja", rate, split, sample, len(audio), frame, len(mel), SHARD)
            )
            audio_file.write(audio.tobytes())
            mel_file.write(mel.tobytes())
            sample, frame = sample + len(audio), frame + len(mel)
    with (folder / MANIFEST_FILE).open("a", encoding="utf-8") as manifest_file:
        manifest_file.writelines(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    (folder / PITCH_FILE).unlink(missing_ok=True)
    return len(rows)
