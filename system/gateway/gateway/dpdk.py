"""The DPDK port's link, asked from the telemetry socket of the process that owns the port."""

import json
import socket
from contextlib import closing
from enum import StrEnum
from pathlib import Path

TIMEOUT_S = 0.5
LARGEST_REPLY_BYTES = 16384


class Link(StrEnum):
    """The port's link as the gateway sees it; ``ABSENT`` means that nobody answers on the socket."""

    DISABLED = "disabled"
    UP = "up"
    DOWN = "down"
    ABSENT = "absent"


def link(telemetry_socket: Path, port: int) -> Link:
    """Ask for the link status of one port; blocks for at most about a second."""
    command = f"/ethdev/link_status,{port}"
    try:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.connect(str(telemetry_socket))
            connection.recv(LARGEST_REPLY_BYTES)  # the greeting: version, process id, longest reply
            connection.send(command.encode())
            reply = json.loads(connection.recv(LARGEST_REPLY_BYTES))
    except (OSError, ValueError):
        return Link.ABSENT
    status = reply.get("/ethdev/link_status") if isinstance(reply, dict) else None
    if not isinstance(status, dict):
        return Link.ABSENT  # the process is there, the port is not
    return Link.UP if status.get("status") == "UP" else Link.DOWN
