"""The calibration's own process: users of a responder that answers at once; their records go to standard output."""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

import gevent

from drillbook.http_once import HttpOnce
from drillbook.priority import go_first
from drillbook.schedule import Recorder, Schedule, users_needed
from drillbook.source_ports import SourcePorts

_DURATION_S = 1.2  # it is over when Locust, which starts meanwhile, has started
_TIMEOUT_S = 2.0
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
_LONGEST_REQUEST = 65_536


def main() -> None:
    """Take the rate from the command line, send, and print the records, without a header."""
    rate_per_s = float(sys.argv[1])
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        port = listener.getsockname()[1]
        responder = os.fork()  # before there is an event loop, and before the priority
        if responder == 0:
            _respond(listener)
    try:
        _send(f"http://127.0.0.1:{port}", rate_per_s)
    finally:
        os.kill(responder, signal.SIGKILL)
        os.waitpid(responder, 0)


def _send(url: str, rate_per_s: float) -> None:
    schedule = Schedule(rate_per_s, Recorder(Path("/dev/stdout")))
    ports = SourcePorts(rate_per_s)

    def use() -> None:
        client = HttpOnce(url, timeout_s=_TIMEOUT_S, ports=ports)
        while (due_us := schedule.take()) is not None and schedule.start(due_us):
            answer = client.get("/")
            schedule.finish(due_us, answer.status, corrupt=False, end_us=answer.end_us)

    users = [gevent.spawn(use) for _ in range(users_needed(rate_per_s, _TIMEOUT_S))]
    go_first()
    schedule.begin()
    gevent.sleep(_DURATION_S)
    schedule.close(_TIMEOUT_S)
    gevent.killall(users)


def _respond(listener: socket.socket) -> NoReturn:
    """Answer one connection after another until killed, or until nobody comes any more."""
    listener.settimeout(2 * _TIMEOUT_S)
    try:
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(_TIMEOUT_S)
                connection.recv(_LONGEST_REQUEST)
                connection.sendall(_ANSWER)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
