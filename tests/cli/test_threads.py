"""Commands of the base voice compute with one thread, unless one asks for more."""

import pytest
import torch


@pytest.fixture
def two_threads(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS")
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("weights", "two_threads")
@pytest.mark.parametrize("command", ["speak", "check", "enrol"])
@pytest.mark.parametrize(("wish", "threads"), [(None, 1), ("2", 2)])
def test_one_thread_unless_one_asks_for_more(yinse, recording, tmp_path, monkeypatch, command, wish, threads):
    if wish is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", wish)
    arguments = {
        "speak": ["好。", "--voice", "mini", "--out", tmp_path / "a.wav", "--retries", "0"],
        "check": [recording],
        "enrol": [recording, "--voice", "me"],
    }
    assert yinse(command, *arguments[command]).code in (0, 3)
    assert torch.get_num_threads() == threads
