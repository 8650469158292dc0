"""Where the weights lie that ship with the house."""

import os
from pathlib import Path

import yinse


def default_weights() -> Path:
    """Where the bundled weights lie: `YINSE_WEIGHTS`, or `weights/` of the source tree."""
    named = os.environ.get("YINSE_WEIGHTS")
    return Path(named) if named else Path(yinse.__file__).resolve().parents[2] / "weights"
