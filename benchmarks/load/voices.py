"""Voices of people, made over HTTP as anybody's is."""

import time
from collections.abc import Iterator

import httpx

from benchmarks.load.house import House
from benchmarks.load.listener import Voice
from benchmarks.load.people import Person, people, person
from benchmarks.voice.speech import SpeechData

LONGEST_SECONDS = 600.0


def enrol(house: House, token: str, someone: Person) -> tuple[str, dict[str, object]]:
    """Upload a recording and wait for its verdict; return the voice's id and the voice."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=house.url, headers=headers, timeout=60) as client:
        files = {"files": (f"{someone.name}.wav", someone.wav(), "audio/wav")}
        made = (
            client.post("/v1/voices", data={"name": someone.name[:40]}, files=files).raise_for_status().json()
        )
        deadline = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < deadline:
            job = client.get(f"/v1/jobs/{made['job']['id']}").raise_for_status().json()
            if job["state"] not in ("queued", "running"):
                voice_id = made["voice"]["id"]
                return voice_id, client.get(f"/v1/voices/{voice_id}").raise_for_status().json()
            time.sleep(0.2)
    raise RuntimeError(f"{someone.name} was not enrolled in {LONGEST_SECONDS:.0f} s")


def voices(house: House, data: SpeechData, count: int) -> Iterator[tuple[Voice, Person]]:
    """So many voices, each of an account of its own; recordings that the gate refuses are passed over."""
    found = 0
    for name in people(data):
        if found == count:
            return
        someone, token = person(data, name), house.sign_up(name.lower())
        voice_id, made = enrol(house, token, someone)
        if made["state"] == "ready":
            found += 1
            yield Voice(name, voice_id, token), someone
    if found < count:
        raise RuntimeError(f"only {found} of {count} recordings became voices")
