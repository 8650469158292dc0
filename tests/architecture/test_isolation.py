"""The guards of `tests/conftest.py` themselves: network off, one thread, a home of its own."""

import os
import socket
from pathlib import Path

import pytest


def test_a_name_beyond_this_machine_is_not_looked_up():
    with pytest.raises(RuntimeError, match="may not look up"):
        socket.create_connection(("example.org", 80), timeout=1)


@pytest.mark.parametrize("address", ["192.0.2.1", "example.org"])
@pytest.mark.parametrize("connect", ["connect", "connect_ex"])
def test_an_address_beyond_this_machine_is_not_reached(address, connect):
    with socket.socket() as client, pytest.raises(RuntimeError, match="may not connect"):
        getattr(client, connect)((address, 80))


def test_loopback_stays_open():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            assert client.getpeername() == server.getsockname()


def test_the_home_is_temporary_and_empty(yinse_home):
    assert os.environ["YINSE_HOME"] == str(yinse_home)
    assert not yinse_home.exists()
    assert not yinse_home.is_relative_to(Path.home() / ".local")


def test_numeric_libraries_use_one_thread():
    torch = pytest.importorskip("torch")
    assert torch.get_num_threads() == 1
