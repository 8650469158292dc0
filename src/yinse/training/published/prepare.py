"""Recordings and texts to what training sees; what cannot be used is reported, what was made of the same is kept."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from yinse.contracts.errors import InvalidInput
from yinse.engine.audio.decode import decode
from yinse.engine.audio.features import windowed_sinc
from yinse.engine.audio.resample import resample
from yinse.engine.audio.waveform import Waveform
from yinse.engine.models.layers.published.tokenizer import ContentTokenizer
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.symbols import SymbolTable
from yinse.engine.voice.published.conditioning import RATE as LISTENING_RATE
from yinse.engine.voice.published.conditioning import Conditioning
from yinse.engine.voice.published.reading import read
from yinse.training.published.items import RATE, SUFFIX, Item, save_item, source_of
from yinse.training.published.listing import Line, Listing

SHORTEST: Final = 0.1
"""Seconds. HuBERT needs 45 ms for a token, and cannot be asked about less."""
LOUDEST: Final = 2.2
"""Recordings whose peak is higher are broken."""
PEAK: Final = 0.95
ENVELOPE: Final = 0.5
"""Share of the signal brought to `PEAK`; the rest stays as loud as it was."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What reads and listens. The speaker embedding is made where `conditioning` has a model for it."""

    frontend: TextFrontend
    symbols: SymbolTable
    conditioning: Conditioning
    tokenizer: ContentTokenizer


def prepare(
    listing: Listing, tools: Tools, folder: Path, progress: Callable[[int], None] = lambda _: None
) -> Listing:
    """Write an item for every line; returns the lines that have one, with further problems.

    Raises `InvalidInput` when none has.
    """
    reasons: dict[int, str] = {}
    for count, line in enumerate(listing.lines, 1):
        try:
            made_of = _source(line, tools)
            if source_of(folder / (line.name + SUFFIX)) != made_of:
                save_item(item_of(line, tools), folder, made_of)
        except InvalidInput as error:
            reasons[line.number] = error.message
        progress(count)
    usable = listing.without(reasons)
    if not usable.lines:
        raise InvalidInput(usable.report(), code="empty_list")
    return usable


@torch.inference_mode()
def item_of(line: Line, tools: Tools) -> Item:
    """Prepare one recording. Raises `InvalidInput`, `AudioUnreadable`."""
    waveform = levelled(resample(decode(line.path), RATE))
    if waveform.seconds < SHORTEST:
        raise InvalidInput(f"the recording lasts {waveform.seconds:.2f} s, too short to hear anything in it")
    reading = read(tools.frontend.analyse(line.text, line.language), tools.symbols, tools.conditioning.text)
    heard = torch.from_numpy(resample(waveform, LISTENING_RATE).samples)
    tokens = tools.tokenizer(tools.conditioning.content(heard))[0]
    samples = torch.from_numpy(waveform.samples)
    speaker = None
    if tools.conditioning.speaker is not None:
        speaker = tools.conditioning.speaker(windowed_sinc(samples[None], RATE, LISTENING_RATE)[0])[0]
    return Item(line.name, reading.phones_L, reading.features_EL, tokens, samples, speaker)


def _source(line: Line, tools: Tools) -> str:
    """Digest of what an item is made of: a corrected text or another recording of the same name makes another item."""
    wanted = [line.language, line.text, tools.conditioning.speaker is not None]
    try:
        return hashlib.sha256(json.dumps(wanted).encode() + line.path.read_bytes()).hexdigest()
    except OSError as error:
        raise InvalidInput(f"the recording cannot be read: {error.strerror}") from error


def levelled(waveform: Waveform) -> Waveform:
    """Half the signal as it is, half brought to a peak of 0.95: loudness differs less, but still differs."""
    peak = float(abs(waveform.samples).max()) if len(waveform.samples) else 0.0
    if peak == 0.0:
        raise InvalidInput("the recording is silent")
    if peak > LOUDEST:
        raise InvalidInput(f"the recording's peak is {peak:.1f}, far above full scale")
    gain = ENVELOPE * PEAK / peak + (1 - ENVELOPE)
    return Waveform(waveform.samples * gain, waveform.rate)
