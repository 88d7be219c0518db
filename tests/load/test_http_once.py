import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import gevent
import pytest
from tests.load.loopback_server import BODY, Server, answer

from drillbook.alarm import now_us
from drillbook.http_once import HttpOnce

Serve = Callable[[bytes | None], Server]


def test_an_answer_comes_with_status_body_and_headers(serve: Serve) -> None:
    server = serve(answer(status=404, extra="X-Served-By: pod-1\r\n"))
    got = HttpOnce(server.url, timeout_s=2).get("/api/items/7", {"Accept": "application/json"})
    assert (got.status, got.body, got.failure) == (404, BODY, "")
    assert got.headers["x-served-by"] == "pod-1"
    request = server.requests[0].decode()
    assert request.startswith("GET /api/items/7 HTTP/1.1\r\n")
    assert f"\r\nHost: 127.0.0.1:{server.port}\r\n" in request
    assert "\r\nAccept: application/json\r\n" in request


@pytest.mark.parametrize(("end", "target"), [("/", "/a"), ("", "/a"), ("/shop/", "/shop/a"), ("/shop", "/shop/a")])
def test_a_base_url_may_end_in_a_slash_or_a_path(serve: Serve, end: str, target: str) -> None:
    server = serve(answer())
    assert HttpOnce(server.url + end, timeout_s=2).get("/a").status == 200
    assert server.requests[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


def test_each_request_has_a_connection_of_its_own(serve: Serve) -> None:
    server = serve(answer())
    client = HttpOnce(server.url, timeout_s=2)
    assert [client.get("/").status for _ in range(3)] == [200] * 3
    assert server.connections == 3


def test_a_connection_can_be_kept(serve: Serve) -> None:
    server = serve(answer())
    client = HttpOnce(server.url, timeout_s=2, keep_alive=True)
    assert [client.get("/").status for _ in range(3)] == [200] * 3
    assert server.connections == 1


def test_a_kept_connection_that_the_server_said_it_closes_is_not_used_again(serve: Serve) -> None:
    server = serve(answer(extra="Connection: close\r\n"))
    server.close_after_reply = True
    client = HttpOnce(server.url, timeout_s=2, keep_alive=True)
    assert [client.get("/").status for _ in range(3)] == [200] * 3
    assert server.connections == 3


@pytest.mark.parametrize("keep_alive", [False, True])
def test_a_connection_closed_without_an_answer_is_a_failure_and_never_a_second_try(
    serve: Serve, *, keep_alive: bool
) -> None:
    server = serve(b"")
    got = HttpOnce(server.url, timeout_s=2, keep_alive=keep_alive).get("/")
    assert got.status == 0
    assert got.failure
    gevent.sleep(0.2)
    assert (server.connections, len(server.requests)) == (1, 1)


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    server = serve(answer(b"", status=302, extra="Location: /elsewhere\r\n"))
    assert HttpOnce(server.url, timeout_s=2).get("/").status == 302
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply", [answer(BODY[:10], length=len(BODY)), b"HTTP/1.1 200 OK\r\nContent-Le", b"SSH-2.0-OpenSSH\r\n\r\n"]
)
def test_half_an_answer_is_no_answer(serve: Serve, reply: bytes) -> None:
    got = HttpOnce(serve(reply).url, timeout_s=2).get("/")
    assert (got.status, got.body) == (0, b"")
    assert got.failure


def test_an_interim_answer_is_not_the_answer(serve: Serve) -> None:
    server = serve(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer())
    got = HttpOnce(server.url, timeout_s=2).get("/")
    assert (got.status, got.body) == (200, BODY)


def test_chunks_are_put_together(serve: Serve) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert HttpOnce(server.url, timeout_s=2).get("/").body == b"abcde"


@pytest.mark.parametrize("reply", [None, answer(BODY[:10], length=len(BODY))])
def test_the_timeout_holds_from_connecting_to_the_last_byte(serve: Serve, reply: bytes | None) -> None:
    server = serve(reply)
    server.delay_s = 0.0 if reply is None else 5.0
    started_s = time.monotonic()
    got = HttpOnce(server.url, timeout_s=0.3).get("/")
    assert (got.status, got.failure) == (0, "no whole answer within 0.3 s")
    assert 0.29 <= time.monotonic() - started_s < 1.0


def test_a_refused_connection_is_a_failure() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    got = HttpOnce(f"http://127.0.0.1:{port}", timeout_s=2).get("/")
    assert got.status == 0
    assert "refused" in got.failure


def test_a_name_is_looked_up(serve: Serve) -> None:
    server = serve(answer())
    assert HttpOnce(f"http://localhost:{server.port}", timeout_s=2).get("/").status == 200
    assert HttpOnce("http://no-such-name.invalid", timeout_s=2).get("/").status == 0


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", path, "-out", tmp_path / "c"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + (tmp_path / "c").read_text())
    return path


def test_https_is_spoken_where_the_certificate_is_trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answer(), certificate) as server:
        url = f"https://localhost:{server.port}"
        untrusted = HttpOnce(url, timeout_s=2).get("/")
        assert (untrusted.status, untrusted.failure.split(":")[0]) == (0, "SSLCertVerificationError")
        assert server.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert HttpOnce(url, timeout_s=2).get("/").body == BODY


def test_the_timeout_holds_for_the_handshake_too(serve: Serve) -> None:
    server = serve(None)  # speaks no TLS and says nothing
    got = HttpOnce(server.url.replace("http:", "https:"), timeout_s=0.3).get("/")
    assert (got.status, got.failure) == (0, "no whole answer within 0.3 s")


def test_a_timeout_of_the_caller_is_left_to_the_caller(serve: Serve) -> None:
    client = HttpOnce(serve(None).url, timeout_s=5)
    with pytest.raises(gevent.Timeout), gevent.Timeout(0.1):
        client.get("/")


def test_many_requests_at_once_do_not_wait_for_each_other(serve: Serve) -> None:
    server = serve(answer())
    server.delay_s = 0.3
    started_s = time.monotonic()
    jobs = [gevent.spawn(HttpOnce(server.url, timeout_s=2).get, "/") for _ in range(20)]
    gevent.joinall(jobs)
    assert [job.value.status for job in jobs] == [200] * 20
    assert time.monotonic() - started_s < 1.5


def test_what_a_user_does_with_an_answer_is_not_in_the_time_of_the_next() -> None:
    went_on_us: list[int] = []
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def use() -> int:
            answer = HttpOnce(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=5).get("/")
            went_on_us.append(now_us())
            return answer.end_us or 0

        jobs = [gevent.spawn(use) for _ in range(10)]
        accepted = []
        for _ in jobs:
            gevent.sleep(0.01)
            accepted.append(stack.enter_context(listener.accept()[0]))
        gevent.sleep(0.05)
        before_us = now_us()
        for connection in accepted:  # no user runs meanwhile, so all find their answer there at once
            connection.sendall(answer())
        gevent.joinall(jobs, timeout=5)
    assert len(went_on_us) == 10
    assert all(before_us <= job.value <= min(went_on_us) for job in jobs)
