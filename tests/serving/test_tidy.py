"""Freed memory goes back to the system while utterances come and go, and not at the cost of each of them."""

from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from yinse.serving import replica as module
from yinse.serving.options import ServingOptions
from yinse.serving.replica import Models, Replica


@pytest.fixture
def clock(monkeypatch):
    time = SimpleNamespace(now=0.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: time.now))
    return time


def test_memory_is_given_back_once_in_a_while(vault, clock):
    tidied: SimpleQueue[float] = SimpleQueue()

    class Tidy(Models):
        def tidy(self):
            tidied.put(clock.now)

    replica = Replica(ServingOptions(), vault.blobs, vault.keyring, Tidy())

    def speak(now):
        clock.now = now
        with replica.slot("voice"):
            pass

    for now in (10.0, 31.0):
        speak(now)
    assert tidied.get(timeout=10) == 31.0
    for now in (32.0, 60.0, 62.0):
        speak(now)
    assert tidied.get(timeout=10) == 62.0
    replica.close()
    speak(100.0)
    assert tidied.empty()
