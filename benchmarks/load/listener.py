"""Somebody who asks for speech and listens to it while it comes."""

import asyncio
import hashlib
import time
from dataclasses import dataclass, field

import httpx

RATE = 44100
BYTES_A_SECOND = 2 * RATE


@dataclass(frozen=True, slots=True)
class Voice:
    """A ready voice and the credential of its owner."""

    person: str
    voice_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance as its listener had it: seconds to the first audio and to the last, seconds of audio.

    `dry` is for how many seconds the listener had nothing left to hear while more was to come. `code` is the
    problem's when it failed, else empty.
    """

    person: str
    first: float
    total: float
    audio: float
    dry: float
    digest: str
    code: str = ""
    pcm: bytes = field(default=b"", repr=False)


async def listen(
    client: httpx.AsyncClient, voice: Voice, text: str, seed: int, *, keep: bool = False, wait: bool = True
) -> Heard:
    """Ask for one utterance and hear it; `wait` stays until it would have been played to its end."""
    order = {
        "text": text,
        "voice": voice.voice_id,
        "format": "pcm",
        "controls": {"seed": seed},
        "store": False,
    }
    headers = {"Authorization": f"Bearer {voice.token}"}
    asked, first, dry, data = time.perf_counter(), 0.0, 0.0, bytearray()
    try:
        async with client.stream("POST", "/v1/speech", json=order, headers=headers) as answer:
            if answer.status_code != 200:
                await answer.aread()
                return _failed(voice, asked, answer.json()["code"])
            async for piece in answer.aiter_raw():
                now = time.perf_counter() - asked
                if not data:
                    first = now
                else:
                    late = now - (first + dry + len(data) / BYTES_A_SECOND)
                    dry += max(0.0, late)
                data += piece
    except httpx.HTTPError as error:  # an answer that breaks off, a service that is gone
        return _failed(voice, asked, type(error).__name__)
    total, audio = time.perf_counter() - asked, len(data) / BYTES_A_SECOND
    if wait:
        await asyncio.sleep(max(0.0, first + dry + audio - total))
    digest = hashlib.sha256(data).hexdigest()
    return Heard(voice.person, first, total, audio, dry, digest, pcm=bytes(data) if keep else b"")


def _failed(voice: Voice, asked: float, code: str) -> Heard:
    return Heard(voice.person, 0.0, time.perf_counter() - asked, 0.0, 0.0, "", code)
