"""No voice in another's mouth: two hundred interleaved requests against each alone, and against the people."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.load.house import House
from benchmarks.load.listener import RATE, Heard, Voice, listen
from benchmarks.load.phases import TEXTS, connected
from benchmarks.voice.likeness import Embed, unit
from yinse.engine.audio.waveform import Waveform

REQUESTS = 200
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Isolation:
    """How many answers were bit-identical to the same request alone, and whom each was nearest to.

    `matrix` holds the mean cosine of what was spoken in each voice (rows) to each person (columns).
    """

    requests: int
    errors: int
    identical: int
    nearest_own: int
    people: tuple[str, ...]
    matrix: npt.NDArray[np.float64]

    @property
    def confused(self) -> dict[str, str]:
        """Who is nearest to what was spoken in a voice, where that is not its own person: the rows off the diagonal."""
        nearest = self.matrix.argmax(1)
        return {self.people[row]: self.people[column] for row, column in enumerate(nearest) if row != column}


async def interleaved(
    house: House, voices: Sequence[Voice], requests: int
) -> tuple[list[Heard], list[Heard]]:
    """Every request alone, one after the other, then all in one shuffled crowd; both in the order of the requests.

    Each has its own sentence and its own seed, the voices take turns.
    """
    shuffled = list(range(requests))
    random.Random(5).shuffle(shuffled)
    room = asyncio.Semaphore(AT_ONCE)

    async with connected(house) as client:

        async def ask(number: int) -> Heard:
            turn, voice = divmod(number, len(voices))
            async with room:
                return await listen(
                    client, voices[voice], TEXTS[turn % len(TEXTS)], 100 + number, keep=True, wait=False
                )

        alone = [await ask(number) for number in range(requests)]
        crowd = dict(zip(shuffled, await asyncio.gather(*map(ask, shuffled)), strict=True))
    return alone, [crowd[number] for number in range(requests)]


def judged(
    alone: Sequence[Heard], crowd: Sequence[Heard], recordings: Mapping[str, Waveform], embed: Embed
) -> Isolation:
    """Compare bits with each alone, and voices with people by an independent speaker encoder."""
    names = tuple(recordings)
    known = np.stack([embed(recordings[name]) for name in names])
    rows = {name: list[npt.NDArray[np.float64]]() for name in names}
    nearest = identical = 0
    for before, heard in zip(alone, crowd, strict=True):
        if heard.code:
            continue
        samples = np.frombuffer(heard.pcm, "<i2").astype(np.float32) / np.float32(32768)
        cosines = (known @ unit(embed(Waveform(samples, RATE)))).astype(np.float64)
        rows[heard.person].append(cosines)
        nearest += names[int(cosines.argmax())] == heard.person
        identical += heard.digest == before.digest
    matrix = np.stack([np.mean(rows[name], 0) for name in names])
    return Isolation(len(crowd), sum(bool(heard.code) for heard in crowd), identical, nearest, names, matrix)
