"""One process in a container, over the API server's exec websocket."""

import json
import select
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

from drillbook.responder.transport import Channel, Chunk, ConnectionLostError

_STDIN_CHANNEL, _STATUS_CHANNEL = 0, 3
_CONNECT_TIMEOUT_S = 10.0
_STALL_S = 30.0  # a frame that began, or one that is sent, must end within this: else the connection is dead


class PodConnection:
    """A process that was started by exec.

    Attributes:
        exit_code: What it exited with, once the API server has said so.
    """

    def __init__(self, api: Any, namespace: str, pod: str, container: str, arguments: Sequence[str]) -> None:  # noqa: ANN401 - the client library has no types
        self.exit_code: int | None = None
        self._websocket = import_module("websocket")
        self._errors = (self._websocket.WebSocketException, OSError)
        stream = import_module("kubernetes.stream").stream
        default_s = self._websocket.getdefaulttimeout()
        self._websocket.setdefaulttimeout(_CONNECT_TIMEOUT_S)  # the client library offers no other way
        try:
            client = stream(
                api.connect_get_namespaced_pod_exec,
                pod,
                namespace,
                container=container,
                command=list(arguments),
                stdin=True,
                stdout=True,
                stderr=True,
                tty=False,
                binary=True,
                _preload_content=False,
            )
        except import_module("kubernetes.client").ApiException as error:
            raise ConnectionLostError(f"exec in pod {pod}: {one_line(error)}") from error
        finally:
            self._websocket.setdefaulttimeout(default_s)
        # The client's own reading gathers without bound while a process floods its output; its socket does not.
        self._socket = client.sock
        self._socket.settimeout(_STALL_S)
        self._poll = select.poll()
        self._poll.register(self._socket.sock, select.POLLIN)

    def send(self, data: bytes) -> None:
        """Write all of it to standard input."""
        try:
            self._socket.send_binary(bytes([_STDIN_CHANNEL]) + data)
        except self._errors as error:
            raise ConnectionLostError(f"the connection to the pod broke: {one_line(error)}") from error

    def receive(self, timeout_s: float) -> Chunk | None:
        """The next bytes of either output; once ``exit_code`` is known, there are none."""
        try:
            while True:
                # What TLS has decrypted already is invisible to poll.
                if not self._socket.sock.pending() and not self._poll.poll(max(timeout_s, 0.0) * 1000):
                    return None
                chunk = self._read_frame(*self._socket.recv_data())
                if chunk is not None:
                    return chunk
        except self._errors as error:
            raise ConnectionLostError(f"the connection to the pod broke: {one_line(error)}") from error

    def close(self) -> None:
        """Drop the connection; the process sees the end of its input."""
        with suppress(*self._errors):  # it may be gone already
            self._socket.close(timeout=0)

    def _read_frame(self, opcode: int, data: bytes) -> Chunk | None:
        if opcode == self._websocket.ABNF.OPCODE_CLOSE:
            raise ConnectionLostError("the API server closed the connection to the pod")
        if data and data[0] == _STATUS_CHANNEL:
            self.exit_code = read_status(data[1:])
            raise ConnectionLostError(f"the process in the pod ended with exit code {self.exit_code}")
        return Chunk(Channel(data[0]), data[1:]) if data and data[0] in tuple(Channel) else None


def read_status(report: bytes) -> int:
    """The exit code in the API server's last word on a process; raises ``ConnectionLostError`` where there is none."""
    status = json.loads(report)
    if status.get("status") == "Success":
        return 0
    for cause in (status.get("details") or {}).get("causes") or ():
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    raise ConnectionLostError(f"the process in the pod could not be run: {status.get('message', report)}")


def one_line(error: Exception) -> str:
    """The gist of an error of the client library, whose own text runs over many lines."""
    reason = getattr(error, "reason", None) or str(error)
    return " ".join(str(reason).split()).partition(" -+-+- ")[0][:300]
