from collections.abc import Iterator
from pathlib import Path

import pytest

from drillbook.checks import Severity
from drillbook.checks.dry_run import rule_asking
from drillbook.checks.engine import Selection, check_document
from drillbook.cluster.client import ClusterClient
from drillbook.cluster.dry_run import asking

pytestmark = pytest.mark.cluster

STATE = Path(__file__).parents[2] / ".drillbook"
NAMESPACE = "drillbook-dry-run-test"


@pytest.fixture(scope="module")
def client() -> Iterator[ClusterClient]:
    kubeconfig = STATE / "kubeconfig"
    client = ClusterClient(kubeconfig, expected_uid=ClusterClient(kubeconfig).cluster_uid())
    path = f"/api/v1/namespaces/{NAMESPACE}"
    client.apply(path, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, field_manager="test")
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    }
    client.apply(f"{path}/services/web", service, field_manager="test")
    yield client
    client.delete(path, grace_s=0)


def versions(client: ClusterClient) -> dict[str, dict[str, str]]:
    """Of all that the runbook would change, each object's version by its name."""
    path = f"/api/v1/namespaces/{NAMESPACE}"
    listed = {kind: client.list_items(f"{path}/{kind}") for kind in ("services", "configmaps")}
    return {
        kind: {each["metadata"]["name"]: each["metadata"]["resourceVersion"] for each in items}
        for kind, items in listed.items()
    }


def test_a_cluster_is_asked_and_nothing_is_carried_out(client: ClusterClient) -> None:
    commands = (
        "kubectl delete service web",
        'kubectl patch service web -p \'{"spec": {"type": "NodePort"}}\'',
        "kubectl label service web seen=yes --overwrite",
        "kubectl create configmap new --from-literal=a=b",
        'kubectl patch service web -p \'{"spec": {"type": "Sideways"}}\'',
        "kubectl scale deployment web --replica=2",
        "kubectl delete service nobody",
        "kubectl delete webs web",
    )
    lines = "".join(f"   {command} -n {NAMESPACE}\n" for command in commands)
    source = f"# Web\n\n1. **Change**\n\n   ```bash\n{lines}   ```\n".encode()
    before = versions(client)
    rules = (rule_asking(asking(STATE / "bin" / "kubectl", STATE / "kubeconfig")),)
    found = check_document(source, "web.md", Selection(select=("RB070",)), rules)
    assert versions(client) == before
    assert "web" in before["services"]
    assert [(finding.line - 6, finding.severity) for finding in found] == [
        (4, Severity.ERROR),
        (5, Severity.ERROR),
        (6, Severity.WARNING),
        (7, Severity.ERROR),
    ], found
