"""Everything that ships as the base voice: six parts from finished runs, and the preset voices made with them."""

from pathlib import Path
from typing import Final

from yinse.corpus.silence import silent_tokens
from yinse.corpus.store import CorpusStore
from yinse.engine.checkpoints.base import load_base
from yinse.engine.checkpoints.bundle import Manifest, Prior
from yinse.training.export import RUN_OF, Source, export_bundle, export_decoder
from yinse.training.presets import restamp_presets, write_presets

DATA: Final = (
    "speechocean762 (CC BY 4.0)",
    "LibriSpeech, 254 speakers of train-clean (CC BY 4.0)",
    "CMU ARCTIC bdl, slt (free use with notice)",
    "rhasspy/dataset-voice-kathleen (CC0)",
    "PhilippMatthes/dc_tts recordings (Apache-2.0)",
    "Speech Commands sample (CC BY 4.0)",
    "AISHELL-1, two speakers (Apache-2.0 as published on OpenSLR 33)",
    "AISHELL-3, samples of 20 speakers (Apache-2.0)",
    "hugolpz/audio-cmn (CC BY-SA)",
    "DSPSpeech-20 (MIT)",
    "OpenJTalk's voice mei reading our own sentences (CC BY)",
)
"""What the weights were trained on, for the manifest; the model card says more."""

VOICES_FOLDER: Final = "voices"


def release(
    recipes: Path, runs: Path, store: Path, target: Path, prior: Prior = "diffusion"
) -> tuple[Manifest, list[str]]:
    """Write the bundle and its preset voices into `target`; each run lies in `runs/<recipe name>`."""
    sources = {name: Source(recipes / f"{name}.yaml", runs / name) for name in set(RUN_OF.values())}
    corpus = CorpusStore(store)
    manifest = export_bundle(sources, target, DATA, prior, silent=silent_tokens(corpus))
    voices = write_presets(corpus, load_base(target), target / VOICES_FOLDER)
    return manifest, voices


def release_decoder(recipes: Path, runs: Path, target: Path) -> tuple[Manifest, list[str]]:
    """Replace the decoder of the base voice in `target` by the one of `runs/decoder`; its voices stay as they are."""
    manifest = export_decoder(Source(recipes / "decoder.yaml", runs / "decoder"), target)
    return manifest, restamp_presets(target / VOICES_FOLDER, manifest.revision)
