"""No voice in another's mouth: two hundred interleaved requests against each alone, and against the people."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.load.house import House
from benchmarks.load.listener import RATE, Heard, Voice, listen
from benchmarks.load.phases import connected
from benchmarks.voice.likeness import Embed, unit
from yinse.engine.audio.waveform import Waveform

TEXT = "Whoever speaks this sentence should sound like nobody but themselves, however many speak at once."
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
    def diagonal(self) -> bool:
        """Whether every row is highest at its own person."""
        return bool((self.matrix.argmax(1) == np.arange(len(self.people))).all())


async def interleaved(
    house: House, voices: Sequence[Voice], requests: int
) -> tuple[list[Heard], list[Heard]]:
    """Each voice alone, then all in one shuffled crowd of requests, as fast as they come."""
    order = [number % len(voices) for number in range(requests)]
    random.Random(5).shuffle(order)
    room = asyncio.Semaphore(AT_ONCE)

    async with connected(house) as client:

        async def ask(number: int) -> Heard:
            async with room:
                return await listen(client, voices[number], TEXT, 100 + number, keep=True, wait=False)

        alone = [await ask(number) for number in range(len(voices))]
        crowd = await asyncio.gather(*(ask(number) for number in order))
    return alone, list(crowd)


def judged(
    alone: Sequence[Heard], crowd: Sequence[Heard], recordings: Mapping[str, Waveform], embed: Embed
) -> Isolation:
    """Compare bits with each alone, and voices with people by an independent speaker encoder."""
    expected = {heard.person: heard.digest for heard in alone}
    names = tuple(recordings)
    known = np.stack([embed(recordings[name]) for name in names])
    embedded = {}
    answered = [heard for heard in crowd if not heard.code]
    for heard in answered:
        if heard.digest not in embedded:
            samples = np.frombuffer(heard.pcm, "<i2").astype(np.float32) / np.float32(32768)
            embedded[heard.digest] = unit(embed(Waveform(samples, RATE)))
    rows = {name: list[npt.NDArray[np.float64]]() for name in names}
    nearest = 0
    for heard in answered:
        cosines = (known @ embedded[heard.digest]).astype(np.float64)
        rows[heard.person].append(cosines)
        nearest += names[int(cosines.argmax())] == heard.person
    matrix = np.stack([np.mean(rows[name], 0) for name in names])
    identical = sum(heard.digest == expected[heard.person] for heard in answered)
    return Isolation(len(crowd), len(crowd) - len(answered), identical, nearest, names, matrix)
