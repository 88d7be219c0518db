"""Where the responder's shell runs: what a session needs of such a place, and the local bash that tests use."""

import os
import selectors
import subprocess
from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol

from msgspec import Struct

from drillbook.errors import CannotRunError


class ResponderUnreachableError(CannotRunError):
    """No responder's shell could be opened."""


class ConnectionLostError(ResponderUnreachableError):
    """The far end of a connection is gone, and with it the process that was started there."""


class Channel(IntEnum):
    """The outputs of a process, numbered as Kubernetes does."""

    STDOUT = 1
    STDERR = 2


class Chunk(Struct, frozen=True):
    """Some bytes that a process wrote."""

    channel: Channel
    data: bytes


class Execution(Struct, frozen=True, kw_only=True):
    """A short process that ran to its end beside the shell. ``stdout`` stops at the limit that was asked for."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Connection(Protocol):
    """A running process: its standard input and its two outputs."""

    def send(self, data: bytes) -> None:
        """Write all of it to standard input; raises ``ConnectionLostError``."""

    def receive(self, timeout_s: float) -> Chunk | None:
        """The next bytes, None if none came in time; raises ``ConnectionLostError`` when there will be none."""

    def close(self) -> None:
        """Let go of it; the process may or may not outlive this."""


class Place(Protocol):
    """Somewhere processes can be started."""

    def start(self, arguments: Sequence[str], *, timeout_s: float) -> Connection:
        """Start a process; waits for the place to be there; raises ``ResponderUnreachableError``."""

    def execute(self, arguments: Sequence[str], *, limit_bytes: int, timeout_s: float) -> Execution:
        """Run a short process to its end where ``start`` last did; raises ``ResponderUnreachableError``."""


class LocalPlace:
    """This machine. For tests: a runbook's commands never belong on the host's own shell."""

    def start(self, arguments: Sequence[str], *, timeout_s: float) -> "LocalConnection":
        """Start a process in a session of its own; ``timeout_s`` is not needed here."""
        del timeout_s
        pipe = subprocess.PIPE
        process = subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, bufsize=0)
        return LocalConnection(process)

    def execute(self, arguments: Sequence[str], *, limit_bytes: int, timeout_s: float) -> Execution:
        """Run a short process to its end."""
        try:
            done = subprocess.run(
                arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ConnectionLostError(f"{arguments[0]} did not end within {timeout_s:g} s") from error
        return Execution(exit_code=done.returncode, stdout=done.stdout[:limit_bytes], stderr=done.stderr)


class LocalConnection:
    """A process on this machine, by its pipes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._selector = selectors.DefaultSelector()
        for pipe, channel in ((process.stdout, Channel.STDOUT), (process.stderr, Channel.STDERR)):
            if pipe is not None:
                self._selector.register(pipe, selectors.EVENT_READ, channel)

    def send(self, data: bytes) -> None:
        """Write all of it."""
        if self._process.stdin is None:
            raise ConnectionLostError("the local shell has no standard input")
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._process.stdin.fileno(), view) :]
        except (OSError, ValueError) as error:
            raise ConnectionLostError(f"the local shell is gone: {error}") from error

    def receive(self, timeout_s: float) -> Chunk | None:
        """The next bytes of either output."""
        while self._selector.get_map():
            ready = self._selector.select(max(timeout_s, 0.0))
            if not ready:
                return None
            key = ready[0][0]
            data = os.read(key.fd, 65536)
            if data:
                return Chunk(Channel(key.data), data)
            self._selector.unregister(key.fileobj)
        raise ConnectionLostError("the local shell closed its outputs")

    def close(self) -> None:
        """Close the pipes and take the process's end; it is killed if it does not come by itself."""
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
