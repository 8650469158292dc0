"""Everything needed to speak; importable alone."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yinse.engine.audio.waveform import Waveform
    from yinse.engine.synthesis.synthesizer import Synthesizer
    from yinse.engine.voice.home import Voice

__all__ = ["Synthesizer", "Voice", "Waveform"]

_PLACES = {
    "Synthesizer": "yinse.engine.synthesis.synthesizer",
    "Voice": "yinse.engine.voice.home",
    "Waveform": "yinse.engine.audio.waveform",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that importing the package stays cheap."""
    if name not in _PLACES:
        raise AttributeError(f"yinse.engine has no {name}")
    return getattr(import_module(_PLACES[name]), name)
