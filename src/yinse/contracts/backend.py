"""Ports to the engine. A backend is told by id and epoch, holds plaintext only in memory, and can forget."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

from yinse.contracts.enrolment import (
    AdaptRequest,
    ConsentCheck,
    ConsentMatch,
    EnrolmentRequest,
    Examination,
    ReferenceRequest,
    Reselected,
    TrainingEvent,
)
from yinse.contracts.speech import SpeechEvent, SynthesisRequest


class SpeechBackend(Protocol):
    """Speaks. Closing the iterator early cancels the work (barge-in)."""

    def stream(self, request: SynthesisRequest) -> AsyncIterator[SpeechEvent]:
        """Yield chunks and timings, then exactly one `Finished` or `Failed`.

        Before the first event it may raise instead: `AtCapacity` when no slot is free, `InvalidInput` for a
        text that cannot be spoken, `Unsealable` or `NotFound` for a voice that is gone.
        """

    async def forget(self, voice_id: str) -> None:
        """Drop every cached plaintext of a voice and stop what speaks in it."""

    async def ready(self) -> bool:
        """Tell whether a request would be answered now."""

    def gauges(self) -> Mapping[str, float]:
        """Numbers for the metrics page: cache bytes by tier, streams, queue."""

    async def close(self) -> None:
        """Let go of threads and processes; nothing is asked afterwards."""


class EnrolmentBackend(Protocol):
    """Listens: recordings to a verdict and a sealed prompt, a spoken sentence to a consent match."""

    async def examine(self, request: EnrolmentRequest) -> Examination:
        """Judge recordings and, when accepted, write the sealed prompt. Raises `AudioUnreadable`."""

    async def verify_consent(self, check: ConsentCheck) -> ConsentMatch:
        """Compare words and speaker. Raises `AudioUnreadable`."""

    async def reselect(self, request: ReferenceRequest) -> Reselected:
        """Find the reference that speaks some texts best. Raises `InvalidInput` for what cannot be spoken."""

    async def embed(self, stretches: Sequence[bytes]) -> Sequence[Sequence[float]]:
        """Tell whose voice stretches of speech have: an embedding for each, in their order.

        Stretches are mono s16le at 16 kHz, 0.3 s and more; none only loads the models.
        """


class TrainingBackend(Protocol):
    """Adapts the base voice to one speaker."""

    def adapt(self, request: AdaptRequest) -> AsyncGenerator[TrainingEvent, None]:
        """Yield progress, then exactly one `Adapted` or `Failed`. Closing it early ends the work and forgets it.

        Resumes where the process was cut off.
        """


class CoachSession(Protocol):
    """One live recording; holds the audio of this take alone. Ask one thing at a time."""

    async def feed(self, pcm: bytes) -> None:
        """Take more mono signed 16-bit little-endian samples; a message may end in the middle of one."""

    async def report(self) -> Mapping[str, Any]:
        """Judge what was heard so far: level, clipping, SNR, spans, advice in zh/en/ja, progress 0..1."""

    async def finish(self) -> Mapping[str, Any]:
        """Judge all of it; may wait a moment for what takes longer."""

    async def close(self) -> None:
        """Let go of the take, finished or not."""


class CoachBackend(Protocol):
    """Opens live recording sessions."""

    def open(self, rate: int, language: str) -> CoachSession:
        """Start a take at `rate` Hz; in a thread, for the first one loads much code.

        Raises `InvalidInput` for a rate or language it does not know.
        """

    def sentences(self, language: str) -> tuple[str, ...]:
        """Return sentences to read aloud in guided mode."""
