"""The training port over fine-tuning in this process; here, for serving and training are siblings."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from yinse.contracts.enrolment import Adapted, AdaptRequest, Progress, TrainingEvent
from yinse.serving.material import one_chunk
from yinse.serving.replica import Replica

if TYPE_CHECKING:
    from yinse.training.adapt import AdaptOutcome

_IN_MEMORY = Path("/dev/shm")
_REPORT_SECONDS = 1.0


class LocalTraining:
    """Fine-tunes one voice at a time; what it writes meanwhile lies in a memory-backed folder."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._one = asyncio.Lock()

    async def adapt(self, request: AdaptRequest) -> AsyncIterator[TrainingEvent]:
        """Yield progress, then the outcome. A job that is tried again goes on in the folder it left."""
        folder = working_folder(request.adapter.object_id)
        recordings = [await self._replica.material.fetch(request.voice, ref) for ref in request.recordings]
        done = 0

        def progress(step: int) -> None:
            nonlocal done
            done = step

        async with self._one:
            running = asyncio.create_task(
                asyncio.to_thread(_adapt, self._replica, recordings, folder, request.steps, progress)
            )
            while not running.done():
                await asyncio.wait({running}, timeout=_REPORT_SECONDS)
                yield Progress(min(0.99, done / request.steps))
            outcome = running.result()
        size = 0
        if outcome.kept:
            weights = (folder / "adapter.safetensors").read_bytes()
            replica, chain = self._replica, request.voice.keys
            size = await replica.keyring.put(replica.blobs, chain, request.adapter, one_chunk(weights))
        shutil.rmtree(folder)
        yield Adapted(outcome.kept, outcome.before, outcome.after, size)


def working_folder(name: str) -> Path:
    """A private folder of this job, in memory where the system has such."""
    base = _IN_MEMORY if _IN_MEMORY.is_dir() else Path(tempfile.gettempdir())
    folder = base / f"yinse-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _adapt(
    replica: Replica, recordings: list[bytes], folder: Path, steps: int, progress: Callable[[int], None]
) -> "AdaptOutcome":
    from yinse.engine.audio.decode import decode
    from yinse.engine.checkpoints.base import load_base
    from yinse.serving.enrolment import prepare_all
    from yinse.training.adapt import adapt

    models = load_base(replica.options.weights)
    slices, bandwidth = prepare_all(models, [decode(recording) for recording in recordings])
    target, work = folder / "adapter.safetensors", folder / "work"
    return adapt(models, slices, bandwidth, target, work, steps=steps, progress=progress)
