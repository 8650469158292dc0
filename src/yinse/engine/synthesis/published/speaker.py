"""Any voice of the user, enrolled or imported, behind one small surface."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.published.options import PublishedOptions
from yinse.engine.synthesis.result import Speech, StreamEvent
from yinse.engine.voice.home import VoiceHome
from yinse.engine.voice.prompt import VoicePrompt
from yinse.engine.voice.published.prompt import PublishedPrompt
from yinse.engine.voice.published.store import is_published

if TYPE_CHECKING:
    from yinse.engine.checkpoints.published.precision import Precision
    from yinse.engine.synthesis.published.synthesizer import PublishedSynthesizer
    from yinse.engine.synthesis.synthesizer import Synthesizer


class Speaker(Protocol):
    """Models and a voice together: text in, speech out."""

    @property
    def rate(self) -> int:
        """Sample rate in Hz."""
        ...

    def speak(self, text: str, options: SpeechOptions) -> Speech:
        """Speak a text as a whole."""
        ...

    def stream(self, text: str, options: SpeechOptions) -> Iterator[StreamEvent]:
        """Speak a text as it is generated."""
        ...


def open_speaker(
    name: str,
    *,
    steps: int | None = None,
    compat: bool = False,
    precision: "Precision | None" = None,
    compiled: bool = False,
) -> Speaker:
    """Load what speaks in a voice. `steps` (of the flow of v3 and v4), `compat` and `precision` reach imported voices only.

    Without a precision it is the fast one, and the exact one for `compat`. `compiled` is for long texts (`Synthesizer.load`);
    it reaches voices of the base models only. Raises `NotFound`, `CorruptFile`.
    """
    home = VoiceHome()
    if is_published(home.folder(name)):
        from yinse.engine.synthesis.published.load import open_voice

        chosen = precision or ("fp32" if compat else "int8")
        return ImportedSpeaker(*open_voice(name, precision=chosen), steps, compat)
    from yinse.engine.synthesis.synthesizer import Synthesizer

    prompt = home.load(name).prompt
    return EnrolledSpeaker(Synthesizer.load(adapter=home.adapter(name), compiled=compiled), prompt)


@dataclass(frozen=True, slots=True)
class EnrolledSpeaker:
    """A voice of the base models."""

    synthesizer: "Synthesizer"
    prompt: VoicePrompt

    @property
    def rate(self) -> int:
        """Sample rate in Hz."""
        return self.synthesizer.rate

    def speak(self, text: str, options: SpeechOptions) -> Speech:
        """Speak a text as a whole."""
        return self.synthesizer.speak(text, self.prompt, options)

    def stream(self, text: str, options: SpeechOptions) -> Iterator[StreamEvent]:
        """Speak a text as it is generated."""
        return self.synthesizer.stream(text, self.prompt, options)


@dataclass(frozen=True, slots=True)
class ImportedSpeaker:
    """A published voice with its own models."""

    synthesizer: "PublishedSynthesizer"
    prompt: PublishedPrompt
    steps: int | None = None
    compat: bool = False

    @property
    def rate(self) -> int:
        """Sample rate in Hz."""
        return self.synthesizer.rate

    def speak(self, text: str, options: SpeechOptions) -> Speech:
        """Speak a text as a whole."""
        return self.synthesizer.speak(text, self.prompt, self._options(options))

    def stream(self, text: str, options: SpeechOptions) -> Iterator[StreamEvent]:
        """Speak a text as it is generated."""
        return self.synthesizer.stream(text, self.prompt, self._options(options))

    def _options(self, options: SpeechOptions) -> PublishedOptions:
        return replace(PublishedOptions.of(options), steps=self.steps, compat=self.compat)
