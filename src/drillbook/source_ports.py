"""Gives each connection a local port not used for long, as if every user had an address of their own."""

import errno
import itertools
import socket
import time

FIRST, COUNT = 15_000, 46_000
_TRIES = 100


class SourcePorts:
    """Local ports in turn; one process goes on where the one before it at the same rate ended.

    Left to the system, the ports of one address come round in about 40 s at 100 connections a second, while the
    kernel's connection tracking remembers for 120 s where it sent a connection that nobody answered. A port that was
    used in an outage is then still led to a pod that is gone, which users with addresses of their own would not see
    (seen here: a quarter of the requests of most of a second unanswered, every 40 s, after the system was healthy
    again). In turn they come round in 460 s at 100 a second, and in 120 s at 380.
    """

    def __init__(self, rate_per_s: float) -> None:
        """``rate_per_s`` is how many connections a second there will be."""
        start = int(time.monotonic() * rate_per_s) % COUNT
        self._ports = (FIRST + (start + step) % COUNT for step in itertools.count())

    def bind(self, connection: socket.socket) -> None:
        """Bind to the next port that is free; after a hundred that are not, leave the choice to the system."""
        host = "::" if connection.family == socket.AF_INET6 else ""
        for port in itertools.islice(self._ports, _TRIES):
            try:
                connection.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return
