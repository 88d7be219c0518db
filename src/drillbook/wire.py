"""Bytes over a non-blocking socket, plain or encrypted, in steps that an event loop can take.

Each method is a generator that yields what the socket has to be ready for (``READ`` or ``WRITE``) before it is resumed.
"""

import socket
import ssl
from collections.abc import Callable, Generator
from typing import Protocol, TypeVar

READ, WRITE = 1, 2
"""As libev has them."""

_BLOCK = 65_536
_T = TypeVar("_T")
Steps = Generator[int, None, _T]


class Wire(Protocol):
    """Where a request goes and an answer comes from."""

    def send(self, data: bytes) -> Steps[None]:
        """Send all of it."""

    def receive(self) -> Steps[bytes]:
        """What is there, once something is; empty when the other side has closed."""


class Plain:
    """A connected socket as it is."""

    def __init__(self, connection: socket.socket) -> None:
        """The socket does not block."""
        self._connection = connection

    def send(self, data: bytes) -> Steps[None]:
        """As ``Wire`` says."""
        while data:
            try:
                data = data[self._connection.send(data) :]
            except BlockingIOError:
                yield WRITE

    def receive(self) -> Steps[bytes]:
        """As ``Wire`` says."""
        while True:
            try:
                return self._connection.recv(_BLOCK)
            except BlockingIOError:
                yield READ


class Encrypted:
    """TLS over another wire."""

    def __init__(self, wire: Wire, context: ssl.SSLContext, host: str) -> None:
        """Nothing is sent before ``shake_hands``."""
        self._wire = wire
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    def shake_hands(self) -> Steps[None]:
        """Before anything else."""
        yield from self._until_done(self._tls.do_handshake)

    def send(self, data: bytes) -> Steps[None]:
        """As ``Wire`` says."""
        yield from self._until_done(lambda: self._tls.write(data))

    def receive(self) -> Steps[bytes]:
        """As ``Wire`` says; raises ``ssl.SSLEOFError`` where the other side has closed without a word."""
        return (yield from self._until_done(lambda: self._tls.read(_BLOCK)))

    def _until_done(self, operation: Callable[[], _T]) -> Steps[_T]:
        while True:
            try:
                result = operation()
            except ssl.SSLWantReadError:
                yield from self._wire.send(self._outgoing.read())
                data = yield from self._wire.receive()
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                yield from self._wire.send(self._outgoing.read())
                return result
