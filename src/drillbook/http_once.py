"""An HTTP client for measuring: one request is one try, with one deadline for all of it.

Clients made for convenience (geventhttpclient and so Locust's FastHttpUser, requests, httpx) send a GET again when its
connection breaks, follow redirects and keep several timeouts that add up. Each of these hides from the measurement
what a user would have seen.
"""

import contextlib
import ipaddress
from collections.abc import Mapping
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import gevent
from gevent import socket, ssl
from geventhttpclient.response import HTTPSocketResponse

from drillbook.source_ports import SourcePorts

_NO_HEADERS: Mapping[str, str] = {}


class Answer(NamedTuple):
    """What came back. ``status`` is 0 where no whole answer came within the timeout, and ``failure`` says why."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = _NO_HEADERS  # names in lower case
    failure: str = ""


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
        self._kept: socket.socket | None = None

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
            return Answer(0, failure=f"no whole answer within {self._timeout_s:g} s")
        except (OSError, HTTPException) as error:
            return Answer(0, failure=f"{type(error).__name__}: {error}")
        finally:
            timeout.close()

    def _exchange(self, request: bytes) -> Answer:
        connection, self._kept = self._kept or self._connect(), None
        reusable = False
        try:
            connection.sendall(request)
            response = HTTPSocketResponse(connection, block_size=65536)
            body = response.read()
            reusable = self._keep_alive and not response.should_close()
            headers = {name.lower(): value for name, value in response.items()}
            return Answer(response.status_code, body, headers)
        finally:
            if reusable:
                self._kept = connection
            else:
                connection.close()

    def _connect(self) -> socket.socket:
        if self._literal is None:  # a name is looked up each time: where it points to may be what a procedure changes
            connection = socket.create_connection((self._url.hostname or "", self._port))
        else:
            connection = socket.socket(self._literal[0], socket.SOCK_STREAM)
        with contextlib.ExitStack() as undone:
            undone.callback(connection.close)
            if self._literal is not None:
                if self._ports is not None:
                    self._ports.bind(connection)
                connection.connect(self._literal[1])
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_hostname=self._url.hostname)
            undone.pop_all()
        return connection


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
