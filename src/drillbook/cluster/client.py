"""Speaks to one cluster's API server with a private kubeconfig, and checks the cluster's UID before every write."""

import base64
import http.client
import json
import os
import ssl
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import yaml

from drillbook.errors import CannotRunError

JsonObject = dict[str, Any]
"""An object as the API server holds it: its shape is the cluster's business, not ours."""

PatchType = Literal["merge", "strategic", "json", "apply"]

_CONTENT_TYPES: Mapping[PatchType, str] = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}
_NOT_FOUND = 404
_FIRST_ERROR = 400


class ClusterUnreachableError(CannotRunError):
    """There is no answer from the API server, or no usable kubeconfig for it."""


class ApiError(CannotRunError):
    """The API server refused a request; ``status`` is its HTTP status."""

    def __init__(self, method: str, path: str, status: int, message: str) -> None:
        """Keep the status, so that callers can tell a conflict from a bad request."""
        self.status = status
        super().__init__(f"the cluster refused {method} {path}: {status} {message}")


class ForeignClusterError(CannotRunError):
    """The cluster behind the kubeconfig is not the one that may be touched."""


class ClusterClient:
    """Reads and writes objects by their REST paths; safe to share between threads.

    The process's default kubeconfig, its current context and its proxies are never looked at.
    """

    def __init__(self, kubeconfig: Path, *, expected_uid: str | None = None, request_timeout_s: float = 15.0) -> None:
        """``expected_uid`` is compared before every write; without it the client may only read."""
        self._expected_uid = expected_uid
        self._timeout_s = request_timeout_s
        self._lock = threading.RLock()
        self._connection: http.client.HTTPConnection | None = None
        self._server, self._tls, self._headers = _read_kubeconfig(kubeconfig)

    def get(self, path: str) -> JsonObject | None:
        """The object at the path, None where there is none."""
        try:
            return self._request("GET", path)
        except ApiError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def list_items(self, path: str, *, selector: str = "") -> list[JsonObject]:
        """The items of a collection, as the API server has them now; ``selector`` is a label selector."""
        query = f"?{urlencode({'labelSelector': selector})}" if selector else ""
        items: list[JsonObject] = self._request("GET", path + query).get("items") or []
        return items

    def list_metadata(self, path: str) -> list[JsonObject]:
        """The items of a collection with nothing but their metadata."""
        form = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
        items: list[JsonObject] = json.loads(self._exchange("GET", path, None, form)).get("items") or []
        return items

    def read_text(self, path: str) -> str:
        """The body of an answer that is not JSON, such as a container's log."""
        return self._exchange("GET", path, None, {}).decode("utf-8", errors="replace")

    def read_answer(self, path: str) -> bytes:
        """The body of an answer, whatever its HTTP status: what a pod says through the API server's proxy."""
        with self._lock:
            return self._send("GET", path, None, {})[1]

    def create(self, collection: str, body: JsonObject) -> JsonObject:
        """Add an object to a collection."""
        return self._write("POST", collection, body)

    def replace(self, path: str, body: JsonObject) -> JsonObject:
        """Make the object exactly this: what others added to it goes."""
        return self._write("PUT", path, body)

    def patch(self, path: str, body: object, patch_type: PatchType) -> JsonObject:
        """Change a part of the object."""
        return self._write("PATCH", path, body, _CONTENT_TYPES[patch_type])

    def apply(self, path: str, body: JsonObject, *, field_manager: str) -> JsonObject:
        """Server-side apply: create it or own these fields, also where another manager changed them."""
        query = urlencode({"fieldManager": field_manager, "force": "true"})
        return self._write("PATCH", f"{path}?{query}", body, _CONTENT_TYPES["apply"])

    def delete(self, path: str, *, grace_s: int | None = None) -> bool:
        """Delete the object and what it owns; False where there was none."""
        options: JsonObject = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        if grace_s is not None:
            options["gracePeriodSeconds"] = grace_s
        try:
            self._write("DELETE", path, options)
        except ApiError as error:
            if error.status == _NOT_FOUND:
                return False
            raise
        return True

    def cluster_uid(self) -> str:
        """What tells this cluster from every other: the UID of its ``kube-system`` namespace."""
        namespace = self.get("/api/v1/namespaces/kube-system")
        if namespace is None:
            raise ClusterUnreachableError("the cluster has no kube-system namespace")
        return str(namespace["metadata"]["uid"])

    def verify(self) -> None:
        """Raise ForeignClusterError unless the cluster is the expected one (one read, about 2 ms)."""
        if self._expected_uid is None:
            raise ForeignClusterError("this client does not know which cluster it may write to, so it only reads")
        found = self.cluster_uid()
        if found != self._expected_uid:
            raise ForeignClusterError(
                f"the cluster's UID is {found}, only {self._expected_uid} may be touched: nothing was written",
                mend="drillbook cluster up",
            )

    def close(self) -> None:
        """Drop the connection; the next request opens a new one."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _write(self, method: str, path: str, body: object, content_type: str = "application/json") -> JsonObject:
        self.verify()
        return self._request(method, path, body, content_type)

    def _request(
        self, method: str, path: str, body: object = None, content_type: str = "application/json"
    ) -> JsonObject:
        payload = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json"} | ({} if body is None else {"Content-Type": content_type})
        answer: JsonObject = json.loads(self._exchange(method, path, payload, headers))
        return answer

    def _exchange(self, method: str, path: str, payload: bytes | None, headers: dict[str, str]) -> bytes:
        with self._lock:
            status, body = self._send(method, path, payload, headers)
        if status >= _FIRST_ERROR:
            raise ApiError(method, path.partition("?")[0], status, _message(body))
        return body

    def _send(self, method: str, path: str, payload: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """One request; an idle connection that the server closed meanwhile is opened anew, once."""
        for fresh in (self._connection is None, True):
            try:
                connection = self._open() if self._connection is None else self._connection
                connection.request(method, path, body=payload, headers=self._headers | headers)
                response = connection.getresponse()
                return response.status, response.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if fresh:
                    raise ClusterUnreachableError(
                        f"no answer from the cluster at {self._server}: {error!r}", mend="drillbook cluster up"
                    ) from error
        raise AssertionError("unreachable: the second attempt returns or raises")

    def _open(self) -> http.client.HTTPConnection:
        url = urlsplit(self._server)
        host = url.hostname or "localhost"
        if self._tls is None:
            self._connection = http.client.HTTPConnection(host, url.port, timeout=self._timeout_s)
        else:
            self._connection = http.client.HTTPSConnection(host, url.port, timeout=self._timeout_s, context=self._tls)
        return self._connection


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body).get("message", ""))
    except (ValueError, AttributeError):
        return body[:200].decode("utf-8", errors="replace")


def _read_kubeconfig(path: Path) -> tuple[str, ssl.SSLContext | None, dict[str, str]]:
    """The server, TLS and headers of a kubeconfig's current context: certificates or a token."""
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        context = _named(config["contexts"], config["current-context"])["context"]
        cluster = _named(config["clusters"], context["cluster"])["cluster"]
        user = _named(config["users"], context["user"])["user"]
        tls = _tls(cluster, user) if cluster["server"].startswith("https:") else None
    except OSError as error:
        raise ClusterUnreachableError(
            f"cannot read the kubeconfig {path}: {error.strerror}", mend="drillbook cluster up"
        ) from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError, StopIteration) as error:
        raise ClusterUnreachableError(f"the kubeconfig {path} is not usable: {error!r}") from error
    headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
    if not headers and tls is not None and not ({"client-certificate", "client-certificate-data"} & user.keys()):
        raise ClusterUnreachableError(f"the kubeconfig {path} has neither a client certificate nor a token")
    return cluster["server"], tls, headers | {"User-Agent": "drillbook"}


def _named(entries: list[JsonObject], name: str) -> JsonObject:
    return next(entry for entry in entries if entry["name"] == name)


def _tls(cluster: JsonObject, user: JsonObject) -> ssl.SSLContext:
    """A context with the cluster's own authority and the client's certificate.

    ``load_cert_chain`` reads only files, so the key lies for a moment in a file that no one else can read.
    """
    authority = cluster.get("certificate-authority-data")
    context = ssl.create_default_context(
        cafile=None if authority else cluster.get("certificate-authority"),
        cadata=base64.b64decode(authority).decode() if authority else None,
    )
    if "client-certificate-data" in user:
        with tempfile.NamedTemporaryFile() as pair:
            os.fchmod(pair.fileno(), 0o600)
            pair.write(base64.b64decode(user["client-certificate-data"]) + b"\n")
            pair.write(base64.b64decode(user["client-key-data"]))
            pair.flush()
            context.load_cert_chain(pair.name)
    elif "client-certificate" in user:
        context.load_cert_chain(user["client-certificate"], user["client-key"])
    return context
