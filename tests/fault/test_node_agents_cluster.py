import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaoslib.exceptions import ActivityFailed

from drillbook.clock import wait_until
from drillbook.cluster.client import ClusterClient, JsonObject
from drillbook.cluster.images import image_references
from drillbook.cluster.objects import DAEMON_SET, DEPLOYMENT, POD
from drillbook.fault import activities, node_agents
from drillbook.settings import load_settings

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
KUBECONFIG = Path(os.environ.get("DRILLBOOK_KUBECONFIG", ROOT / ".drillbook" / "kubeconfig"))
NAMESPACE = "drillbook-node-agents"
UP_AND_SAY = """
ip link add drill0 type veth peer name drill1 && ip link set drill0 up
while :; do grep -q '[13579bdf]$' /sys/class/net/drill0/flags && echo up || echo down; sleep 0.2; done
"""


def hosts(name: str, image: str) -> JsonObject:
    """Pods with an interface of their own, whose log says again and again whether it is up."""
    container = {
        "name": "host",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["bash", "-c", UP_AND_SAY],
        "securityContext": {"capabilities": {"add": ["NET_ADMIN"]}},
    }
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return {"metadata": {"name": name}, "spec": spec}


@pytest.fixture(scope="module")
def client() -> Iterator[ClusterClient]:
    client = ClusterClient(KUBECONFIG, expected_uid=ClusterClient(KUBECONFIG).cluster_uid())
    client.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    image = image_references(load_settings(ROOT))["ultra-cpp/gateway"]
    for name in ("hit", "spared"):
        client.create(DEPLOYMENT.collection(NAMESPACE), hosts(name, image))
    yield client
    client.delete(f"/api/v1/namespaces/{NAMESPACE}", grace_s=0)


@pytest.fixture(autouse=True)
def in_namespace(client: ClusterClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(KUBECONFIG))
    monkeypatch.setenv(activities.CLUSTER_UID, client.cluster_uid())
    monkeypatch.setenv(activities.NAMESPACE, NAMESPACE)


def names(client: ClusterClient, app: str) -> set[str]:
    return {pod["metadata"]["name"] for pod in client.list_items(POD.collection(NAMESPACE), selector=f"app={app}")}


def says(client: ClusterClient, app: str, word: str) -> bool:
    """Whether the one pod of an app said this last."""
    if not (activities.pods_are_ready(f"app={app}") and len(names(client, app)) == 1):
        return False
    (pod,) = names(client, app)
    return client.read_text(f"{POD.path(NAMESPACE, pod)}/log?tailLines=1").strip() == word


def test_a_link_stays_down_in_new_pods_of_the_name_and_in_no_others(client: ClusterClient) -> None:
    assert wait_until(lambda: says(client, "hit", "up") and says(client, "spared", "up"), timeout_s=20)
    node_agents.keep_link_down("cut", interface="drill0", pods="hit-.*", image_of="Deployment/hit")
    assert wait_until(lambda: says(client, "hit", "down"), timeout_s=5)
    (old,) = names(client, "hit")
    client.delete(POD.path(NAMESPACE, old), grace_s=0)
    assert wait_until(lambda: old not in names(client, "hit") and says(client, "hit", "down"), timeout_s=20)
    assert says(client, "spared", "up")
    assert node_agents.remove_agent("cut")
    assert client.get(DAEMON_SET.path(NAMESPACE, "cut")) is None
    assert not node_agents.remove_agent("cut")
    (old,) = names(client, "hit")
    client.delete(POD.path(NAMESPACE, old), grace_s=0)
    assert wait_until(lambda: old not in names(client, "hit") and says(client, "hit", "up"), timeout_s=20)


def test_an_image_that_nobody_has_is_told() -> None:
    with pytest.raises(ActivityFailed, match="there is no Deployment/none"):
        node_agents.keep_link_down("cut", interface="drill0", pods="hit-.*", image_of="Deployment/none")
