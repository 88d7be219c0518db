import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cluster.small_system import KUBECONFIG, MANIFESTS, NAMESPACE, WEB, SmallSystem

from drillbook.cluster.client import ApiError, ClusterClient, ForeignClusterError
from drillbook.cluster.deploy import DeployFailedError
from drillbook.cluster.differences import differences
from drillbook.cluster.objects import CONFIG_MAP, DEPLOYMENT, POD, REPLICA_SET, SECRET, SERVICE
from drillbook.cluster.system import ClusterSystem, RestoreFailedError
from drillbook.effects import Snapshot
from drillbook.errors import CannotRunError

pytestmark = pytest.mark.cluster

SELECTOR = "app=web"
BAD_CONFIG = {"Corefile": ".:5300 {\n    no-such-plugin\n}\n"}


@pytest.fixture(scope="module")
def small() -> Iterator[SmallSystem]:
    small = SmallSystem()
    small.deploy()
    yield small
    small.delete_namespace()


@pytest.fixture
def before(small: SmallSystem) -> Iterator[Snapshot]:
    snapshot = small.system.snapshot()
    yield snapshot
    small.system.restore(snapshot, timeout_s=60)
    assert differences(snapshot, small.system.snapshot()) == ()


def pod_names(small: SmallSystem) -> set[str]:
    return set(small.system.waiting_reasons(SELECTOR))


def replica_sets(small: SmallSystem) -> list[str]:
    return [item["metadata"]["name"] for item in small.client.list_items(REPLICA_SET.collection(NAMESPACE))]


def release_bad_configuration(small: SmallSystem) -> None:
    bad = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web-r2"}, "data": BAD_CONFIG}
    small.client.create(CONFIG_MAP.collection(NAMESPACE), bad)
    volumes = [{"name": "config", "configMap": {"name": "web-r2"}}]
    small.client.patch(WEB, {"spec": {"template": {"spec": {"volumes": volumes}}}}, "strategic")


def wait_for_crashes(small: SmallSystem) -> None:
    deadline = time.monotonic() + 30
    while True:
        reasons = small.system.waiting_reasons(SELECTOR)
        if len(reasons) == 2 and all("CrashLoopBackOff" in found for found in reasons.values()):
            return
        assert time.monotonic() < deadline, reasons
        time.sleep(0.1)


def test_deploying_again_restarts_nothing_and_is_quick(small: SmallSystem) -> None:
    pods = pod_names(small)
    started = time.monotonic()
    small.deploy()
    assert time.monotonic() - started < 3
    assert pod_names(small) == pods


def test_a_changed_configuration_restarts_its_pods(small: SmallSystem, before: Snapshot) -> None:
    pods = pod_names(small)
    path = CONFIG_MAP.path(NAMESPACE, "web")
    small.client.patch(path, {"data": BAD_CONFIG}, "merge")
    small.deploy()
    assert pods.isdisjoint(pod_names(small))
    assert differences(before, small.system.snapshot()) == ()


def test_a_system_that_does_not_start_says_which_pod_and_why(small: SmallSystem, before: Snapshot) -> None:
    with pytest.raises(DeployFailedError, match=r"(?s)pod/web-.*(ErrImage|ImagePullBackOff)") as failure:
        small.deploy(image="localhost/there-is:none", timeout_s=8)
    assert "deployment/web" in str(failure.value)
    assert before


def test_a_pod_that_dies_is_quoted_with_its_last_words(small: SmallSystem, before: Snapshot, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(MANIFESTS, broken)
    text = (broken / "system.yaml").read_text()
    (broken / "system.yaml").write_text(text.replace("whoami", "no-such-plugin"))
    with pytest.raises(DeployFailedError, match=r"(?s)pod/web-.*\| .*no-such-plugin"):
        small.deploy(manifests=broken, timeout_s=8)
    assert before


def test_a_snapshot_holds_no_secret_values_and_no_bookkeeping(small: SmallSystem) -> None:
    snapshot = small.system.snapshot()
    assert {"deployment/web", "configmap/web", "secret/web", "service/web"} <= snapshot.keys()
    text = repr(snapshot)
    assert "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ" not in text
    assert "resourceVersion" not in text
    assert "managedFields" not in text
    assert snapshot == small.system.snapshot()


def test_restoring_what_has_not_changed_restarts_nothing_and_is_quick(small: SmallSystem, before: Snapshot) -> None:
    pods = pod_names(small)
    started = time.monotonic()
    small.system.restore(before, timeout_s=30)
    assert time.monotonic() - started < 1
    assert pod_names(small) == pods


def test_a_bad_release_is_put_back_with_no_history_left(small: SmallSystem, before: Snapshot) -> None:
    release_bad_configuration(small)
    wait_for_crashes(small)
    changed = differences(before, small.system.snapshot())
    assert "deployment/web spec.template.spec.volumes[config].configMap: " in "\n".join(changed)
    started = time.monotonic()
    small.system.restore(before, timeout_s=60)
    assert time.monotonic() - started < 10
    assert differences(before, small.system.snapshot()) == ()
    assert len(replica_sets(small)) == 1


def test_an_immutable_configuration_is_made_anew_and_no_kubelet_keeps_the_old_one(
    small: SmallSystem, before: Snapshot
) -> None:
    path = CONFIG_MAP.path(NAMESPACE, "web")
    small.client.patch(path, {"data": BAD_CONFIG, "immutable": True}, "merge")
    for name in pod_names(small):
        small.client.delete(POD.path(NAMESPACE, name), grace_s=0)
    wait_for_crashes(small)
    small.system.restore(before, timeout_s=60)
    assert differences(before, small.system.snapshot()) == ()


def test_a_field_that_somebody_added_is_taken_away(small: SmallSystem, before: Snapshot) -> None:
    path = SERVICE.path(NAMESPACE, "web")
    node_port = small.get(path)["spec"]["ports"][0]["nodePort"]
    small.client.patch(path, {"spec": {"selector": {"added": "by-hand"}}}, "strategic")
    assert differences(before, small.system.snapshot()) == (
        'service/web spec.selector: {"app": "web"} → {"added": "by-hand", "app": "web"}',
    )
    small.system.restore(before, timeout_s=30)
    assert small.get(path)["spec"]["ports"][0]["nodePort"] == node_port
    assert differences(before, small.system.snapshot()) == ()


def test_deleted_objects_are_made_again_and_added_ones_deleted(small: SmallSystem, before: Snapshot) -> None:
    service = small.get(SERVICE.path(NAMESPACE, "web"))["spec"]
    small.client.delete(WEB)
    small.client.delete(SERVICE.path(NAMESPACE, "web"))
    small.client.delete(SECRET.path(NAMESPACE, "web"))
    small.client.create(
        CONFIG_MAP.collection(NAMESPACE), {"metadata": {"name": "leftover"}, "data": {"by": "somebody"}}
    )
    assert differences(before, small.system.snapshot()) == (
        "configmap/leftover: added",
        "deployment/web: deleted",
        "secret/web: deleted",
        "service/web: deleted",
    )
    small.system.restore(before, timeout_s=60)
    again = small.get(SERVICE.path(NAMESPACE, "web"))["spec"]
    assert (again["clusterIP"], again["ports"]) == (service["clusterIP"], service["ports"])


def test_a_selector_that_cannot_be_changed_back_is_made_anew(small: SmallSystem, before: Snapshot) -> None:
    web = small.get(WEB)
    small.client.delete(WEB)
    other = {"app": "web", "added": "label"}
    spec = web["spec"] | {"selector": {"matchLabels": other}}
    spec["template"]["metadata"]["labels"] = other
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(ApiError):
            small.client.create(DEPLOYMENT.collection(NAMESPACE), {"metadata": {"name": "web"}, "spec": spec})
            break
    small.system.restore(before, timeout_s=60)
    assert small.get(WEB)["spec"]["selector"] == {"matchLabels": {"app": "web"}}


def test_a_changed_secret_shows_and_is_put_back_by_who_knows_its_value(
    small: SmallSystem, before: Snapshot, tmp_path: Path
) -> None:
    path = SECRET.path(NAMESPACE, "web")
    value = small.get(path)["data"]
    first_process = ClusterSystem(small.client, NAMESPACE, secrets_file=tmp_path / "secrets")
    assert first_process.snapshot() == before
    small.client.patch(path, {"stringData": {"PASSWORD": "wrong"}}, "merge")
    (line,) = differences(before, small.system.snapshot())
    assert line.startswith("secret/web data.PASSWORD: ")
    with pytest.raises(RestoreFailedError, match="secret/web"):
        ClusterSystem(small.client, NAMESPACE).restore(before, timeout_s=30)
    ClusterSystem(small.client, NAMESPACE, secrets_file=tmp_path / "secrets").restore(before, timeout_s=30)
    assert small.get(path)["data"] == value


def test_kinds_that_demand_the_current_version_are_put_back_too(small: SmallSystem, before: Snapshot) -> None:
    budgets = f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets"
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    small.client.create(budgets, {"metadata": {"name": "web"}, "spec": spec})
    with_budget = small.system.snapshot()
    small.client.patch(f"{budgets}/web", {"spec": {"minAvailable": 2}}, "merge")
    assert differences(with_budget, small.system.snapshot()) == ("poddisruptionbudget/web spec.minAvailable: 1 → 2",)
    small.system.restore(with_budget, timeout_s=30)
    assert small.system.snapshot() == with_budget
    assert before


def test_a_stateful_set_forgets_its_revisions_too(small: SmallSystem, before: Snapshot) -> None:
    template = small.get(WEB)["spec"]["template"]
    template["metadata"]["labels"] = {"app": "store"}
    spec = {"serviceName": "web", "selector": {"matchLabels": {"app": "store"}}, "template": template}
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/statefulsets"
    small.client.create(path, {"metadata": {"name": "store"}, "spec": spec})
    with_store = small.system.snapshot()
    small.system.restore(with_store, timeout_s=30)
    small.client.patch(f"{path}/store", {"spec": {"template": {"metadata": {"labels": {"v": "2"}}}}}, "merge")
    small.system.restore(with_store, timeout_s=30)
    revisions = small.client.list_items(f"/apis/apps/v1/namespaces/{NAMESPACE}/controllerrevisions")
    assert len(revisions) == 1
    assert before


def test_a_system_that_cannot_get_ready_is_told(small: SmallSystem, before: Snapshot) -> None:
    small.client.patch(WEB, {"spec": {"template": {"spec": {"nodeSelector": {"no": "such-node"}}}}}, "merge")
    unschedulable = small.system.snapshot()
    with pytest.raises(RestoreFailedError, match=r"not ready 2 s after it was put back: deployment/web: .* of 2"):
        small.system.restore(unschedulable, timeout_s=2)
    assert before


def test_a_namespace_that_is_missing_is_told(small: SmallSystem) -> None:
    with pytest.raises(CannotRunError, match="there is no namespace none"):
        ClusterSystem(small.client, "none").snapshot()


def test_a_restart_that_was_asked_for_is_no_difference(small: SmallSystem, before: Snapshot) -> None:
    noted = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}
    small.client.patch(WEB, {"spec": {"template": noted}}, "merge")
    assert differences(before, small.system.snapshot()) == ()


def test_a_deleted_pod_leaves_the_service_whole_after_the_restore(small: SmallSystem, before: Snapshot) -> None:
    victim = min(pod_names(small))
    small.client.delete(POD.path(NAMESPACE, victim))
    small.system.restore(before, timeout_s=30)
    assert victim not in pod_names(small)
    assert set(small.system.waiting_reasons(SELECTOR).values()) == {()}


def test_another_cluster_is_never_written_to(small: SmallSystem, before: Snapshot) -> None:
    stranger = ClusterClient(KUBECONFIG, expected_uid="00000000-0000-0000-0000-000000000000")
    small.client.patch(WEB, {"spec": {"replicas": 1}}, "merge")
    with pytest.raises(ForeignClusterError, match="nothing was written"):
        ClusterSystem(stranger, NAMESPACE).restore(before, timeout_s=5)
    assert small.get(WEB)["spec"]["replicas"] == 1
    with pytest.raises(ForeignClusterError, match="only reads"):
        ClusterClient(KUBECONFIG).patch(WEB, {"spec": {"replicas": 3}}, "merge")
