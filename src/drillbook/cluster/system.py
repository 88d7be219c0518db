"""The system under drill as its cluster shows it: taken down as a snapshot, and put back to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from drillbook.cluster.client import ApiError, ClusterClient, JsonObject
from drillbook.cluster.objects import (
    CONTROLLER_REVISION,
    DEPLOYMENT,
    POD,
    REPLICA_SET,
    SECRET,
    SYSTEM_KINDS,
    Kind,
    belongs_to_system,
    content_of,
    key_of,
    kind_of_key,
)
from drillbook.cluster.readiness import made_by_workload, reasons_of
from drillbook.cluster.revisions import outdated_controller_revisions, outdated_replica_sets
from drillbook.cluster.secret_values import SecretValues
from drillbook.cluster.settle import doubtful_pods, list_pods, settle
from drillbook.cluster.thaw import end_users_of, frozen
from drillbook.effects import Snapshot
from drillbook.errors import CannotRunError


class RestoreFailedError(CannotRunError):
    """The system could not be put back to its snapshot."""


class ClusterSystem:
    """All objects of one namespace that somebody decided about; implements ``effects.SystemUnderDrill``."""

    def __init__(self, client: ClusterClient, namespace: str, *, secrets_file: Path | None = None) -> None:
        """The client checks the cluster's identity before each write.

        A snapshot holds no secret values, so they are remembered apart: in this process, and in ``secrets_file`` (which
        only its owner can read, as the kubeconfig beside it) so that a later process can put them back too.
        """
        self._client = client
        self._namespace = namespace
        self._secret_values = SecretValues(secrets_file)

    def snapshot(self) -> Snapshot:
        """The objects as they are now, secret values as digests (about 50 ms)."""
        digest_key = self._digest_key()
        return {
            key_of(kind, item["metadata"]["name"]): self._content(kind, item, digest_key)
            for kind, item in self._objects()
        }

    def restore(self, snapshot: Snapshot, *, timeout_s: float, renew: Sequence[str] = ()) -> None:
        """Put back every object that differs, delete what was added, and wait until everything is ready.

        The pods of ``renew`` (label selectors) are made anew, whatever they look like.
        Pods are deleted at once where they are not ready, terminate, or were made from what has been put back.
        Revisions that are not in use are forgotten, so that every drill starts with the same history.

        Raises:
            RestoreFailedError: something was not ready within ``timeout_s``, or a secret's value is not known.
            ForeignClusterError: this is not the cluster that may be written to; nothing was.
        """
        pods = list_pods(self._client, self._namespace)
        now = self._thawed(snapshot, timeout_s=timeout_s)
        changed = [key for key in snapshot if now.get(key) != snapshot[key]]
        added = [key for key in now if key not in snapshot]
        unknown = [key for key in changed if not self._put_back(key, snapshot[key], exists=key in now)]
        for key in reversed(added):
            kind, name = kind_of_key(key)
            self._client.delete(kind.path(self._namespace, name))
        doubtful = doubtful_pods(pods, frozenset(changed)) | self._uids(renew)
        missing = settle(self._client, self._namespace, doubtful=doubtful, timeout_s=timeout_s)
        if missing:
            raise RestoreFailedError(f"not ready {timeout_s:g} s after it was put back: {'; '.join(missing)}")
        self._forget_unused_revisions()
        if unknown:
            raise RestoreFailedError(
                f"the values of {', '.join(unknown)} changed, and what they were is not known any more",
                mend="put them back by hand",
            )

    def _thawed(self, wanted: Snapshot, *, timeout_s: float) -> Snapshot:
        """The objects as they are once no pod uses an immutable one that has to be made anew."""
        now = self.snapshot()
        keys = frozen(now, wanted)
        if not keys:
            return now
        stay = end_users_of(self._client, self._namespace, keys, timeout_s=timeout_s)
        if stay:
            raise RestoreFailedError(f"{', '.join(stay)} did not end within {timeout_s:g} s and use what is immutable")
        return self.snapshot()

    def waiting_reasons(self, selector: str) -> Mapping[str, tuple[str, ...]]:
        """By pod name, why its containers wait and of what they died; ``selector`` is a label selector."""
        pods = self._client.list_items(POD.collection(self._namespace), selector=selector)
        return {pod["metadata"]["name"]: reasons_of(pod) for pod in pods}

    def _uids(self, selectors: Sequence[str]) -> frozenset[str]:
        """Of the pods that there are now."""
        collection = POD.collection(self._namespace)
        found = (pod for one in selectors for pod in self._client.list_items(collection, selector=one))
        return frozenset(pod["metadata"]["uid"] for pod in found if made_by_workload(pod))

    def _objects(self) -> Iterator[tuple[Kind, JsonObject]]:
        for kind in SYSTEM_KINDS:
            for item in self._client.list_items(kind.collection(self._namespace)):
                if belongs_to_system(key_of(kind, item["metadata"]["name"]), item):
                    yield kind, item

    def _digest_key(self) -> bytes:
        """The namespace's UID: the same for every snapshot, and in none of them."""
        namespace = self._client.get(f"/api/v1/namespaces/{self._namespace}")
        if namespace is None:
            raise CannotRunError(f"there is no namespace {self._namespace} in the cluster", mend="drillbook drill")
        return str(namespace["metadata"]["uid"]).encode()

    def _content(self, kind: Kind, item: JsonObject, digest_key: bytes) -> JsonObject:
        content = content_of(kind, item, digest_key=digest_key)
        if kind == SECRET:
            self._secret_values.remember({digest: item["data"][name] for name, digest in content["data"].items()})
        return content

    def _put_back(self, key: str, content: Mapping[str, object], *, exists: bool) -> bool:
        """Make the object what it was; False if that takes a secret value that is not known."""
        kind, name = kind_of_key(key)
        body: JsonObject = dict(content)
        if kind == SECRET:
            values = self._secret_values.recall(body["data"])
            if values is None:
                return False
            body["data"] = values
        if exists:
            with suppress(_Unchangeable):
                self._replace(kind.path(self._namespace, name), body)
                return True
            self._client.delete(kind.path(self._namespace, name), grace_s=0)
        self._create(kind, name, body)
        return True

    def _replace(self, path: str, body: JsonObject) -> None:
        """A plain PUT; with the current version for kinds that demand one."""
        try:
            self._client.replace(path, body)
        except ApiError as error:
            if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise
            current = self._client.get(path)
            version = current["metadata"]["resourceVersion"] if current else ""
            versioned = body | {"metadata": body["metadata"] | {"resourceVersion": version}}
            try:
                self._client.replace(path, versioned)
            except ApiError as again:
                raise _Unchangeable from again

    def _create(self, kind: Kind, name: str, body: JsonObject) -> None:
        """POST it; where it exists all the same (the cluster made it, or it is on its way out), PUT it."""
        try:
            self._client.create(kind.collection(self._namespace), body)
        except ApiError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            self._client.replace(kind.path(self._namespace, name), body)

    def _forget_unused_revisions(self) -> None:
        replica_sets = self._client.list_items(REPLICA_SET.collection(self._namespace))
        for deployment in self._client.list_items(DEPLOYMENT.collection(self._namespace)):
            for item in outdated_replica_sets(deployment, replica_sets) or []:
                if not item["spec"].get("replicas"):
                    self._client.delete(REPLICA_SET.path(self._namespace, item["metadata"]["name"]))
        revisions = self._client.list_items(CONTROLLER_REVISION.collection(self._namespace))
        for item in outdated_controller_revisions(revisions):
            self._client.delete(CONTROLLER_REVISION.path(self._namespace, item["metadata"]["name"]))


class _Unchangeable(Exception):  # noqa: N818 - not an error: the object is made anew instead
    """The API server does not let this object be changed to what it was."""
