"""What the benchmark asks of a system that speaks: plain callables, so that any system can be measured."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from benchmarks.voice.fidelity import Resynthesise
from benchmarks.voice.phonemes import Phonemise, Recognise
from yinse.engine.audio.waveform import Waveform

Voice = Any
"""Whatever the system makes of a recording; the benchmark only hands it back."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One utterance of a speaker with its transcript and language."""

    waveform: Waveform
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class System:
    """A system under test. What it cannot do is None, and its rows are missing from the table."""

    name: str
    enrol: Callable[[Sequence[Recording]], Voice]
    speak: Callable[[str, str, Voice, int], Waveform]
    """Text, language, voice, seed -> speech."""
    adapt: Callable[[Voice, Sequence[Recording]], Voice] | None = None
    recognise: Recognise | None = None
    phonemise: Phonemise | None = None
    resyntheses: Mapping[str, Resynthesise] | None = None
    """Named ways through parts of the system, such as `decoder` or `tokens`."""
    stream: Callable[[str, str, Voice, int], Iterator[Waveform]] | None = None
    stages: Mapping[str, tuple[Any, str]] | None = None
    """Stage -> (owner, name of its function): what the stopwatch wraps."""


def load_system(factory: str) -> System:
    """Call `module:function` and return the system it makes."""
    module, _, attribute = factory.partition(":")
    system = getattr(import_module(module), attribute)()
    if not isinstance(system, System):
        raise TypeError(f"{factory} made a {type(system).__name__}, not a System")
    return system
