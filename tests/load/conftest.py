"""A server for each test that asks for one, gone at its end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.load.loopback_server import Server


@pytest.fixture
def serve() -> Iterator[Callable[[bytes | None], Server]]:
    with ExitStack() as stack:
        yield lambda reply: stack.enter_context(Server(reply))
