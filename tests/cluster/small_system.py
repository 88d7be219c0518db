"""A small real system in the cluster, for tests: made of an image that every kind node holds."""

import os
import shutil
import time
from pathlib import Path

from drillbook.cluster.client import ClusterClient, JsonObject
from drillbook.cluster.deploy import deploy_system
from drillbook.cluster.objects import DEPLOYMENT
from drillbook.cluster.system import ClusterSystem

NAMESPACE = "drillbook-small-system"
MANIFESTS = Path(__file__).parent / "data" / "small_system"
ROOT = Path(__file__).parents[2]
KUBECONFIG = Path(os.environ.get("DRILLBOOK_KUBECONFIG", ROOT / ".drillbook" / "kubeconfig"))
WEB = DEPLOYMENT.path(NAMESPACE, "web")


class SmallSystem:
    """The client, the system and what tests do to it."""

    def __init__(self) -> None:
        self.uid = ClusterClient(KUBECONFIG).cluster_uid()
        self.client = ClusterClient(KUBECONFIG, expected_uid=self.uid)
        self.system = ClusterSystem(self.client, NAMESPACE)

    def deploy(self, *, image: str | None = None, manifests: Path = MANIFESTS, timeout_s: float = 60.0) -> None:
        kubectl = shutil.which("kubectl", path=f"{ROOT / '.drillbook' / 'bin'}:{os.environ['PATH']}")
        assert kubectl
        images = {"test/server": image or self._image_on_every_node()}
        deploy_system(
            self.client,
            kubectl=kubectl,
            manifests=manifests,
            images=images,
            namespace=NAMESPACE,
            timeout_s=timeout_s,
        )

    def get(self, path: str) -> JsonObject:
        found = self.client.get(path)
        assert found is not None
        return found

    def delete_namespace(self) -> None:
        path = f"/api/v1/namespaces/{NAMESPACE}"
        self.client.delete(path, grace_s=0)
        deadline = time.monotonic() + 60
        while self.client.get(path) is not None:
            assert time.monotonic() < deadline, "the namespace was not deleted"
            time.sleep(0.2)

    def _image_on_every_node(self) -> str:
        dns = self.get(DEPLOYMENT.path("kube-system", "coredns"))
        return str(dns["spec"]["template"]["spec"]["containers"][0]["image"])
