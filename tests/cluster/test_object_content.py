import copy
from collections.abc import Sequence
from typing import Any

from drillbook.cluster.deploy import with_images
from drillbook.cluster.objects import DEPLOYMENT, SECRET, belongs_to_system, content_of, key_of, kind_of_key
from drillbook.cluster.readiness import Scene, missing_parts, reasons_of

Items = Sequence[dict[str, Any]]
KEY = b"namespace uid"
WEB: dict[str, Any] = {
    "metadata": {
        "name": "web",
        "uid": "1",
        "resourceVersion": "2",
        "generation": 3,
        "annotations": {"deployment.kubernetes.io/revision": "4", "team": "payments"},
    },
    "spec": {
        "replicas": 2,
        "template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}, "labels": {}}},
    },
    "status": {"replicas": 2},
}


def test_content_is_what_somebody_decided() -> None:
    item = copy.deepcopy(WEB)
    assert content_of(DEPLOYMENT, item, digest_key=KEY) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "annotations": {"team": "payments"}},
        "spec": {"replicas": 2, "template": {"metadata": {"labels": {}}}},
    }
    assert item == WEB


def test_secret_values_show_only_that_they_changed() -> None:
    secret = {"metadata": {"name": "s"}, "data": {"a": "aHVudGVyMg==", "b": "aHVudGVyMg=="}}
    content = content_of(SECRET, secret, digest_key=KEY)
    assert "aHVudGVyMg" not in repr(content)
    assert content != content_of(SECRET, secret | {"data": {"a": "eA==", "b": "aHVudGVyMg=="}}, digest_key=KEY)
    assert content != content_of(SECRET, secret, digest_key=b"another namespace")


def test_what_others_keep_is_not_of_the_system() -> None:
    assert belongs_to_system("deployment/web", WEB)
    assert not belongs_to_system("configmap/kube-root-ca.crt", {"metadata": {}})
    assert not belongs_to_system("configmap/x", {"metadata": {"ownerReferences": [{"uid": "1"}]}})
    assert not belongs_to_system("secret/t", {"metadata": {}, "type": "kubernetes.io/service-account-token"})


def test_keys_lead_back_to_their_kinds() -> None:
    assert kind_of_key(key_of(DEPLOYMENT, "web")) == (DEPLOYMENT, "web")
    assert DEPLOYMENT.path("n", "web") == "/apis/apps/v1/namespaces/n/deployments/web"
    assert SECRET.path("n", "s") == "/api/v1/namespaces/n/secrets/s"


def test_images_are_replaced_by_name() -> None:
    def pod(*images: str) -> dict[str, Any]:
        containers = [{"image": image} for image in images]
        return {"spec": {"template": {"spec": {"containers": containers, "initContainers": [{"image": "init"}]}}}}

    images = {"team/web": "localhost/team/web:abc", "init": "init:1", "reg:5000/db": "db:2"}
    before = pod("team/web", "team/web:latest", "team/web@sha256:12", "reg:5000/db:1", "other/web")
    (after, config) = with_images([before, {"kind": "ConfigMap"}], images)
    spec = after["spec"]["template"]["spec"]
    found = [container["image"] for container in spec["containers"]]
    assert found == [*["localhost/team/web:abc"] * 3, "db:2", "other/web"]
    assert spec["initContainers"] == [{"image": "init:1"}]
    assert config == {"kind": "ConfigMap"}
    assert before == pod("team/web", "team/web:latest", "team/web@sha256:12", "reg:5000/db:1", "other/web")


def test_reasons_are_what_containers_wait_for_and_died_of() -> None:
    statuses = [
        {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"reason": "OOMKilled"}}},
        {"state": {"running": {}}, "lastState": {"terminated": {"reason": "Completed"}}},
        {"state": {"terminated": {"reason": "Error"}}},
    ]
    assert reasons_of({"status": {"containerStatuses": statuses}}) == ("CrashLoopBackOff", "OOMKilled", "Error")
    assert reasons_of({}) == ()


def scene(
    *,
    workloads: dict[str, Items] | None = None,
    pods: Items = (),
    services: Items = (),
    endpoint_slices: Items = (),
) -> Scene:
    none: dict[str, Items] = {"Deployment": [], "StatefulSet": [], "DaemonSet": []}
    return Scene(workloads=none | (workloads or {}), pods=pods, services=services, endpoint_slices=endpoint_slices)


def workload(kind: str, spec: dict[str, Any], status: dict[str, Any]) -> Scene:
    return scene(workloads={kind: [{"metadata": {"name": "w", "generation": 1}, "spec": spec, "status": status}]})


def test_workloads_of_every_kind() -> None:
    whole = {"observedGeneration": 1, "replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "updatedReplicas": 2}
    assert missing_parts(workload("Deployment", {"replicas": 2}, whole)) == ()
    assert missing_parts(workload("Deployment", {"replicas": 2}, whole | {"readyReplicas": 1})) == (
        "deployment/w: readyReplicas 1 of 2",
    )
    assert missing_parts(workload("Deployment", {"replicas": 2}, whole | {"observedGeneration": 0})) == (
        "deployment/w: its controller has not seen the change yet",
    )
    assert missing_parts(workload("Deployment", {"replicas": 0}, {"observedGeneration": 1})) == ()
    rolled = {k: v for k, v in whole.items() if k != "updatedReplicas"} | {
        "currentRevision": "a",
        "updateRevision": "a",
    }
    assert missing_parts(workload("StatefulSet", {"replicas": 2}, rolled)) == ()
    assert missing_parts(workload("StatefulSet", {"replicas": 2}, rolled | {"updateRevision": "b"})) != ()
    daemons = {"observedGeneration": 1, "desiredNumberScheduled": 1, "numberReady": 1, "updatedNumberScheduled": 1}
    assert missing_parts(workload("DaemonSet", {}, daemons)) == ()
    assert missing_parts(workload("DaemonSet", {}, daemons | {"numberReady": 0})) == (
        "daemonset/w: numberReady 0 of 1",
    )


def test_a_service_must_lead_to_exactly_its_ready_pods() -> None:
    def pod(name: str, *, ready: bool) -> dict[str, Any]:
        condition = {"type": "Ready", "status": str(ready)}
        return {"metadata": {"name": name, "labels": {"app": "web"}}, "status": {"conditions": [condition]}}

    service = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}}
    labels = {"kubernetes.io/service-name": "web"}
    endpoints = [{"targetRef": {"name": "a"}}, {"targetRef": {"name": "b"}, "conditions": {"ready": False}}]
    slices = [{"metadata": {"labels": labels}, "endpoints": endpoints}, {"metadata": {}, "endpoints": endpoints}]
    pods = [pod("a", ready=True), pod("b", ready=False)]
    assert missing_parts(scene(services=[service], pods=pods, endpoint_slices=slices)) == ()
    pods = [pod("a", ready=True), pod("b", ready=True)]
    assert missing_parts(scene(services=[service], pods=pods, endpoint_slices=slices)) == (
        "service/web: 1 ready endpoints for 2 ready pods",
    )
    outside = {"metadata": {"name": "db"}, "spec": {"externalName": "db.example"}}
    assert missing_parts(scene(services=[outside])) == ()


def test_a_pod_on_its_way_out_is_waited_for() -> None:
    owner = [{"kind": "ReplicaSet", "uid": "1"}]
    leaving = {"metadata": {"name": "p", "ownerReferences": owner, "deletionTimestamp": "now"}}
    assert missing_parts(scene(pods=[leaving])) == ("pod/p: terminating",)
