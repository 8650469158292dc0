import asyncio

import pytest
from starlette.requests import HTTPConnection

from yinse.contracts.refusals import Throttled
from yinse.service.access import host_of
from yinse.service.throttle import Throttle


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Seconds()


@pytest.fixture
def throttle(clock):
    return Throttle(clock)


def hit(throttle, *who, rate="3/minute"):
    """Seconds to wait; 0 for a hit that counts."""
    try:
        asyncio.run(throttle.hit(rate, *who))
    except Throttled as error:
        return error.retry_after
    return 0


def test_a_window_moves_and_says_when_to_come_back(throttle, clock):
    waits = []
    for clock.now in (0, 10, 20, 21, 59.5, 60, 60.5, 70):
        waits.append(hit(throttle, "a"))
    assert waits == [0, 0, 0, 39, 1, 0, 10, 0]


def test_everybody_counts_alone_and_a_refusal_does_not_count(throttle, clock):
    assert [hit(throttle, "a") for _ in range(5)] == [0, 0, 0, 60, 60]
    assert [hit(throttle, "b"), hit(throttle, "a", rate="4/minute")] == [0, 0]
    clock.now = 60
    assert [hit(throttle, "a") for _ in range(3)] == [0, 0, 0]


def test_who_does_not_come_any_more_is_forgotten(throttle, clock):
    for number in range(100):
        hit(throttle, str(number))
    hit(throttle, "daily", rate="1/day")
    clock.now = 61
    hit(throttle, "a")
    assert len(throttle._hits) == 2
    assert hit(throttle, "daily", rate="1/day") > 0


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        (None, "local"),
    ],
)
def test_strangers_are_told_apart_by_address_and_of_ipv6_by_network(address, host):
    client = (address, 1) if address else None
    assert host_of(HTTPConnection({"type": "http", "client": client, "headers": []})) == host
