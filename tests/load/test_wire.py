"""A request in many small pieces, over a real pair of sockets."""

import socket
from collections.abc import Iterator

import pytest

from drillbook.wire import READ, WRITE, Plain


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    near.settimeout(0)
    with near, far:
        yield near, far


def test_what_does_not_fit_waits_until_it_does(pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    data = bytes(range(256)) * 20_000
    steps, got = Plain(near).send(data), b""
    for wanted in steps:
        assert wanted == WRITE
        got += far.recv(1_000_000)
    while len(got) < len(data):
        got += far.recv(1_000_000)
    assert got == data


def test_nothing_there_waits_and_an_end_is_told(pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    steps = Plain(near).receive()
    assert next(steps) == READ
    assert next(steps) == READ
    far.sendall(b"abc")
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == b"abc"
    far.close()
    with pytest.raises(StopIteration) as end:
        next(Plain(near).receive())
    assert end.value.value == b""
