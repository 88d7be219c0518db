"""Keeps the certificate authority in the cluster, so that a restart changes nothing for those who trust it.

The Secret holds the key and the certificate; a ConfigMap of the same name publishes the certificate. Outside a cluster
the authority lasts as long as the process.
"""

import base64
import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from switchboard import certificates

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
NAME = "switchboard-ca"
NOT_FOUND, CONFLICT = 404, 409
TIMEOUT_S = 10


class AuthorityError(Exception):
    """The cluster did not give or take the authority."""


def provide(directory: Path) -> None:
    """Put ``ca.key`` and ``ca.pem`` into the directory: the cluster's, or new ones that the cluster then keeps.

    Raises:
        AuthorityError: The cluster refused or did not answer.
        CertificateError: openssl failed.
    """
    if not (ACCOUNT / "token").exists():
        certificates.make_authority(directory)
        return
    cluster = _Cluster(os.environ["POD_NAMESPACE"])
    kept = cluster.get("secrets")
    if kept is None:
        certificates.make_authority(directory)
        files = {name: _encoded(directory / name) for name in ("ca.key", "ca.pem")}
        if not cluster.create("secrets", {"kind": "Secret", "type": "Opaque", "data": files}):
            kept = cluster.get("secrets")  # somebody was faster: theirs counts
    if kept is not None:
        for name, text in kept["data"].items():
            (directory / name).write_bytes(base64.b64decode(text))
    (directory / "ca.key").chmod(0o600)
    published: dict[str, object] = {"kind": "ConfigMap", "data": {"ca.pem": (directory / "ca.pem").read_text()}}
    present = cluster.get("configmaps")
    if present is None:
        cluster.create("configmaps", published)
    elif present.get("data") != published["data"]:
        cluster.replace("configmaps", published)


class _Cluster:
    """The three requests to the API server that this needs, in the pod's own namespace."""

    def __init__(self, namespace: str) -> None:
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
        self._base = f"https://{host}:{port}/api/v1/namespaces/{namespace}"
        self._token = (ACCOUNT / "token").read_text()
        self._trust = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))

    def get(self, kind: str) -> dict[str, dict[str, str]] | None:
        """The object, or None when there is none."""
        status, body = self._ask("GET", f"/{kind}/{NAME}", None)
        return None if status == NOT_FOUND else json.loads(body)

    def create(self, kind: str, content: Mapping[str, object]) -> bool:
        """Whether it was created; False when one was there already."""
        return self._ask("POST", f"/{kind}", content)[0] != CONFLICT

    def replace(self, kind: str, content: Mapping[str, object]) -> None:
        """Put this in the place of what is there."""
        self._ask("PUT", f"/{kind}/{NAME}", content)

    def _ask(self, method: str, path: str, content: Mapping[str, object] | None) -> tuple[int, bytes]:
        body = None
        if content is not None:
            body = json.dumps({"apiVersion": "v1", "metadata": {"name": NAME}} | dict(content)).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._base + path, body, headers, method=method)  # noqa: S310 - always https
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=self._trust) as answer:  # noqa: S310 - as above
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            if refusal.code in (NOT_FOUND, CONFLICT):
                return refusal.code, b""
            raise AuthorityError(f"{method} {path}: {refusal.code} {refusal.read()[:300]!r}") from refusal
        except OSError as problem:
            raise AuthorityError(f"{method} {path}: {problem}") from problem


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
