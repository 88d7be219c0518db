import http.server
import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaoslib.exceptions import ActivityFailed

from drillbook.cluster.client import ClusterClient
from drillbook.fault import activities

KUBECONFIG = Path(os.environ.get("DRILLBOOK_KUBECONFIG", Path(__file__).parents[2] / ".drillbook" / "kubeconfig"))
DNS = "k8s-app=kube-dns"  # runs in every cluster


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_status_is_what_the_server_says_and_no_proxy_is_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert [activities.http_status(f"{address}/{status}") for status in (200, 204, 404, 503)] == [200, 204, 404, 503]


def test_no_answer_is_status_0() -> None:
    assert activities.http_status("http://127.0.0.1:1/") == 0


def test_an_unknown_kind_is_told_with_the_known_ones() -> None:
    with pytest.raises(ActivityFailed, match=r"unknown kind 'Deplyoment'; known: .*deployment"):
        activities.delete_object("Deplyoment", "web")


@pytest.fixture
def in_namespace(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("KUBECONFIG", str(KUBECONFIG))
    monkeypatch.setenv(activities.CLUSTER_UID, ClusterClient(KUBECONFIG).cluster_uid())
    monkeypatch.setenv(activities.NAMESPACE, "default")
    return monkeypatch


@pytest.mark.cluster
def test_objects_come_change_and_go(in_namespace: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert in_namespace
    name = f"drillbook-test-{uuid.uuid4().hex[:8]}"
    manifest = tmp_path / "objects.yaml"
    manifest.write_text(f"kind: ConfigMap\napiVersion: v1\nmetadata: {{name: {name}}}\ndata: {{a: b}}\n---\n")
    path = f"/api/v1/namespaces/default/configmaps/{name}"
    client = ClusterClient(KUBECONFIG)
    try:
        assert activities.apply_manifest(str(manifest)) == [f"configmap/{name}"]
        assert activities.patch_object("ConfigMap", name, {"data": {"a": "c"}}, "merge") == f"configmap/{name}"
        assert (client.get(path) or {})["data"] == {"a": "c"}
    finally:
        assert activities.delete_object("ConfigMap", name)
    assert client.get(path) is None
    assert not activities.delete_object("ConfigMap", name)


@pytest.mark.cluster
def test_probes_see_what_is_there(in_namespace: pytest.MonkeyPatch) -> None:
    in_namespace.setenv(activities.NAMESPACE, "kube-system")
    assert activities.pods_are_ready(DNS)
    assert not activities.pods_are_ready("k8s-app=none")
    assert not activities.pods_show(DNS, "CrashLoopBackOff")
    assert not activities.pods_show("k8s-app=none", "CrashLoopBackOff")
    assert activities.workload_is_ready("Deployment", "coredns")
    assert not activities.workload_is_ready("Deployment", "none")
    with pytest.raises(ActivityFailed, match="there is no deployment none"):
        activities.forget_revisions("none", timeout_s=1)
