"""An HTTP client for measuring: one request is one try, with one deadline for all of it.

Clients made for convenience (geventhttpclient and so Locust's FastHttpUser, requests, httpx) send a GET again when its
connection breaks, follow redirects and keep several timeouts that add up. Each of these hides from the measurement
what a user would have seen.
"""

import contextlib
import errno
import ipaddress
import os
import socket as plain_socket
from collections.abc import Mapping
from http.client import HTTPException
from typing import NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

import gevent
from gevent import socket, ssl
from gevent.hub import Waiter
from gevent.monkey import get_original
from geventhttpclient.response import HTTPResponse

from drillbook.alarm import now_us
from drillbook.source_ports import SourcePorts
from drillbook.wire import WRITE, Encrypted, Plain, Steps, Wire

_NO_HEADERS: Mapping[str, str] = {}
_FIRST_FINAL_STATUS = 200
_T = TypeVar("_T")
_Socket: type[plain_socket.socket] = get_original("socket", "socket")


class Answer(NamedTuple):
    """What came back. ``status`` is 0 where no whole answer came within the timeout, and ``failure`` says why."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = _NO_HEADERS  # names in lower case
    failure: str = ""
    end_us: int | None = None  # when the last byte of it was there, or it was clear that none would come


class HttpOnce:
    """Sends requests to one base URL; not to be shared by greenlets.

    With ``keep_alive`` the connection serves the next request too, as long as the server and no timeout closed it; a
    request that meets a connection closed meanwhile fails, as it is not sent again.
    """

    def __init__(
        self, base_url: str, *, timeout_s: float, keep_alive: bool = False, ports: SourcePorts | None = None
    ) -> None:
        """A path or a ``/`` at the end of the base URL is put before every path.

        Connections to an IP address come from ``ports``; without them the system chooses.
        """
        self._url = urlsplit(base_url)
        self._timeout_s = timeout_s
        self._keep_alive = keep_alive
        self._ports = ports
        self._port = self._url.port or (443 if self._url.scheme == "https" else 80)
        self._tls = _verifying_context() if self._url.scheme == "https" else None
        self._literal = _literal_address(self._url.hostname or "", self._port)
        self._kept: tuple[plain_socket.socket, Wire] | None = None

    def get(self, path: str, headers: Mapping[str, str] = _NO_HEADERS) -> Answer:
        """One GET: the answer, whatever its status, or why there was none."""
        request = _request_bytes(self._url, path, headers, keep_alive=self._keep_alive)
        timeout = gevent.Timeout(self._timeout_s)
        timeout.start()
        try:
            return self._exchange(request)
        except gevent.Timeout as error:
            if error is not timeout:
                raise
            return Answer(0, failure=f"no whole answer within {self._timeout_s:g} s", end_us=now_us())
        except OSError as error:
            return _no_answer(error)
        finally:
            timeout.close()

    def _exchange(self, request: bytes) -> Answer:
        """A connection that cannot serve another request is closed, whatever ends this one."""
        (connection, wire), self._kept = self._kept or (self._socket(), None), None
        with contextlib.ExitStack() as undone:
            undone.callback(connection.close)
            answer, reusable = _carry_out(self._talk(connection, wire, request), connection.fileno())
            if reusable is not None:
                self._kept = connection, reusable
                undone.pop_all()
            return answer

    def _talk(
        self, connection: plain_socket.socket, wire: Wire | None, request: bytes
    ) -> Steps[tuple[Answer, Wire | None]]:
        """The answer, and the wire where it can serve the next request too."""
        response = _Response()
        try:
            if wire is None:
                wire = yield from self._connect(connection)
            yield from wire.send(request)
            while not response.is_whole():
                data = yield from wire.receive()
                response.feed(data)
                if not data and not response.is_whole():
                    raise ConnectionResetError("closed before the answer was whole")
        except (OSError, HTTPException, ValueError) as error:
            return _no_answer(error), None
        end_us = now_us()
        headers = {name.lower(): value for name, value in response.items()}
        answer = Answer(response.get_code(), bytes(response.body), headers, end_us=end_us)
        return answer, wire if self._keep_alive and not response.should_close() else None

    def _socket(self) -> plain_socket.socket:
        """Connected already where the host is a name, which is looked up each time: a procedure may change it."""
        if self._literal is None:
            named = socket.create_connection((self._url.hostname or "", self._port))
            connection = _Socket(fileno=named.detach())
        else:
            connection = _Socket(self._literal[0], socket.SOCK_STREAM)
        connection.settimeout(0)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _connect(self, connection: plain_socket.socket) -> Steps[Wire]:
        if self._literal is not None:
            if self._ports is not None:
                self._ports.bind(connection)
            code = connection.connect_ex(self._literal[1])
            if code == errno.EINPROGRESS:
                yield WRITE
                code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, os.strerror(code))
        if self._tls is None:
            return Plain(connection)
        encrypted = Encrypted(Plain(connection), self._tls, self._url.hostname or "")
        yield from encrypted.shake_hands()
        return encrypted


class _Response(HTTPResponse):
    """An answer that is being read: ``feed`` takes what came, and nothing at the end of the connection."""

    def __init__(self) -> None:
        super().__init__()
        self.body = bytearray()

    def is_whole(self) -> bool:
        """An interim answer is not the answer."""
        return bool(self.message_complete and self.get_code() >= _FIRST_FINAL_STATUS)

    def _on_body(self, buf: bytearray) -> None:
        self.body += buf


def _carry_out(steps: Steps[_T], fileno: int) -> _T:
    """Take the steps as the socket gets ready for them, and return what they do.

    They are taken in the event loop itself. So of many answers that are there at once each is read, and its time taken,
    before any user goes on with theirs: what a user does with an answer must not look like the next one's latency.
    """
    try:
        wanted = next(steps)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    loop, waiter = gevent.get_hub().loop, Waiter()
    watcher = loop.io(fileno, wanted)

    def take_step() -> None:
        try:
            wanted = next(steps)
        except StopIteration as end:
            watcher.stop()
            loop.run_callback(waiter.switch, end.value)
        else:
            if wanted != watcher.events:
                watcher.stop()
                watcher.events = wanted
                watcher.start(take_step)

    watcher.start(take_step)
    try:
        return waiter.get()  # type: ignore[no-any-return]
    finally:
        watcher.close()
        steps.close()


def _no_answer(error: Exception) -> Answer:
    return Answer(0, failure=f"{type(error).__name__}: {error}", end_us=now_us())


def _verifying_context() -> ssl.SSLContext:
    """What ``ssl.create_default_context`` gives, but gevent's: without monkey-patching that one blocks every user."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    return context


def _literal_address(host: str, port: int) -> tuple[int, tuple[str, int]] | None:
    """Family and address of an IP literal, which needs no resolver (gevent's would cost a thread switch a request)."""
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return None
    return (socket.AF_INET if version == 4 else socket.AF_INET6), (host, port)  # noqa: PLR2004 - IP version


def _request_bytes(url: SplitResult, path: str, headers: Mapping[str, str], *, keep_alive: bool) -> bytes:
    target = url.path.rstrip("/") + "/" + path.lstrip("/")
    host = url.netloc.rpartition("@")[2]
    sent = {"Host": host, "Connection": "keep-alive" if keep_alive else "close", "Accept": "*/*", **headers}
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
