import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gateway.dpdk import Link, link


@contextmanager
def telemetry(path: Path, replies: dict[str, object]) -> Iterator[None]:
    """Speaks the telemetry protocol of DPDK's library: a greeting, then one reply for a command."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.send(json.dumps({"version": "DPDK 22.11.10", "pid": 1, "max_output_len": 16384}).encode())
            command = connection.recv(1024).decode()
            connection.send(json.dumps({command.partition(",")[0]: replies.get(command)}).encode())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        thread.join(timeout=5)
        listener.close()


@pytest.mark.parametrize(("status", "expected"), [("UP", Link.UP), ("DOWN", Link.DOWN)])
def test_the_link_is_what_the_port_says(tmp_path: Path, status: str, expected: Link) -> None:
    reply = {"status": status, "speed": 10000, "duplex": "full-duplex"}
    with telemetry(tmp_path / "socket", {"/ethdev/link_status,3": reply}):
        assert link(tmp_path / "socket", 3) is expected


def test_a_process_without_the_port_is_as_good_as_none(tmp_path: Path) -> None:
    with telemetry(tmp_path / "socket", {}):
        assert link(tmp_path / "socket", 3) is Link.ABSENT


def test_nobody_on_the_socket(tmp_path: Path) -> None:
    assert link(tmp_path / "socket", 0) is Link.ABSENT
