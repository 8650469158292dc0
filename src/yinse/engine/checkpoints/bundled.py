"""Where the weights lie that ship with the house."""

import os
from pathlib import Path
from typing import Final

import yinse

CARD_FILE: Final = "voice.json"
VOICE_FILE: Final = "voice.safetensors"
"""What the folder of a voice holds, a preset's too."""


def default_weights() -> Path:
    """Where the bundled weights lie: `YINSE_WEIGHTS`, or `weights/` of the source tree."""
    named = os.environ.get("YINSE_WEIGHTS")
    return Path(named) if named else Path(yinse.__file__).resolve().parents[2] / "weights"
