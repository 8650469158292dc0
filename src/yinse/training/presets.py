"""Preset voices that ship with the weights, built from openly licensed speakers of the corpus."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from yinse.contracts.errors import NotFound
from yinse.corpus.entry import FULL_BAND, Entry
from yinse.corpus.store import CorpusStore
from yinse.engine.audio.files import write_atomic
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import BaseModels
from yinse.engine.checkpoints.bundled import CARD_FILE, VOICE_FILE
from yinse.engine.synthesis.pace import at_own_pace
from yinse.engine.text.phonemise import phonemise
from yinse.engine.voice.enrol import Slice, build_prompt
from yinse.engine.voice.home import VoiceCard, card_bytes
from yinse.engine.voice.prompt import VoicePrompt
from yinse.training.parts.codec import trusted_bandwidth

SECONDS: Final = 12.0
SLICE_SECONDS: Final = (1.5, 9.0)


@dataclass(frozen=True, slots=True)
class Preset:
    """A voice that ships: its name, the corpus speaker it comes from, and the attribution its licence asks for."""

    name: str
    speaker: str
    source: str


PRESETS: Final = (
    Preset("kathleen", "kathleen", "CC0, rhasspy/dataset-voice-kathleen"),
    Preset("yue", "cmn_yue_tan", "CC BY-SA, Yue Tan in hugolpz/audio-cmn"),
    Preset("beibei", "aishell_S0150", "Apache-2.0, speaker S0150 of AISHELL-1 (OpenSLR 33)"),
    Preset(
        "mei", "openjtalk_+0", "CC BY, the synthetic voice mei of MMDAgent, as shipped in pyopenjtalk-plus"
    ),
)


def write_presets(store: CorpusStore, models: BaseModels, target: Path) -> list[str]:
    """Write every preset voice into `target/<name>/` and return the names."""
    for preset in PRESETS:
        entries = choose(store, preset.speaker)
        slices = [_slice(store, entry) for entry in entries]
        prompt = build_prompt(models, slices, bandwidth=min(trusted_bandwidth(entry) for entry in entries))
        prompt = at_own_pace(models.semantic, prompt)
        folder = target / preset.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / VOICE_FILE).write_bytes(prompt.to_bytes())
        seconds = sum(entry.seconds for entry in entries)
        card = VoiceCard(
            preset.name,
            date.today().isoformat(),
            round(seconds, 1),
            "good",
            (entries[0].lang,),
            preset.source,
            preset=True,
        )
        (folder / CARD_FILE).write_bytes(card_bytes(card))
    return [preset.name for preset in PRESETS]


def restamp_presets(target: Path, revision: str) -> list[str]:
    """Let the preset voices in `target` name new weights; right where what made them, all but the decoder, stayed."""
    files = sorted(target.glob(f"*/{VOICE_FILE}"))
    for file in files:
        prompt = VoicePrompt.from_bytes(file.read_bytes())
        write_atomic(file, replace(prompt, revision=revision).to_bytes())
    return [file.parent.name for file in files]


def choose(store: CorpusStore, speaker: str) -> list[Entry]:
    """About `SECONDS` of transcribed utterances of moderate length, evenly out of all there are."""
    shortest, longest = SLICE_SECONDS
    fitting = [
        e for e in store.entries if e.speaker == speaker and e.text and shortest <= e.seconds <= longest
    ]
    if not fitting:
        raise NotFound(f"the corpus has no usable utterance of {speaker}")
    count = max(1, round(SECONDS * len(fitting) / sum(entry.seconds for entry in fitting)))
    return fitting[:: max(1, len(fitting) // count)][:count]


def _slice(store: CorpusStore, entry: Entry) -> Slice:
    samples = store.audio(entry).numpy()
    return Slice(Waveform(samples, FULL_BAND), phonemise(entry.text or "", entry.lang))
