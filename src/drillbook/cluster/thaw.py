"""Ends the pods that keep an immutable ConfigMap or Secret alive in the kubelet, so that another may take its name."""

from drillbook.clock import wait_until
from drillbook.cluster.client import ClusterClient
from drillbook.cluster.objects import DEPLOYMENT, POD, STATEFUL_SET, Kind
from drillbook.cluster.settle import list_pods, made_from
from drillbook.effects import Snapshot

_SCALED: tuple[Kind, ...] = (DEPLOYMENT, STATEFUL_SET)
_GRACE_S = 1


def frozen(now: Snapshot, wanted: Snapshot) -> frozenset[str]:
    """Keys of what is immutable now and is not what is wanted: it has to be made anew under its name."""
    return frozenset(key for key, content in now.items() if content.get("immutable") and wanted.get(key) != content)


def end_users_of(client: ClusterClient, namespace: str, keys: frozenset[str], *, timeout_s: float) -> tuple[str, ...]:
    """Scale to nothing what makes pods from these keys and wait until the pods are gone; names of those that stay.

    A kubelet keeps an immutable ConfigMap as long as one of its pods is registered with it, even when another of that
    name has taken its place. A pod deleted without grace leaves the API before it leaves the kubelet, hence a second.
    """
    if not keys:
        return ()
    for kind in _SCALED:
        for item in client.list_items(kind.collection(namespace)):
            if not keys.isdisjoint(made_from(item["spec"]["template"])):
                path = kind.path(namespace, item["metadata"]["name"])
                client.patch(path, {"spec": {"replicas": 0}}, "merge")
    left = _users_of(client, namespace, keys)
    for name in left:
        client.delete(POD.path(namespace, name), grace_s=_GRACE_S)

    def gone() -> bool:
        nonlocal left
        left = _users_of(client, namespace, keys)
        return not left

    return () if wait_until(gone, timeout_s=timeout_s) else left


def _users_of(client: ClusterClient, namespace: str, keys: frozenset[str]) -> tuple[str, ...]:
    pods = list_pods(client, namespace)
    return tuple(pod["metadata"]["name"] for pod in pods if not keys.isdisjoint(made_from(pod)))
