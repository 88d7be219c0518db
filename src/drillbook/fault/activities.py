"""Actions and probes for experiments: any object of the drilled namespace, and the system as its users reach it."""

import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import cast

import yaml
from chaoslib.exceptions import ActivityFailed

from drillbook.clock import wait_until
from drillbook.cluster.client import ClusterClient, JsonObject, PatchType
from drillbook.cluster.objects import BY_NAME, DEPLOYMENT, POD, REPLICA_SET, Kind
from drillbook.cluster.readiness import is_ready, reasons_of, rollout_lack
from drillbook.cluster.revisions import outdated_replica_sets

NAMESPACE = "DRILLBOOK_NAMESPACE"
CLUSTER_UID = "DRILLBOOK_CLUSTER_UID"
FIELD_MANAGER = "drillbook-fault"
UNAVAILABLE = "not to be had on this machine:"


def unavailable(reason: str) -> ActivityFailed:
    """What an activity raises where this machine cannot have the fault: the drill is then skipped with the reason."""
    return ActivityFailed(f"{UNAVAILABLE} {reason}")


def apply_object(manifest: JsonObject) -> str:
    """Server-side apply of one object of the drilled namespace."""
    path = _path(manifest["kind"], manifest["metadata"]["name"])
    _client().apply(path, manifest, field_manager=FIELD_MANAGER)
    return f"{manifest['kind'].lower()}/{manifest['metadata']['name']}"


def apply_manifest(path: str) -> list[str]:
    """Server-side apply of every object of a YAML file; the path starts at the project's root."""
    documents = yaml.safe_load_all(Path(path).read_text(encoding="utf-8"))
    return [apply_object(document) for document in documents if document]


def patch_object(kind: str, name: str, patch: object, patch_type: str = "strategic") -> str:
    """Patch one object; ``patch_type`` is merge, strategic or json."""
    path = _path(kind, name)
    _client().patch(path, patch, cast("PatchType", patch_type))
    return f"{kind.lower()}/{name}"


def delete_object(kind: str, name: str) -> bool:
    """Delete one object; False where there was none, which is no failure: a rollback may run twice."""
    path = _path(kind, name)
    return _client().delete(path)


def forget_revisions(deployment: str, timeout_s: float = 20.0) -> list[str]:
    """Delete all ReplicaSets of a Deployment but the current one, so that there is no revision to return to."""
    client, namespace = _client(), _namespace()
    old: list[JsonObject] = []

    def replaced() -> bool:
        item = client.get(DEPLOYMENT.path(namespace, deployment))
        if item is None:
            raise ActivityFailed(f"there is no deployment {deployment}")
        outdated = outdated_replica_sets(item, client.list_items(REPLICA_SET.collection(namespace)))
        if outdated is None:
            return False
        old[:] = outdated
        return not any((part.get("status") or {}).get("replicas") for part in old)

    if not wait_until(replaced, timeout_s=timeout_s):
        raise ActivityFailed(f"the old pods of {deployment} were still there after {timeout_s:g} s")
    names = [part["metadata"]["name"] for part in old]
    for name in names:
        client.delete(REPLICA_SET.path(namespace, name))
    return names


def await_no_pods(selector: str, timeout_s: float = 20.0) -> bool:
    """Return once there is no pod with these labels any more, not even one that is on its way out."""
    client, namespace = _client(), _namespace()
    if not wait_until(lambda: not client.list_items(POD.collection(namespace), selector=selector), timeout_s=timeout_s):
        raise ActivityFailed(f"pods with {selector} are still there after {timeout_s:g} s")
    return True


def pods_are_ready(selector: str) -> bool:
    """Whether there are pods with these labels and every one of them is ready."""
    pods = _client().list_items(POD.collection(_namespace()), selector=selector)
    return bool(pods) and all(is_ready(pod) for pod in pods)


def pods_show(selector: str, reason: str) -> bool:
    """Whether there are pods with these labels and each waits or died for this reason."""
    pods = _client().list_items(POD.collection(_namespace()), selector=selector)
    return bool(pods) and all(reason in reasons_of(pod) for pod in pods)


def workload_is_ready(kind: str, name: str) -> bool:
    """Whether a Deployment, StatefulSet or DaemonSet has all its pods, of its current template and available."""
    path = _path(kind, name)
    item = _client().get(path)
    return item is not None and not rollout_lack(_kind(kind), item)


def http_status(url: str, timeout_s: float = 3.0) -> int:
    """The status of a GET without any proxy; 0 where no answer came."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout_s) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def connect() -> tuple[ClusterClient, str]:
    """For activities of other modules: the client, and the namespace that is drilled."""
    return _client(), _namespace()


def _client() -> ClusterClient:
    """A client for the one cluster that the injector named."""
    return ClusterClient(Path(os.environ["KUBECONFIG"]), expected_uid=os.environ[CLUSTER_UID])


def _namespace() -> str:
    return os.environ[NAMESPACE]


def _path(kind: str, name: str) -> str:
    return _kind(kind).path(_namespace(), name)


def _kind(name: str) -> Kind:
    try:
        return BY_NAME[name.lower()]
    except KeyError:
        raise ActivityFailed(f"unknown kind {name!r}; known: {', '.join(sorted(BY_NAME))}") from None
