"""The bench drives any system of plain callables: here one that hums."""

import numpy as np
import pytest
from benchmarks.voice.identification import Identification
from benchmarks.voice.sentences import Stranger
from benchmarks.voice.speech import Utterance
from benchmarks.voice.synthetic import Bench, Script
from benchmarks.voice.system import System
from benchmarks.voice.table import FLOOR, NATURAL

from benchmarks.voice import synthetic
from yinse.engine.audio.waveform import Waveform

PITCHES = {"ann": 300.0, "bob": 700.0}


def hum(hertz: float) -> Waveform:
    return Waveform(np.sin(2 * np.pi * hertz * np.arange(16000) / 16000).astype(np.float32), 16000)


def pitch_of(waveform: Waveform) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(waveform.samples)))) * waveform.rate / len(waveform.samples)


def embed(waveform: Waveform) -> np.ndarray:
    angle = pitch_of(waveform) / 1000
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def utterance(speaker: str, number: int, text: str) -> Utterance:
    return Utterance(f"{speaker}-{number}", f"{speaker}/{number}", "x.tar", text, speaker, "en", 1.0)


class HummingData:
    """Recordings that hum at the speaker's pitch."""

    def read(self, utterances):
        return [hum(PITCHES[utterance.speaker]) for utterance in utterances]


@pytest.fixture
def people():
    return [Stranger(n, "en", (utterance(n, 0, "one"),), (utterance(n, 1, "two"),)) for n in PITCHES]


def humming(enrol=lambda recordings: pitch_of(recordings[0].waveform), **more) -> System:
    return System("hum", enrol, lambda text, language, voice, seed: hum(voice), **more)


def test_a_faithful_system_is_heard_as_its_speakers(people):
    rows = {(r.measure, r.subject): r.figure for r in Bench(humming(), HummingData(), people).likeness(embed)}
    assert rows["speaker identified", "hum"].value == 1.0
    assert rows["cosine", "hum"].value == pytest.approx(1.0)
    assert rows["cosine", FLOOR].value == pytest.approx(np.cos(0.4), abs=1e-3)


def test_a_system_with_one_voice_for_all_is_found_out(people):
    bench = Bench(humming(enrol=lambda recordings: 300.0), HummingData(), people)
    rows = {(r.measure, r.subject): r.figure for r in bench.likeness(embed)}
    assert rows["speaker identified", "hum"].value == 0.5


def test_adapting_gives_a_bench_of_its_own(people):
    system = humming(lambda recordings: 300.0, adapt=lambda voice, minute: pitch_of(minute[0].waveform))
    bench = Bench(system, HummingData(), people)
    adapted = bench.adapted()
    assert adapted.system.name == "hum, adapted"
    assert list(adapted.voices.values()) == list(PITCHES.values())
    assert list(bench.voices.values()) == [300.0, 300.0]


def test_a_system_that_cannot_adapt_says_so(people):
    with pytest.raises(ValueError, match="hum cannot adapt"):
        Bench(humming(), HummingData(), people).adapted()


def test_scripts_are_heard_by_every_ruler(people, monkeypatch):
    said = (utterance("ann", 0, "ab"), utterance("bob", 1, "cd"))
    script = Script("unseen sentences", "en", ("ab", "cd"), said)
    monkeypatch.setattr(synthetic, "scripts", lambda data, count: [script])
    monkeypatch.setattr(synthetic, "identify", lambda spoken, choices, language: Identification((0, 1)))
    monkeypatch.setattr(synthetic, "match", lambda spoken, recorded: Identification((0, None)))
    system = humming(
        recognise=lambda waveform: ["en/a", "en/b"], phonemise=lambda text, _: [f"en/{c}" for c in text]
    )
    rows = list(Bench(system, HummingData(), people).intelligibility(50))
    values = {(row.measure, row.subject): row.figure.value for row in rows}
    assert values["sentence identified", "hum"] == 1.0
    assert values["sentence matched by template", "hum"] == 0.5
    assert values["phoneme error (our CTC)", "hum"] == values["phoneme error (our CTC)", NATURAL] == 0.5
    assert "one of 50" in rows[0].detail
