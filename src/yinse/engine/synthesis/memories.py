"""What the acoustic model remembers of the voices that spoke last, so that not every request digests a reference anew."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from threading import RLock
from typing import Final
from weakref import ReferenceType, ref

from yinse.engine.models.acoustic.sovits.condition import Voice
from yinse.engine.voice.prompt import VoicePrompt

MOST: Final = 8
"""Voices that are remembered: twice as many as two cores speak at once. A minute of reference takes 6 MB."""


class VoiceMemories:
    """Digested references of prompts that somebody holds; several threads may ask at once.

    A minute takes a tenth of a second to digest, as long as everything else before the first sound. The voice that spoke longest
    ago goes first; a prompt that is dropped everywhere else is forgotten here at the same moment.
    """

    def __init__(self, digest: Callable[[VoicePrompt], Voice], most: int = MOST) -> None:
        self._digest, self._most = digest, most
        self._held: OrderedDict[int, tuple[ReferenceType[VoicePrompt], Voice]] = OrderedDict()
        # The last reference to another prompt may go while this one is looked up: the same thread then forgets it.
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._held)

    def of(self, prompt: VoicePrompt) -> Voice:
        """The digested reference of a prompt. Threads that ask for a new voice together may each digest it."""
        key = id(prompt)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key][1]
        voice = self._digest(prompt)
        with self._lock:
            self._held[key] = ref(prompt, partial(self._forget, key)), voice
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return voice

    def _forget(self, key: int, _: object) -> None:
        with self._lock:
            self._held.pop(key, None)
