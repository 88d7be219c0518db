"""Brings the system under drill into the cluster as its kustomization says, and waits until it serves."""

import copy
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml

from drillbook.cluster.client import ApiError, ClusterClient, JsonObject
from drillbook.cluster.objects import CONFIG_MAP, POD, SECRET, WORKLOADS, key_of
from drillbook.cluster.readiness import is_ready, made_by_workload, reasons_of
from drillbook.cluster.settle import doubtful_pods, list_pods, settle
from drillbook.errors import CannotRunError, InputError

FIELD_MANAGER = "drillbook"
_LOG_LINES = 5
_RENDER_TIMEOUT_S = 60.0


class DeployFailedError(CannotRunError):
    """The system was brought into the cluster and does not get ready there."""


def deploy_system(
    client: ClusterClient,
    *,
    kubectl: str,
    manifests: Path,
    images: Mapping[str, str],
    namespace: str,
    timeout_s: float,
) -> None:
    """Apply the kustomization with its images replaced, and wait until every workload and Service is ready.

    ``images`` maps an image's name in the manifests to the reference to run. Where nothing changed, nothing restarts.

    Raises:
        InputError: the kustomization cannot be rendered.
        DeployFailedError: it was not ready within ``timeout_s``; says what each pod waits for, with its last words.
    """
    objects = with_images(render(kubectl, manifests), images)
    pods = list_pods(client, namespace)
    changed = _apply_all(client, objects, namespace)
    missing = settle(client, namespace, doubtful=doubtful_pods(pods, changed), timeout_s=timeout_s)
    if missing:
        lines = [*missing, *_complaints(client, namespace)]
        absent_image = any("ImagePull" in line for line in lines)
        mend = "drillbook setup  (builds the images and loads them into the cluster)" if absent_image else None
        raise DeployFailedError(f"the system was not ready within {timeout_s:g} s:\n  " + "\n  ".join(lines), mend=mend)


def render(kubectl: str, manifests: Path) -> list[JsonObject]:
    """The objects of a kustomization, through the cluster's own kubectl."""
    try:
        done = subprocess.run(
            [kubectl, "kustomize", str(manifests)], capture_output=True, check=False, timeout=_RENDER_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotRunError(f"cannot run {kubectl}: {error}", mend="drillbook cluster up") from error
    if done.returncode != 0:
        raise InputError(f"cannot render it: {done.stderr.decode(errors='replace').strip()}", path=manifests)
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def with_images(objects: list[JsonObject], images: Mapping[str, str]) -> list[JsonObject]:
    """The same objects, each container's image replaced by the reference that its name (without tag) maps to."""
    replaced = copy.deepcopy(objects)
    for item in replaced:
        pod_spec = ((item.get("spec") or {}).get("template") or {}).get("spec") or {}
        for container in [*(pod_spec.get("initContainers") or []), *(pod_spec.get("containers") or [])]:
            name = _image_name(container["image"])
            container["image"] = images.get(name, container["image"])
    return replaced


def _image_name(reference: str) -> str:
    """``registry:5000/team/web:1.2@sha256:…`` without tag and digest."""
    untagged = reference.partition("@")[0]
    head, slash, last = untagged.rpartition("/")
    return head + slash + last.partition(":")[0]


def _apply_all(client: ClusterClient, objects: list[JsonObject], namespace: str) -> frozenset[str]:
    """Apply in an order in which nothing refers to what is not there yet; keys of the configuration that changed."""
    collections = _Collections(client)
    workloads = {kind.name for kind in WORKLOADS}
    ordered = sorted(objects, key=lambda item: (item["kind"] != "Namespace", item["kind"] in workloads))
    configuration = {CONFIG_MAP.name: CONFIG_MAP, SECRET.name: SECRET}
    changed: set[str] = set()
    for item in ordered:
        path = collections.path(item, namespace)
        kind = configuration.get(item["kind"])
        before = client.get(path) if kind else None
        after = client.apply(path, item, field_manager=FIELD_MANAGER)
        if kind and before and before["metadata"]["resourceVersion"] != after["metadata"]["resourceVersion"]:
            changed.add(key_of(kind, item["metadata"]["name"]))
    return frozenset(changed)


class _Collections:
    """Where objects of any kind live, as the API server itself tells; asked once for each API version."""

    def __init__(self, client: ClusterClient) -> None:
        self._client = client
        self._known: dict[str, dict[str, tuple[str, bool]]] = {}

    def path(self, item: JsonObject, namespace: str) -> str:
        api_version, kind = item["apiVersion"], item["kind"]
        prefix = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        if api_version not in self._known:
            listed = self._client.get(prefix) or {"resources": []}
            self._known[api_version] = {
                entry["kind"]: (entry["name"], entry["namespaced"])
                for entry in listed["resources"]
                if "/" not in entry["name"]
            }
        if kind not in self._known[api_version]:
            raise InputError(f"the cluster knows no kind {kind} of {api_version}")
        plural, namespaced = self._known[api_version][kind]
        scope = f"/namespaces/{item['metadata'].get('namespace', namespace)}" if namespaced else ""
        return f"{prefix}{scope}/{plural}/{item['metadata']['name']}"


def _complaints(client: ClusterClient, namespace: str) -> list[str]:
    """For each pod that is not ready, what it waits for and its last words."""
    lines: list[str] = []
    for pod in list_pods(client, namespace):
        if is_ready(pod) or not made_by_workload(pod):
            continue
        name = pod["metadata"]["name"]
        status = pod.get("status") or {}
        messages = [part["message"] for part in status.get("conditions") or [] if part.get("message")]
        waits = ", ".join(reasons_of(pod)) or "; ".join(messages[:1]) or status.get("phase", "Unknown")
        lines.append(f"pod/{name}: {waits}")
        for container in status.get("containerStatuses") or []:
            waiting = (container.get("state") or {}).get("waiting") or {}
            lines += [f"  {waiting['message']}"] if waiting.get("message") else []
            if not container.get("ready"):
                lines += [f"  | {line}" for line in _last_words(client, namespace, name, container)]
    return lines


def _last_words(client: ClusterClient, namespace: str, pod: str, container: JsonObject) -> list[str]:
    """The end of a container's log: of its last life where it has died."""
    previous = "true" if (container.get("lastState") or {}).get("terminated") else "false"
    query = f"container={container['name']}&tailLines={_LOG_LINES}&previous={previous}"
    try:
        return client.read_text(f"{POD.path(namespace, pod)}/log?{query}").splitlines()
    except ApiError:
        return []  # it never started
