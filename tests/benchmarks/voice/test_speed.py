import itertools
import time
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks.voice.speed import Measurement, Run, rows_of, time_stream
from benchmarks.voice.stopwatch import Stopwatch
from benchmarks.voice.system import System, load_system

from benchmarks.voice import speed
from yinse.engine.audio.encode import write_wav
from yinse.engine.audio.waveform import Waveform


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves one second each time it is read."""
    ticks = itertools.count()
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(ticks)))


def piece() -> Waveform:
    return Waveform(np.zeros(8000, np.float32), 16000)


def streamer(stream) -> System:
    return System("toy", lambda recordings: None, lambda *_: piece(), stream=stream)


def test_functions_and_generators_are_timed_and_put_back(clock):
    def numbers() -> Iterator[int]:
        yield from (1, 2)

    owner = SimpleNamespace(add=lambda a, b: a + b, numbers=numbers)
    watch = Stopwatch()
    with watch.watching({"sum": (owner, "add"), "count": (owner, "numbers")}):
        assert owner.add(1, 2) == 3
        assert list(owner.numbers()) == [1, 2]
    assert watch.seconds == {"sum": 1.0, "count": 4.0}  # the call, two items, the end
    assert owner.numbers is numbers


def test_a_stage_that_fails_is_still_counted(clock):
    owner = SimpleNamespace(fail=lambda: 1 / 0)
    watch = Stopwatch()
    with pytest.raises(ZeroDivisionError), watch.watching({"fail": (owner, "fail")}):
        owner.fail()
    assert watch.seconds == {"fail": 1.0}


def test_a_stream_is_clocked_to_its_first_piece_and_to_its_end(clock):
    run = time_stream(streamer(lambda *_: iter([piece(), piece()])), None, "Hello.", "en", 0)
    assert (run.first, run.total, run.audio) == (1.0, 2.0, 1.0)


def test_a_system_that_cannot_stream_says_so():
    with pytest.raises(ValueError, match="toy does not stream"):
        time_stream(streamer(None), None, "Hello.", "en", 0)


def test_rows_name_every_stage_relative_to_the_audio():
    runs = (Run(0.1, 0.5, 5.0, {"text": 0.05}), Run(0.2, 1.0, 5.0, {"text": 0.05}))
    rows = {row.measure: row for row in rows_of("toy", 2, Measurement(1.5, runs, 800.0))}
    assert rows["real-time factor"].figure.value == pytest.approx(0.15)
    assert rows["first audio"].figure.value == pytest.approx(150)
    assert rows["stage text"].figure.value == pytest.approx(0.01)
    assert rows["peak memory"].figure.value == 800
    assert {row.detail for row in rows.values()} == {"2 threads"}


def test_memory_is_this_process_s_own_and_not_what_its_parent_once_had(tmp_path, monkeypatch):
    """`ru_maxrss` of a fresh process begins with the peak of the one that started it."""
    monkeypatch.setattr(speed, "load_system", lambda _: streamer(lambda *_: iter([piece()])))
    monkeypatch.setattr(speed, "peak_memory_mib", lambda: 100.0)
    write_wav(tmp_path / "a.wav", piece())
    assert speed.measure_here("toy", tmp_path / "a.wav", "Hello.", 1).peak_mb == pytest.approx(104.8576)


def test_only_a_system_may_be_measured():
    with pytest.raises(TypeError, match="not a System"):
        load_system("builtins:dict")
