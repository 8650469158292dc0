"""The voices that ship with the weights: anybody may speak in them. No models are loaded to know them."""

import json
import logging
from pathlib import Path
from typing import Any

from yinse.contracts.errors import NotFound
from yinse.contracts.speech import Preset
from yinse.engine.checkpoints.bundled import CARD_FILE, VOICE_FILE, default_weights
from yinse.serving.options import ServingOptions

log = logging.getLogger(__name__)


def presets_of(options: ServingOptions) -> tuple[Preset, ...]:
    """The presets of a bundle, by name. A damaged card is left out, and logged."""
    cards = sorted(_folder(options).glob(f"*/{CARD_FILE}"))
    return tuple(preset for card in cards if (preset := _preset(card)) is not None)


def read_preset(options: ServingOptions, name: str) -> bytes:
    """The plaintext of a preset's prompt. Raises `NotFound`."""
    if not any(preset.name == name for preset in presets_of(options)):
        raise NotFound("The weights that speak here have no such preset.")
    return (_folder(options) / name / VOICE_FILE).read_bytes()


def _folder(options: ServingOptions) -> Path:
    return (options.weights or default_weights()) / "voices"


def _preset(card: Path) -> Preset | None:
    try:
        about: dict[str, Any] = json.loads(card.read_text("utf-8"))
        return Preset(card.parent.name, tuple(about["languages"]), about["source"], about["grade"])
    except (OSError, ValueError, KeyError, TypeError):
        log.warning("the card of a preset cannot be read", extra={"fields": {"card": card.parent.name}})
        return None
