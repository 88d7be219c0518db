import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drillbook.cluster.client import ClusterClient, JsonObject
from drillbook.cluster.differences import differences
from drillbook.cluster.objects import DEPLOYMENT, REPLICA_SET, SECRET
from drillbook.cluster.settle import settle
from drillbook.cluster.system import ClusterSystem
from drillbook.effects import Snapshot
from drillbook.fault.injector import ChaosInjector, FaultFailedError

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
KUBECONFIG = Path(os.environ.get("DRILLBOOK_KUBECONFIG", ROOT / ".drillbook" / "kubeconfig"))
DRILLED = "ultra-cpp"
NAMESPACE = "drillbook-bad-release"  # a copy, so that the drilled system is left alone
GATEWAYS = ("ultra-cpp-gateway-blue", "ultra-cpp-gateway-green")
TOKENS = "ultra-cpp-api-tokens"
SELECTOR = "app=ultra-cpp-gateway"
ENTRY = "http://127.0.0.1:30080"


def kubectl(*arguments: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("kubectl", path=f"{ROOT / '.drillbook' / 'bin'}:{os.environ['PATH']}")
    assert tool
    command = [tool, "--kubeconfig", str(KUBECONFIG), "-n", NAMESPACE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def client() -> ClusterClient:
    return ClusterClient(KUBECONFIG, expected_uid=ClusterClient(KUBECONFIG).cluster_uid())


@pytest.fixture(scope="module")
def system(client: ClusterClient) -> Iterator[ClusterSystem]:
    """The drilled system's gateways, configuration and fallback, copied into a namespace of their own."""
    original = ClusterSystem(client, DRILLED).snapshot()
    if "deployment/" + GATEWAYS[0] not in original:
        pytest.fail("the system under drill is not deployed: run a drill first")
    client.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    copied = {
        key: _moved(dict(item))
        for key, item in original.items()
        if key in {*(f"deployment/{name}" for name in (*GATEWAYS, "nodejs-api")), "service/nodejs-api"}
        or key in {"configmap/ultra-cpp-config", "configmap/ultra-cpp-revoked-tokens"}
    }
    tokens = client.get(SECRET.path(DRILLED, TOKENS))
    assert tokens is not None
    client.create(SECRET.collection(NAMESPACE), {"metadata": {"name": TOKENS}, "data": tokens["data"]})
    system = ClusterSystem(client, NAMESPACE)
    copied |= {key: dict(item) for key, item in system.snapshot().items() if key == f"secret/{TOKENS}"}
    try:
        system.restore(copied, timeout_s=90)
        yield system
    finally:
        client.delete(f"/api/v1/namespaces/{NAMESPACE}", grace_s=0)


@pytest.fixture
def before(system: ClusterSystem) -> Iterator[Snapshot]:
    snapshot = system.snapshot()
    yield snapshot
    system.restore(snapshot, timeout_s=90)


def _moved(item: JsonObject) -> JsonObject:
    item["metadata"] = item["metadata"] | {"namespace": NAMESPACE}
    spec = item.get("spec") or {}
    return item | ({"spec": {k: v for k, v in spec.items() if k not in {"clusterIP", "clusterIPs"}}} if spec else {})


def injector(client: ClusterClient) -> ChaosInjector:
    environment = {"DRILLBOOK_ENTRY_URL": ENTRY}
    return ChaosInjector(
        ROOT, kubeconfig=KUBECONFIG, cluster_uid=client.cluster_uid(), namespace=NAMESPACE, environment=environment
    )


def wait_for_crashes(system: ClusterSystem) -> float:
    started = time.monotonic()
    while True:
        reasons = system.waiting_reasons(SELECTOR)
        if len(reasons) == 4 and all("CrashLoopBackOff" in found for found in reasons.values()):
            return time.monotonic() - started
        assert time.monotonic() - started < 60, reasons
        time.sleep(0.2)


def replica_sets(client: ClusterClient) -> int:
    return len(client.list_items(REPLICA_SET.collection(NAMESPACE), selector=SELECTOR))


def test_a_bad_release_crashes_every_pod_and_an_undo_heals_it(
    client: ClusterClient, system: ClusterSystem, before: Snapshot, tmp_path: Path
) -> None:
    running = injector(client).inject(ROOT / "experiments" / "bad_release.yaml", tmp_path / "journal.json")
    wait_for_crashes(system)
    for name in GATEWAYS:
        assert kubectl("rollout", "undo", f"deployment/{name}").returncode == 0
        assert kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s").returncode == 0
    healed = system.snapshot()
    assert differences(before, healed) == ("configmap/ultra-cpp-config-r2: added",)
    assert running.release() is None
    system.restore(before, timeout_s=90)
    assert differences(before, system.snapshot()) == ()
    assert replica_sets(client) == 2


def test_a_bad_release_is_taken_back_where_nobody_responds(
    client: ClusterClient, system: ClusterSystem, before: Snapshot, tmp_path: Path
) -> None:
    running = injector(client).inject(ROOT / "experiments" / "bad_release.yaml", tmp_path / "journal.json")
    wait_for_crashes(system)
    assert running.release() is None
    assert differences(before, system.snapshot()) == ()
    started = time.monotonic()
    system.restore(before, timeout_s=90)
    assert time.monotonic() - started < 10
    assert replica_sets(client) == 2
    assert settle(client, NAMESPACE, doubtful=frozenset(), timeout_s=0) == ()


def test_without_history_an_undo_is_refused(
    client: ClusterClient, system: ClusterSystem, before: Snapshot, tmp_path: Path
) -> None:
    experiment = ROOT / "experiments" / "bad_release_without_history.yaml"
    running = injector(client).inject(experiment, tmp_path / "journal.json")
    wait_for_crashes(system)
    for name in GATEWAYS:
        undo = kubectl("rollout", "undo", f"deployment/{name}")
        assert undo.returncode != 0
        assert "no rollout history" in undo.stderr
    assert running.release() is None
    system.restore(before, timeout_s=90)
    assert differences(before, system.snapshot()) == ()


def test_a_system_that_is_already_down_is_not_broken_further(
    client: ClusterClient, before: Snapshot, tmp_path: Path
) -> None:
    client.patch(
        DEPLOYMENT.path(NAMESPACE, GATEWAYS[1]), {"spec": {"template": {"spec": {"nodeName": "none"}}}}, "merge"
    )
    with pytest.raises(FaultFailedError, match="not met before the fault: 'green has all its pods'"):
        injector(client).inject(ROOT / "experiments" / "bad_release.yaml", tmp_path / "journal.json")
    assert "configmap/ultra-cpp-config-r2" not in before


def test_a_fault_is_not_put_into_another_cluster(client: ClusterClient, before: Snapshot, tmp_path: Path) -> None:
    stray = ChaosInjector(ROOT, kubeconfig=KUBECONFIG, cluster_uid="another", namespace=NAMESPACE)
    with pytest.raises(FaultFailedError, match="nothing was written"):
        stray.inject(ROOT / "experiments" / "bad_release.yaml", tmp_path / "journal.json")
    assert client.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/ultra-cpp-config-r2") is None
    assert before
