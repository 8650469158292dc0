import asyncio
import csv
import os
from pathlib import Path

import httpx
import numpy as np
import pytest
from benchmarks.load.house import children, proportional_mb
from benchmarks.load.listener import BYTES_A_SECOND, Heard, Voice, listen
from benchmarks.load.people import people
from benchmarks.load.phases import Phase, Soak
from benchmarks.voice.machine import Machine
from benchmarks.voice.speech import Utterance

from benchmarks.load import isolation, table
from yinse.engine.audio.waveform import Waveform


def heard(person="ann", first=0.2, digest="a", code="", pcm=b"", dry=0.0):
    return Heard(person, first, 1.0, 2.0, dry, digest, code, pcm)


def test_a_phase_in_figures():
    phase = Phase(4, "hot", (heard(first=0.1), heard(first=0.3, dry=0.2), heard(code="at_capacity")), 8.0)
    found = table.row(phase)
    assert (found["utterances"], found["errors"], found["ran_dry"]) == (3, 1, 1)
    assert (found["first_p50_ms"], found["audio_a_second"]) == (200, 0.5)


def test_the_page_tells_everything(tmp_path):
    judged = isolation.Isolation(200, 0, 200, 199, ("ann", "bob"), np.array([[0.9, 0.5], [0.4, 0.8]]))
    soaked = Soak(4, tuple((float(t), 500.0 + t) for t in range(0, 600, 5)), (heard(),))
    page = table.markdown(
        [Phase(1, "cold", (heard(),), 1.0)], soaked, judged, "A machine", "Nothing else ran."
    )
    assert "Bit-identical to the same request alone: 200" in page
    assert "is diagonal: mean cosine 0.85 (least 0.80)" in page
    assert "+60.0 MB a minute" in page
    machine = Machine("A machine", 2, 24.0, "Linux", "3.11", "2.13", "2026-11-27")
    table.write_csv([Phase(1, "cold", (heard(),), 1.0)], soaked, machine, tmp_path / "load.csv")
    cold, soak = csv.DictReader((tmp_path / "load.csv").read_text("utf-8").splitlines())
    assert (cold["heat"], cold["date"], cold["machine"]) == ("cold", "2026-11-27", "A machine, 2 cores")
    assert (soak["heat"], soak["memory_start_mb"], soak["memory_most_mb"]) == ("soak", "500", "1095")


def test_bits_and_voices_are_judged():
    tones = {
        name: Waveform(np.full(100, level, np.float32), 44100) for name, level in (("ann", 0.2), ("bob", 0.8))
    }

    def embed(waveform):
        loud = float(waveform.samples.mean()) > 0.5
        return np.array([float(not loud), float(loud)], np.float32)

    def speech(name, digest):
        pcm = (tones[name].samples * 32767).astype("<i2").tobytes()
        return heard(name, digest=digest, pcm=pcm)

    alone = [speech("ann", "1"), speech("bob", "2"), speech("ann", "3"), speech("bob", "4")]
    refused = heard("bob", digest="", code="at_capacity")
    crowd = [speech("ann", "1"), speech("bob", "2"), heard("ann", digest="4", pcm=alone[1].pcm), refused]
    found = isolation.judged(alone, crowd, tones, embed)
    assert (found.requests, found.errors, found.identical, found.nearest_own) == (4, 1, 2, 2)
    assert np.array_equal(found.matrix, [[0.5, 0.5], [0.0, 1.0]])
    assert found.confused == {}
    mistaken = isolation.judged(alone[1::2], [crowd[2], crowd[1]], tones, embed)
    assert (mistaken.identical, mistaken.confused) == (0, {"ann": "bob"})
    assert "diagonal but for ann (nearest to bob)" in table.markdown([], None, mistaken, "", "")


def heard_of(body):
    """What a listener tells of a service that answers with this body."""

    async def speech(request):
        return httpx.Response(200, content=body())

    async def run():
        transport = httpx.MockTransport(speech)
        async with httpx.AsyncClient(base_url="http://house", transport=transport) as client:
            return await listen(client, Voice("ann", "voice_a", "token"), "hello", 1)

    return asyncio.run(run())


def test_a_listener_notices_when_nothing_is_left_to_hear():
    async def body():
        yield bytes(BYTES_A_SECOND // 50)
        await asyncio.sleep(0.2)
        yield bytes(BYTES_A_SECOND // 50)

    found = heard_of(body)
    assert found.audio == pytest.approx(0.04)
    assert found.dry > 0.1
    assert found.code == ""


def test_an_answer_that_breaks_off_is_an_error():
    async def body():
        yield bytes(100)
        raise httpx.ReadError("gone")

    found = heard_of(body)
    assert (found.code, found.audio) == ("ReadError", 0.0)


def test_people_come_from_every_collection_in_turn():
    def said(speaker, shard, seconds):
        return Utterance("id", "f", f"{shard}.tar", "text", speaker, "en", seconds)

    class Data:
        utterances = (
            *(said(f"a{n}", "many", 90.0 - n) for n in range(3)),
            said("b0", "few", 60.0),
            said("poor", "few", 10.0),
            said("word", "dspspeech20", 99.0),
        )

    assert people(Data()) == ["a0", "b0", "a1", "a2"]


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from /proc")
def test_memory_of_a_process_is_told():
    assert proportional_mb(os.getpid()) > 10
    assert isinstance(children(os.getpid()), list)
