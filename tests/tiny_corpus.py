"""A corpus of a minute: buzzing vowels of three known speakers and two strangers, built by the real code."""

import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch

from yinse.corpus.build import build, heldout_speakers
from yinse.engine.text.inventory import SYMBOLS, is_spoken

VOWELS = tuple(symbol for symbol in SYMBOLS if is_spoken(symbol))[:6]
STRANGERS = tuple(sorted(heldout_speakers()))[:2]
PITCHES = {"ann": 210.0, "bob": 110.0, "cyd": 150.0, STRANGERS[0]: 130.0, STRANGERS[1]: 240.0}
NUMBERS = (0, 1, 2, 3, 49)
"""Running numbers of a speaker's utterances; the last one is of the validation split."""
VOWEL_SECONDS, EDGE_SECONDS = 0.12, 0.15
LANGUAGES = ("zh", "en", "ja")


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance: who says which vowels, recorded at `rate` Hz."""

    id: str
    speaker: str
    lang: str
    vowels: tuple[str, ...]
    rate: int

    def samples(self) -> np.ndarray:
        """Harmonics of the speaker's pitch under two formants a vowel, with quiet edges: (T,)."""
        noise = np.random.default_rng(len(self.id)).normal(0, 1e-4, round(2 * EDGE_SECONDS * self.rate))
        edge = noise.astype(np.float32)[: len(noise) // 2]
        return np.concatenate([edge, *(self._vowel(vowel) for vowel in self.vowels), edge])

    def _vowel(self, vowel: str) -> np.ndarray:
        index = VOWELS.index(vowel)
        time = np.arange(round(VOWEL_SECONDS * self.rate)) / self.rate
        frequency = PITCHES[self.speaker] * np.arange(1, 25)[:, None]
        formants = (250 + 130 * index, 900 + 450 * ((index * 2) % 5))
        weight = sum(np.exp(-(((frequency - centre) / 150) ** 2)) for centre in formants) + 0.01
        buzz = (weight * np.sin(2 * np.pi * frequency * time)).sum(0)
        return (0.1 * buzz * np.hanning(len(time)) ** 0.2).astype(np.float32)

    def row(self) -> dict[str, object]:
        """The manifest's row."""
        return {
            "id": self.id, "file": f"{self.id}.wav", "shard": f"{self.lang}.tar", "text": " ".join(self.vowels),
            "speaker": self.speaker, "lang": self.lang, "sample_rate": self.rate, "seconds": 1.0,
        }  # fmt: skip

    def wav(self) -> bytes:
        """The recording as a file."""
        buffer = io.BytesIO()
        soundfile.write(buffer, self.samples(), self.rate, format="WAV")
        return buffer.getvalue()


def sayings() -> list[Said]:
    """Every utterance, tar by tar, as the manifest lists them."""
    random = np.random.default_rng(3)
    said = []
    for place, speaker in enumerate(PITCHES):
        for number in NUMBERS:
            vowels = tuple(VOWELS[k] for k in random.integers(0, len(VOWELS), 9))
            rate = 44100 if speaker == "ann" else 16000
            name = f"tiny-{place * 50 + number:05d}"
            said.append(Said(name, speaker, LANGUAGES[place % 3], vowels, rate))
    return sorted(said, key=lambda one: LANGUAGES.index(one.lang))


def write_source(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    """Tars and their manifest; `files` replaces recordings by name."""
    folder.mkdir(parents=True, exist_ok=True)
    said = sayings()
    for language in LANGUAGES:
        with tarfile.open(folder / f"{language}.tar", "w") as archive:
            for one in said:
                if one.lang == language:
                    data = (files or {}).get(one.id, one.wav())
                    info = tarfile.TarInfo(f"{one.id}.wav")
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
    rows = "".join(json.dumps(one.row()) + "\n" for one in said)
    (folder / "manifest.jsonl").write_text(rows, "utf-8")
    return folder


def write_phonemes(folder: Path) -> None:
    """The vowels of every utterance, as the text frontend would have found them."""
    rows = (json.dumps({"id": one.id, "symbols": list(one.vowels)}) + "\n" for one in sayings())
    (folder / "phonemes.jsonl").write_text("".join(rows), "utf-8")


def make_store(folder: Path) -> Path:
    """A built and aligned store."""
    from yinse.corpus.align import align_store

    store = folder / "store"
    build(write_source(folder / "source"), store, processes=1)
    write_phonemes(store)
    align_store(store, rounds=6, share=1.0)
    return store


def annotate(folder: Path) -> None:
    """Tokens, timelines, speakers and mel frames by small models that were never trained."""
    from yinse.corpus.annotate import write_acoustic, write_speakers, write_timelines, write_tokens
    from yinse.corpus.store import CorpusStore
    from yinse.engine.models.content.phonetic.config import ContentConfig
    from yinse.engine.models.content.phonetic.model import ContentEncoder
    from yinse.engine.models.speaker.ecapa.config import EcapaConfig
    from yinse.engine.models.speaker.ecapa.model import EcapaTdnn

    torch.manual_seed(0)
    store = CorpusStore(folder)
    sizes = {"channels": 8, "hidden": 8, "heads": 2, "stem_depth": 1, "lower_depth": 1, "upper_depth": 1}
    write_acoustic(store)
    write_speakers(
        store, EcapaTdnn(EcapaConfig(channels=8, pooled=12, attention=4, squeeze=4, embedding=6)).eval()
    )
    write_tokens(store, ContentEncoder(ContentConfig(len(SYMBOLS), **sizes)).eval())
    write_timelines(store)
