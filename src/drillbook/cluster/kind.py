"""The life of the kind cluster: created, adopted, checked, paused, deleted; never anybody else's cluster."""

import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

import yaml

from drillbook.cluster.engine import Engine, EngineError, replace_file
from drillbook.cluster.state import ClusterRecord, forget_record, read_record, write_record
from drillbook.errors import CannotRunError, InputError
from drillbook.fault.undo import forget_cluster
from drillbook.settings import Settings

MARK = "drillbook"
"""Name of the ConfigMap in kube-system, and of the file in the node, that say a cluster is drillbook's."""

_MARK_FILE = f"/kind/{MARK}.definition"
_KUBECTL = ("kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "--request-timeout=5s")
_DELETE_TIMEOUT_S = 60.0
_READY_TIMEOUT_S = 60.0
_OFFLINE_NODE = "localhost/drillbook-node:"


class ClusterError(CannotRunError):
    """The cluster could not be created, reached or trusted."""


class Health(StrEnum):
    """What the API server, not the engine, says about a cluster."""

    ABSENT = "absent"
    PAUSED = "paused"
    DEAD = "dead"
    HEALTHY = "healthy"


@dataclass(frozen=True)
class Definition:
    """What a cluster is made from; a cluster made from anything else is another one."""

    name: str
    config: Path
    node_image: str
    digest: str


@dataclass(frozen=True)
class Found:
    """A cluster as it was found on this machine."""

    health: Health
    nodes: tuple[str, ...] = ()
    uid: str | None = None
    mark: str | None = None  # digest of the definition it was made from; None where it bears no mark


def read_definition(config: Path, node_image: str) -> Definition:
    """The definition in a kind configuration; raises InputError when it has no name or cannot be read."""
    try:
        content = config.read_bytes()
        name = (yaml.safe_load(content) or {}).get("name")
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", path=config) from error
    except (yaml.YAMLError, AttributeError) as error:
        raise InputError(f"not a kind configuration: {error}", path=config) from error
    if not isinstance(name, str) or not name:
        raise InputError("the cluster has no name", path=config, mend="add a line such as: name: drillbook")
    digest = hashlib.sha256(content + b"\0" + node_image.encode()).hexdigest()[:16]
    return Definition(name=name, config=config, node_image=node_image, digest=digest)


class KindCluster:
    """One kind cluster on this machine, and the kubeconfig and record of it in a project's state directory."""

    def __init__(self, engine: Engine, kind: Path, definition: Definition, state_dir: Path) -> None:
        self.engine, self.kind, self.definition, self.state_dir = engine, kind, definition, state_dir

    @property
    def kubeconfig(self) -> Path:
        """The private kubeconfig."""
        return self.state_dir / "kubeconfig"

    def find(self) -> Found:
        """Look at the cluster without changing it."""
        label = f"label=io.x-k8s.kind.cluster={self.definition.name}"
        listed = self.engine.run("ps", "--all", "--filter", label, "--format", "{{.Names}}\t{{.Status}}")
        states = dict(line.split("\t", 1) for line in listed.splitlines() if "\t" in line)
        nodes = tuple(sorted(states))
        if not nodes:
            return Found(Health.ABSENT)
        if any("paused" in state.lower() for state in states.values()):
            return Found(Health.PAUSED, nodes)
        try:
            uid, mark = self._ask(self.control_plane(nodes))
        except EngineError:
            return Found(Health.DEAD, nodes)
        return Found(Health.HEALTHY, nodes, uid, mark)

    def up(self, metrics_server_image: str, say: Callable[[str], None] = lambda _: None) -> ClusterRecord:
        """Make sure that the cluster of this definition runs and is drillbook's; returns its record.

        A healthy one is kept, a paused one resumed, a dead or outdated one recreated. Raises ClusterError for a cluster
        of this name that drillbook did not create.
        """
        found = self.find()
        if found.health is Health.PAUSED:
            found = self.resume()
        if found.health is Health.HEALTHY and found.mark == self.definition.digest:
            return self._adopt(found)
        if found.health is not Health.ABSENT:
            self._refuse_unowned(found)
            why = "its definition changed" if found.health is Health.HEALTHY else "it no longer answers"
            say(f"recreating cluster {self.definition.name!r}: {why}")
            self._delete(found)
        return self._create(metrics_server_image)

    def down(self) -> bool:
        """Delete the cluster; returns whether there was one. Raises ClusterError for one that is not drillbook's."""
        found = self.find()
        if found.health is Health.PAUSED:
            found = self.resume()
        if found.health is not Health.ABSENT:
            self._refuse_unowned(found)
            self._delete(found)
        forget_record(self.state_dir)
        self.kubeconfig.unlink(missing_ok=True)
        return found.health is not Health.ABSENT

    def pause(self) -> None:
        """Freeze the cluster: it keeps its memory and uses no processor."""
        found = self.find()
        if found.health is Health.HEALTHY:
            self._refuse_unowned(found)
            self.engine.run("pause", *found.nodes)
        elif found.health is not Health.PAUSED:
            raise ClusterError(f"cluster {self.definition.name!r} is {found.health}", mend="drillbook cluster up")

    def resume(self) -> Found:
        """Let a paused cluster go on, and wait until its API server answers; dead when it does not within a minute."""
        found = self.find()
        if found.health is Health.PAUSED:
            self.engine.run("unpause", *found.nodes)
            found = self.find()
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while found.health is Health.DEAD and time.monotonic() < deadline:
            found = self.find()
        return found

    def control_plane(self, nodes: tuple[str, ...]) -> str:
        """The node to ask: the one whose name ends as kind names its first control plane."""
        return next((node for node in nodes if node.endswith("-control-plane")), nodes[0])

    def _ask(self, node: str) -> tuple[str, str | None]:
        """The cluster's UID and its mark, in one question; raises EngineError when nobody answers."""
        script = (
            f'{" ".join(_KUBECTL)} get namespace kube-system --output "jsonpath={{.metadata.uid}}" && echo && '
            f"{' '.join(_KUBECTL)} --namespace kube-system get configmap {MARK} --ignore-not-found "
            '--output "jsonpath={.data.definition}"'
        )
        uid, _, mark = self.engine.run("exec", node, "sh", "-c", script, timeout_s=20.0).partition("\n")
        return uid.strip(), mark.strip() or None

    def _refuse_unowned(self, found: Found) -> None:
        if found.mark is not None:
            return
        record = read_record(self.state_dir)
        interrupted = record is not None and record.name == self.definition.name and record.uid is None
        if interrupted or (found.health is Health.DEAD and self._dead_one_is_ours(found)):
            return
        name, provider = self.definition.name, self.engine.environment.get("KIND_EXPERIMENTAL_PROVIDER", "docker")
        raise ClusterError(
            f"a kind cluster named {name!r} exists that drillbook did not create; it is left alone",
            mend=f"KIND_EXPERIMENTAL_PROVIDER={provider} {self.kind} delete cluster --name {name}, "
            f"or give another name in {self.definition.config}",
        )

    def _dead_one_is_ours(self, found: Found) -> bool:
        """A dead cluster answers no question, but its node's files can be read, and its image has a name."""
        node = self.control_plane(found.nodes)
        image = self.engine.run("inspect", "--format", "{{.Config.Image}}", node).strip()
        return image.startswith(_OFFLINE_NODE) or self.engine.succeeds("cp", f"{node}:{_MARK_FILE}", "-")

    def _create(self, metrics_server_image: str) -> ClusterRecord:
        definition = self.definition
        record = ClusterRecord(name=definition.name, uid=None, definition=definition.digest)
        write_record(self.state_dir, record)  # first: an interrupted creation must be known as ours
        self._run_kind(
            "create", "cluster", "--name", definition.name, "--config", str(definition.config), "--image",
            definition.node_image, "--kubeconfig", str(self.kubeconfig), "--wait", "120s",
            timeout_s=300.0,
        )  # fmt: skip
        manifest = f"{metrics_server_manifest(metrics_server_image)}\n---\n{json.dumps(_mark(definition))}"
        # All in one call, and nothing asked that is known: a cold start should cost what kind itself costs.
        kubectl = " ".join(_KUBECTL)
        script = (
            f"echo {definition.digest} > {_MARK_FILE} && {kubectl} create --validate=false --filename - > /dev/null && "
            f'{kubectl} get namespace kube-system --output "jsonpath={{.metadata.uid}}"'
        )
        node = f"{definition.name}-control-plane"
        uid = self.engine.run("exec", "--interactive", node, "sh", "-c", script, text_in=manifest).strip()
        record = ClusterRecord(name=definition.name, uid=uid, definition=definition.digest)
        write_record(self.state_dir, record)
        return record

    def find_nodes(self) -> tuple[str, ...]:
        """Names of the cluster's containers."""
        label = f"label=io.x-k8s.kind.cluster={self.definition.name}"
        listed = self.engine.run("ps", "--all", "--filter", label, "--format", "{{.Names}}")
        return tuple(sorted(listed.split()))

    def _adopt(self, found: Found) -> ClusterRecord:
        record = ClusterRecord(name=self.definition.name, uid=found.uid, definition=self.definition.digest)
        if read_record(self.state_dir) != record or not self.kubeconfig.is_file():
            content = self._run_kind("get", "kubeconfig", "--name", self.definition.name)
            replace_file(self.kubeconfig, content, mode=0o600)
            write_record(self.state_dir, record)
        return record

    def _delete(self, found: Found) -> None:
        """Delete the cluster with its volumes, which kind leaves behind on podman, and the undos of its faults."""
        mounts = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}'
        volumes = self.engine.run("inspect", "--format", mounts, *found.nodes).split()
        self._delete_nodes()
        left = set(self.engine.run("volume", "ls", "--quiet").split()).intersection(volumes)
        if left:
            self.engine.run("volume", "rm", *sorted(left))
        record = read_record(self.state_dir)
        if record is not None and record.uid is not None:
            forget_cluster(self.state_dir, record.uid)

    def _delete_nodes(self) -> None:
        """Have kind delete the cluster, again if need be.

        A node that died while podman did not look is first waited for, in vain, and removed only at the next try.
        """
        deadline = time.monotonic() + _DELETE_TIMEOUT_S
        while True:
            try:
                self._run_kind(
                    "delete", "cluster", "--name", self.definition.name, "--kubeconfig", str(self.kubeconfig)
                )
            except ClusterError:
                if time.monotonic() >= deadline:
                    raise
            else:
                return

    def _run_kind(self, *arguments: str, timeout_s: float = 120.0) -> str:
        try:
            done = subprocess.run(
                [str(self.kind), *arguments], env=self.engine.full_environment, text=True, timeout=timeout_s,
                stdin=subprocess.DEVNULL, capture_output=True, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ClusterError(f"kind {arguments[0]} took longer than {timeout_s:g} s") from error
        except OSError as error:
            raise ClusterError(f"cannot run {self.kind}: {error.strerror}", mend="drillbook setup") from error
        if done.returncode:
            said = "\n".join(done.stderr.strip().splitlines()[-12:])
            raise ClusterError(f"kind {' '.join(arguments[:2])} failed:\n{said}", mend="drillbook doctor")
        return done.stdout


def metrics_server_manifest(image: str) -> str:
    """The manifests of metrics-server, with this image."""
    text = (files("drillbook.cluster") / "metrics_server.yaml").read_text(encoding="utf-8")
    return text.replace("METRICS_SERVER_IMAGE", image)


def _mark(definition: Definition) -> Mapping[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": MARK, "namespace": "kube-system"},
        "data": {"definition": definition.digest, "purpose": "drillbook created this cluster and may delete it"},
    }


def verify_cluster(settings: Settings) -> None:
    """Check that the private kubeconfig still leads to the very cluster that was recorded.

    Raises ClusterError when there is no record, nobody answers, or another cluster does. Takes a few milliseconds after
    the first call.
    """
    record = read_record(settings.state_dir)
    if record is None or record.uid is None or not settings.kubeconfig.is_file():
        raise ClusterError("this project has no cluster yet", mend="drillbook cluster up")
    uid = _read_uid(settings.kubeconfig)
    if uid != record.uid:
        raise ClusterError(
            f"the cluster at {settings.kubeconfig} has UID {uid}, not {record.uid} as recorded: left alone",
            mend="drillbook cluster up",
        )


def _read_uid(kubeconfig: Path) -> str:
    from kubernetes import client, config  # noqa: PLC0415 - takes 0.7 s, and most commands do not need it
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        with config.new_client_from_config(str(kubeconfig)) as api:  # type: ignore[no-untyped-call]
            namespace = client.CoreV1Api(api).read_namespace("kube-system", _request_timeout=5)
    except (client.ApiException, config.ConfigException, HTTPError) as error:
        raise ClusterError(f"the cluster does not answer: {error}", mend="drillbook cluster up") from error
    return str(namespace.metadata.uid if namespace.metadata else None)
