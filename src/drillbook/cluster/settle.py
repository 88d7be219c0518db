"""Waits until a namespace serves again, and deletes at once the pods that would only delay it."""

from collections.abc import Iterator

from drillbook.clock import wait_until
from drillbook.cluster.client import ClusterClient, JsonObject
from drillbook.cluster.objects import POD
from drillbook.cluster.readiness import Scene, is_ready, is_terminating, made_by_workload, missing_parts, read_scene

_SOURCES = (
    ("configMap", "configmap"),
    ("configMapRef", "configmap"),
    ("configMapKeyRef", "configmap"),
    ("secret", "secret"),
    ("secretRef", "secret"),
    ("secretKeyRef", "secret"),
)


def list_pods(client: ClusterClient, namespace: str) -> list[JsonObject]:
    """All pods as they are now."""
    return client.list_items(POD.collection(namespace))


def doubtful_pods(pods: list[JsonObject], changed: frozenset[str]) -> frozenset[str]:
    """UIDs of the pods to make anew: not ready, or made from a ConfigMap or Secret in ``changed`` (by key).

    ``pods`` are those of before the change: one that was made since is given its time to become ready.
    """
    return frozenset(
        pod["metadata"]["uid"]
        for pod in pods
        if made_by_workload(pod) and (not is_ready(pod) or not changed.isdisjoint(made_from(pod)))
    )


def settle(client: ClusterClient, namespace: str, *, doubtful: frozenset[str], timeout_s: float) -> tuple[str, ...]:
    """Wait until all workloads are ready and all Services lead to them; what is missing at the deadline, or nothing."""
    deleted: set[str] = set()
    missing: tuple[str, ...] = ()

    def settled() -> bool:
        nonlocal missing
        scene = read_scene(client, namespace)
        _delete_pods(client, namespace, scene, doubtful, deleted)
        missing = missing_parts(scene)
        return not missing and doubtful.isdisjoint(pod["metadata"]["uid"] for pod in scene.pods)

    return () if wait_until(settled, timeout_s=timeout_s) else missing


def _delete_pods(
    client: ClusterClient, namespace: str, scene: Scene, doubtful: frozenset[str], deleted: set[str]
) -> None:
    """Delete with no grace what is to go, once each: a pod that drains keeps a Recreate rollout waiting."""
    for pod in scene.pods:
        uid = pod["metadata"]["uid"]
        if uid not in deleted and made_by_workload(pod) and (is_terminating(pod) or uid in doubtful):
            deleted.add(uid)
            client.delete(POD.path(namespace, pod["metadata"]["name"]), grace_s=0)


def made_from(pod: JsonObject) -> Iterator[str]:
    """Keys of the ConfigMaps and Secrets that a pod, or a pod of this template, is made from."""
    spec = pod["spec"]
    parts: list[JsonObject] = []
    for volume in spec.get("volumes") or []:
        parts += [volume, *((volume.get("projected") or {}).get("sources") or [])]
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        parts += [entry.get("valueFrom") or {} for entry in container.get("env") or []]
        parts += container.get("envFrom") or []
    for part in parts:
        for field, kind in _SOURCES:
            if part.get(field):
                yield f"{kind}/{part[field].get('name') or part[field].get('secretName')}"
