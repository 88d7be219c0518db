import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaoslib.exceptions import ActivityFailed

from drillbook.clock import wait_until
from drillbook.cluster.client import ClusterClient, ForeignClusterError
from drillbook.fault import activities, pods
from drillbook.responder.transport import ConnectionLostError, Execution

KUBECONFIG = Path(os.environ.get("DRILLBOOK_KUBECONFIG", Path(__file__).parents[2] / ".drillbook" / "kubeconfig"))
NAMESPACE = "drillbook-fault-pods"
COMMAND = ["sh", "-c", "true"]


def exits(exit_codes: dict[str, int]) -> pods.Execute:
    def execute(pod: str, arguments: list[str]) -> Execution:
        assert arguments == COMMAND
        return Execution(exit_code=exit_codes[pod], stdout=f"said by {pod}\n".encode(), stderr=b"went wrong")

    return execute


def test_what_each_pod_says_is_returned() -> None:
    said = pods.run_everywhere("app=web", COMMAND, ["web-1", "web-2"], exits({"web-1": 0, "web-2": 0}))
    assert said == {"web-1": "said by web-1", "web-2": "said by web-2"}


def test_one_pod_that_fails_fails_the_action_and_is_named() -> None:
    with pytest.raises(ActivityFailed, match="web-2: the script exited with 3: went wrong"):
        pods.run_everywhere("app=web", COMMAND, ["web-1", "web-2"], exits({"web-1": 0, "web-2": 3}))


def test_a_selector_without_pods_fails() -> None:
    with pytest.raises(ActivityFailed, match="no pod has the labels app=web"):
        pods.run_everywhere("app=web", COMMAND, [], exits({}))


def test_a_pod_that_goes_away_meanwhile_fails_the_action() -> None:
    def gone(pod: str, arguments: list[str]) -> Execution:
        raise ConnectionLostError(f"{pod} is gone, {arguments[0]} did not run")

    with pytest.raises(ActivityFailed, match="web-1: web-1 is gone, sh did not run"):
        pods.run_everywhere("app=web", COMMAND, ["web-1"], gone)


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterClient]:
    """Two pods that do nothing, of an image that has a shell: the drilled system's own responder."""
    uid = ClusterClient(KUBECONFIG).cluster_uid()
    client = ClusterClient(KUBECONFIG, expected_uid=uid)
    responders = client.list_items("/api/v1/pods", selector="app=responder")
    if not responders:
        pytest.skip("the system is not deployed, so the node holds no image with a shell")
    monkeypatch.setenv("KUBECONFIG", str(KUBECONFIG))
    monkeypatch.setenv(activities.CLUSTER_UID, uid)
    monkeypatch.setenv(activities.NAMESPACE, NAMESPACE)
    client.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    image = responders[0]["spec"]["containers"][0]["image"]
    container = {"name": "idle", "image": image, "command": ["sleep", "infinity"], "imagePullPolicy": "IfNotPresent"}
    template = {
        "metadata": {"labels": {"app": "idle"}},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "idle"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "idle"}}, "template": template},
    }
    client.create(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", deployment)
    yield client
    client.delete(f"/api/v1/namespaces/{NAMESPACE}", grace_s=0)


@pytest.mark.cluster
def test_a_script_runs_in_every_pod_of_the_cluster(trial: ClusterClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trial
    assert wait_until(lambda: activities.workload_is_ready("Deployment", "idle"), timeout_s=60)
    said = pods.run_in_pods("app=idle", "idle", 'echo "$HOSTNAME has $SHARE"', {"SHARE": "half of it"})
    assert said == {name: f"{name} has half of it" for name in said}
    assert len(said) == 2
    assert pods.holds_in_pods("app=idle", "idle", "test -d /tmp")
    assert not pods.holds_in_pods("app=idle", "idle", "test -d /none")
    assert not pods.holds_in_pods("app=none", "idle", "true")
    with pytest.raises(ActivityFailed, match="did not end within 1 s"):
        pods.run_in_pods("app=idle", "idle", "sleep 30", timeout_s=1)
    monkeypatch.setenv(activities.CLUSTER_UID, "another")
    with pytest.raises(ForeignClusterError):
        pods.run_in_pods("app=idle", "idle", "touch /tmp/touched")
