"""The training port over fine-tuning in this process; here, for serving and training are siblings."""

import asyncio
import math
import os
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

from yinse.contracts.enrolment import Adapted, AdaptRequest, Progress, TrainingEvent
from yinse.contracts.errors import YinseError
from yinse.contracts.refusals import Conflict
from yinse.contracts.speech import Failed
from yinse.serving.listening import require_bearable
from yinse.serving.material import one_chunk
from yinse.serving.replica import Replica

if TYPE_CHECKING:
    from yinse.training.adapt import AdaptOutcome

_IN_MEMORY = Path("/dev/shm")
_PREFIX = "yinse-adapt-"
_REPORT_SECONDS = 1.0
_ABANDONED_SECONDS = 24 * 3600.0


class _Stopped(Exception):
    """The training is no longer wanted."""


class _Course:
    """What the training thread and the loop that waits for it tell one another."""

    def __init__(self) -> None:
        self.done, self.stopped = 0, False

    def step(self, number: int) -> None:
        """Note a step; ends the thread once nobody wants its result."""
        if self.stopped:
            raise _Stopped
        self.done = number


class LocalTraining:
    """Fine-tunes one voice at a time; what it writes meanwhile lies in a memory-backed folder.

    The folder outlives a shutdown, so that a job that is tried again goes on where it was; it goes at once when
    the voice does or nobody asks for the events any more, and after a day in any case.
    """

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._one = asyncio.Lock()
        sweep(_ABANDONED_SECONDS)

    async def adapt(self, request: AdaptRequest) -> AsyncGenerator[TrainingEvent, None]:
        """Yield progress, then the outcome."""
        course, folder = _Course(), working_folder(request.adapter.object_id)
        with self._replica.watch(request.voice.voice_id) as gone:
            recordings = [
                await self._replica.material.fetch(request.voice, ref) for ref in request.recordings
            ]
            async with self._one:
                arguments = (self._replica, recordings, request, folder, course)
                running = asyncio.create_task(asyncio.to_thread(_adapt, *arguments))
                running.add_done_callback(_noticed)
                try:
                    while not running.done():
                        await asyncio.wait({running}, timeout=_REPORT_SECONDS)
                        course.stopped = gone.is_set()
                        yield Progress(min(0.99, course.done / request.steps))
                    outcome = running.result()
                    size = await self._kept(request, outcome, folder)
                except (_Stopped, YinseError) as error:
                    shutil.rmtree(folder)
                    yield _failed(error)
                    return
                except (GeneratorExit, asyncio.CancelledError) as end:
                    course.stopped = True
                    if isinstance(end, GeneratorExit) or gone.is_set():
                        await asyncio.wait({running})
                        shutil.rmtree(folder)
                    raise
                finally:
                    course.stopped = True
        shutil.rmtree(folder)
        yield Adapted(outcome.kept, likeness(outcome.before), likeness(outcome.after), size)

    async def _kept(self, request: AdaptRequest, outcome: "AdaptOutcome", folder: Path) -> int:
        if not outcome.kept:
            return 0
        weights = (folder / "adapter.safetensors").read_bytes()
        replica, chain = self._replica, request.voice.keys
        return await replica.keyring.put(replica.blobs, chain, request.adapter, one_chunk(weights))


def _noticed(running: "asyncio.Task[AdaptOutcome]") -> None:
    """Whoever gave up on a training need not hear how it ended."""
    if not running.cancelled():
        running.exception()


def likeness(loss: float) -> float:
    """A held-back loss as a figure that grows with likeness: 1 is perfect, 0 is nothing alike."""
    return round(math.exp(-loss), 4)


def _failed(error: Exception) -> Failed:
    if isinstance(error, YinseError):
        return Failed(error.code, error.message)
    return Failed(Conflict.code, "The voice was deleted, revoked or changed while it was adapted.")


def _base_folder() -> Path:
    return _IN_MEMORY if _IN_MEMORY.is_dir() else Path(tempfile.gettempdir())


def working_folder(name: str) -> Path:
    """A private folder of this job, in memory where the system has such."""
    folder = _base_folder() / f"{_PREFIX}{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def sweep(seconds: float) -> None:
    """Remove folders of jobs that nobody has gone on with for so long."""
    for folder in _base_folder().glob(f"{_PREFIX}*"):
        found = folder.stat()
        if found.st_uid == os.getuid() and time.time() - found.st_mtime > seconds:
            shutil.rmtree(folder)


def _adapt(
    replica: Replica, recordings: list[bytes], request: AdaptRequest, folder: Path, course: _Course
) -> "AdaptOutcome":
    from yinse.engine.audio.decode import decode
    from yinse.engine.audio.waveform import Waveform
    from yinse.engine.checkpoints.base import load_base
    from yinse.engine.text.frontend import TextFrontend
    from yinse.serving.enrolment import prepare_all
    from yinse.serving.words import lines_of
    from yinse.training.adapt import adapt

    models, waveforms = load_base(replica.options.weights), list[Waveform]()
    for recording in recordings:
        waveforms.append(decode(recording))
        require_bearable(waveforms)
    lines = lines_of(TextFrontend(), request.words, len(waveforms))
    slices, bandwidth = prepare_all(models, waveforms, lines)
    target, work = folder / "adapter.safetensors", folder / "work"
    return adapt(models, slices, bandwidth, target, work, steps=request.steps, progress=course.step)
