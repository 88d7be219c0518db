"""Tells from objects as the API server holds them what a system still waits for."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from drillbook.cluster.client import ClusterClient, JsonObject
from drillbook.cluster.objects import DEPLOYMENT, ENDPOINT_SLICE, POD, SERVICE, STATEFUL_SET, WORKLOADS, Kind, key_of

_POD_OWNERS = frozenset({"ReplicaSet", "StatefulSet", "DaemonSet"})


class Scene(Struct, frozen=True, kw_only=True):
    """What readiness is told from, read once: workloads by kind name, and the rest of their namespace."""

    workloads: Mapping[str, Sequence[JsonObject]]
    pods: Sequence[JsonObject]
    services: Sequence[JsonObject]
    endpoint_slices: Sequence[JsonObject]


def read_scene(client: ClusterClient, namespace: str) -> Scene:
    """Six short lists, about 15 ms."""
    return Scene(
        workloads={kind.name: client.list_items(kind.collection(namespace)) for kind in WORKLOADS},
        pods=client.list_items(POD.collection(namespace)),
        services=client.list_items(SERVICE.collection(namespace)),
        endpoint_slices=client.list_items(ENDPOINT_SLICE.collection(namespace)),
    )


def missing_parts(scene: Scene) -> tuple[str, ...]:
    """One line for each workload, pod and Service that is not ready yet; empty when all serve."""
    return (
        *_unready_workloads(scene),
        *(f"{_pod_key(pod)}: terminating" for pod in scene.pods if made_by_workload(pod) and is_terminating(pod)),
        *_unready_services(scene),
    )


def made_by_workload(pod: JsonObject) -> bool:
    """Whether a controller would replace this pod if it were deleted."""
    return any(owner.get("kind") in _POD_OWNERS for owner in pod["metadata"].get("ownerReferences") or [])


def is_terminating(pod: JsonObject) -> bool:
    """Whether somebody asked for its deletion."""
    return "deletionTimestamp" in pod["metadata"]


def is_ready(pod: JsonObject) -> bool:
    """Whether it is to receive traffic."""
    conditions = (pod.get("status") or {}).get("conditions") or []
    return not is_terminating(pod) and any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def reasons_of(pod: JsonObject) -> tuple[str, ...]:
    """Why its containers wait, and of what they died, each reason once in order of the containers."""
    status = pod.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    found: dict[str, None] = {}
    for container in containers:
        for state in (container.get("state") or {}, container.get("lastState") or {}):
            for part in ("waiting", "terminated"):
                reason = (state.get(part) or {}).get("reason")
                if reason and reason != "Completed":
                    found[reason] = None
    return tuple(found)


def _unready_workloads(scene: Scene) -> Iterator[str]:
    for kind in WORKLOADS:
        for item in scene.workloads[kind.name]:
            lack = rollout_lack(kind, item)
            if lack:
                yield f"{key_of(kind, item['metadata']['name'])}: {lack}"


def rollout_lack(kind: Kind, item: JsonObject) -> str:
    """What a workload lacks of having all its pods, of its current template and available; empty if nothing."""
    status = item.get("status") or {}
    if status.get("observedGeneration", 0) < item["metadata"].get("generation", 0):
        return "its controller has not seen the change yet"
    if kind in {DEPLOYMENT, STATEFUL_SET}:
        wanted = item["spec"].get("replicas", 1)
        counts = {name: status.get(name, 0) for name in ("replicas", "readyReplicas", "availableReplicas")}
        updated = status.get("updatedReplicas", 0)
        if kind == STATEFUL_SET and status.get("currentRevision") == status.get("updateRevision"):
            updated = status.get("replicas", 0)  # the count is left out once a rollout is over
        counts["updatedReplicas"] = updated
    else:
        wanted = status.get("desiredNumberScheduled", 0)
        counts = {name: status.get(name, 0) for name in ("numberReady", "updatedNumberScheduled")}
    lacking = [f"{name} {count}" for name, count in counts.items() if count != wanted]
    return f"{', '.join(lacking)} of {wanted}" if lacking else ""


def _unready_services(scene: Scene) -> Iterator[str]:
    """Services whose endpoints are not exactly the ready pods that they select."""
    for service in scene.services:
        spec, name = service["spec"], service["metadata"]["name"]
        selector = spec.get("selector")
        if not selector or spec.get("publishNotReadyAddresses"):
            continue
        wanted = {pod["metadata"]["name"] for pod in scene.pods if is_ready(pod) and _selects(selector, pod)}
        have = set(_ready_targets(name, scene.endpoint_slices))
        if wanted != have:
            yield f"service/{name}: {len(have)} ready endpoints for {len(wanted)} ready pods"


def _ready_targets(service: str, slices: Sequence[JsonObject]) -> Iterator[str]:
    for part in slices:
        if (part["metadata"].get("labels") or {}).get("kubernetes.io/service-name") != service:
            continue
        for endpoint in part.get("endpoints") or []:
            if (endpoint.get("conditions") or {}).get("ready") is not False and endpoint.get("targetRef"):
                yield endpoint["targetRef"]["name"]


def _selects(selector: Mapping[str, str], pod: JsonObject) -> bool:
    return selector.items() <= (pod["metadata"].get("labels") or {}).items()


def _pod_key(pod: JsonObject) -> str:
    return key_of(POD, pod["metadata"]["name"])
