"""OpenJTalk behind one function: Japanese text to phones with pitch, each with the characters it came from.

Pitch is the Tokyo accent read off the full-context labels: a mora is high between the accent phrase's rise and its
nucleus, low elsewhere.
"""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Final

from yinse.engine.text.inventory import JA_VOWELS

_MORAIC: Final = frozenset(JA_VOWELS)


@dataclass(frozen=True, slots=True)
class Phone:
    """One OpenJTalk phone: inventory symbol, characters [start, end) and whether an accent phrase ends after it."""

    symbol: str
    start: int
    end: int
    high: bool
    ends_phrase: bool = False


@cache
def _openjtalk() -> ModuleType:
    """Import pyopenjtalk once; its notice about an optional package goes to stdout and is dropped."""
    with contextlib.redirect_stdout(io.StringIO()):
        import pyopenjtalk
        import pyopenjtalk.yomi_model.nani_predict
    return pyopenjtalk


def phones(text: str) -> list[Phone]:
    """Read Japanese text without pauses; marks and unreadable characters give no phones."""
    return list(_phones(text)) if text else []


def _phones(text: str) -> Iterator[Phone]:
    openjtalk = _openjtalk()
    pending: Phone | None = None
    for word in openjtalk.g2p_mapping_prosody(text, predict_nani=False):
        start, end = word["char_span"]
        for item in word["phonemes"]:
            if item["kind"] == "AccentPhraseBoundary" and pending is not None:
                pending = Phone(pending.symbol, pending.start, pending.end, pending.high, ends_phrase=True)
            if item["kind"] != "Phoneme" or item["phoneme"] in ("sp", "unk", "pau"):
                continue
            if pending is not None:
                yield pending
            high = item["pitch"] == "High"
            symbol = f"ja/{item['phoneme']}{int(high)}" if item["phoneme"] in _MORAIC else f"ja/{item['phoneme']}"
            pending = Phone(symbol, start, end, high)
    if pending is not None:
        yield pending
