import base64
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from drillbook.cluster.client import ApiError, ClusterClient, ClusterUnreachableError, ForeignClusterError
from drillbook.errors import CannotRunError

UID = "7acfcec5-ecde-4b4b-92ca-de88a0d62b52"


class Server(http.server.ThreadingHTTPServer):
    """Answers as an API server would, closes the connection after each answer, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, str | None, bytes]] = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, self.headers.get("Content-Type"), body))
        known = {"/api/v1/namespaces/kube-system": {"metadata": {"uid": UID}}, "/api/v1/pods": {"items": None}}
        path = self.path.partition("?")[0]
        status = 200 if path in known or self.command != "GET" else 404
        status = 500 if path == "/broken" else status
        data = b"not JSON" if path == "/broken" else json.dumps(known.get(path, {"message": "no such thing"})).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True  # without saying so, as an idle connection is closed

    do_GET = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server looks for these names

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def kubeconfig(directory: Path, server: str, **user: str) -> Path:
    path = directory / "kubeconfig"
    config = {
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "other", "cluster": {}}, {"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user}],
    }
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.fixture
def client(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterClient:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("KUBECONFIG", "/there/is/none")
    address = f"http://127.0.0.1:{server.server_address[1]}"
    return ClusterClient(kubeconfig(tmp_path, address, token="t"), expected_uid=UID)


def test_a_connection_that_was_closed_meanwhile_is_opened_again(client: ClusterClient) -> None:
    assert [client.cluster_uid() for _ in range(3)] == [UID] * 3


def test_what_is_not_there_is_none_and_an_empty_list_is_empty(client: ClusterClient) -> None:
    assert client.get("/api/v1/namespaces/none") is None
    assert client.list_items("/api/v1/pods", selector="app=web,version!=blue") == []


def test_every_write_is_preceded_by_a_look_at_the_uid(client: ClusterClient, server: Server) -> None:
    client.patch("/x", {"a": 1}, "merge")
    client.apply("/y", {"b": 2}, field_manager="drillbook")
    assert client.delete("/z", grace_s=0)
    look = ("GET", "/api/v1/namespaces/kube-system", None, b"")
    assert server.seen[0::2] == [look] * 3
    assert server.seen[1] == ("PATCH", "/x", "application/merge-patch+json", b'{"a": 1}')
    assert server.seen[3][1:3] == ("/y?fieldManager=drillbook&force=true", "application/apply-patch+yaml")
    assert json.loads(server.seen[5][3])["gracePeriodSeconds"] == 0


def test_nothing_is_written_to_another_cluster(server: Server, tmp_path: Path) -> None:
    path = kubeconfig(tmp_path, f"http://127.0.0.1:{server.server_address[1]}", token="t")
    for uid in ("another", None):
        with pytest.raises(ForeignClusterError):
            ClusterClient(path, expected_uid=uid).delete("/x")
    assert {method for method, *_ in server.seen} == {"GET"}


def test_a_refusal_keeps_its_status_and_words(client: ClusterClient) -> None:
    with pytest.raises(ApiError, match="refused GET /broken: 500 not JSON") as refusal:
        client.get("/broken")
    assert refusal.value.status == 500


def test_a_cluster_that_does_not_answer(tmp_path: Path) -> None:
    with Server() as closed:
        port = closed.server_address[1]
    with pytest.raises(ClusterUnreachableError, match="drillbook cluster up"):
        ClusterClient(kubeconfig(tmp_path, f"http://127.0.0.1:{port}", token="t")).cluster_uid()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "current-context: x", ": : :", "current-context: x\ncontexts: []\nclusters: []\nusers: []"],
)
def test_a_kubeconfig_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "k").write_text(text)
    with pytest.raises(ClusterUnreachableError, match="not usable"):
        ClusterClient(tmp_path / "k")


def test_a_kubeconfig_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ClusterUnreachableError, match="cannot read the kubeconfig"):
        ClusterClient(tmp_path / "none")


def test_a_kubeconfig_without_credentials_that_can_be_used(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="neither a client certificate nor a token"):
        ClusterClient(kubeconfig(tmp_path, "https://127.0.0.1:1"))
    broken = kubeconfig(tmp_path, "https://127.0.0.1:1", **{"client-certificate-data": base64.b64encode(b"x").decode()})
    with pytest.raises(ClusterUnreachableError, match="not usable"):
        ClusterClient(broken)
