"""Which kinds of objects make up a system, where they live in the API, and what of each is content."""

import copy
import hashlib
import hmac
from collections.abc import Mapping

from msgspec import Struct

from drillbook.cluster.client import JsonObject


class Kind(Struct, frozen=True):
    """A namespaced kind: its REST group and plural."""

    name: str
    api_version: str
    plural: str

    @property
    def prefix(self) -> str:
        """Where the API serves its group."""
        return f"/api/{self.api_version}" if "/" not in self.api_version else f"/apis/{self.api_version}"

    def collection(self, namespace: str) -> str:
        """The REST path of all objects of this kind in a namespace."""
        return f"{self.prefix}/namespaces/{namespace}/{self.plural}"

    def path(self, namespace: str, name: str) -> str:
        """The REST path of one object."""
        return f"{self.collection(namespace)}/{name}"


DEPLOYMENT = Kind("Deployment", "apps/v1", "deployments")
STATEFUL_SET = Kind("StatefulSet", "apps/v1", "statefulsets")
DAEMON_SET = Kind("DaemonSet", "apps/v1", "daemonsets")
REPLICA_SET = Kind("ReplicaSet", "apps/v1", "replicasets")
CONTROLLER_REVISION = Kind("ControllerRevision", "apps/v1", "controllerrevisions")
CONFIG_MAP = Kind("ConfigMap", "v1", "configmaps")
SECRET = Kind("Secret", "v1", "secrets")
SERVICE = Kind("Service", "v1", "services")
POD = Kind("Pod", "v1", "pods")
ENDPOINT_SLICE = Kind("EndpointSlice", "discovery.k8s.io/v1", "endpointslices")

WORKLOADS = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET)

# In the order in which they are put back: what pods refer to comes before what makes pods.
SYSTEM_KINDS = (
    Kind("ServiceAccount", "v1", "serviceaccounts"),
    Kind("Role", "rbac.authorization.k8s.io/v1", "roles"),
    Kind("RoleBinding", "rbac.authorization.k8s.io/v1", "rolebindings"),
    Kind("ResourceQuota", "v1", "resourcequotas"),
    Kind("LimitRange", "v1", "limitranges"),
    Kind("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies"),
    Kind("Ingress", "networking.k8s.io/v1", "ingresses"),
    CONFIG_MAP,
    SECRET,
    SERVICE,
    *WORKLOADS,
    Kind("HorizontalPodAutoscaler", "autoscaling/v2", "horizontalpodautoscalers"),
    Kind("PodDisruptionBudget", "policy/v1", "poddisruptionbudgets"),
    Kind("CronJob", "batch/v1", "cronjobs"),
)

BY_NAME: Mapping[str, Kind] = {kind.name.lower(): kind for kind in (*SYSTEM_KINDS, POD, REPLICA_SET)}

# The cluster writes these into every namespace and keeps them right by itself.
_KEPT_BY_THE_CLUSTER = frozenset({"configmap/kube-root-ca.crt", "serviceaccount/default"})

_METADATA_BOOKKEEPING = (
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
    "ownerReferences", "resourceVersion", "selfLink", "uid",
)  # fmt: skip

# Notes that tools leave about what they did: no state of the system. A restart that was asked for is done once the
# pods are new; to take its note out of the pod template would only restart them again.
_ANNOTATION_BOOKKEEPING = (
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubectl.kubernetes.io/restartedAt",
    "kubernetes.io/change-cause",
)


def key_of(kind: Kind, name: str) -> str:
    """How a snapshot names an object: ``deployment/web``."""
    return f"{kind.name.lower()}/{name}"


def kind_of_key(key: str) -> tuple[Kind, str]:
    """The kind and the name behind a snapshot's key."""
    kind, _, name = key.partition("/")
    return BY_NAME[kind], name


def belongs_to_system(key: str, item: JsonObject) -> bool:
    """False for what another object owns and for what the cluster itself keeps in every namespace."""
    if key in _KEPT_BY_THE_CLUSTER or item["metadata"].get("ownerReferences"):
        return False
    return item.get("type") != "kubernetes.io/service-account-token"


def content_of(kind: Kind, item: JsonObject, *, digest_key: bytes) -> JsonObject:
    """What somebody decided about an object: without status, bookkeeping and secret values.

    Secret values become keyed digests: drift shows, the value cannot be guessed from the digest without the key.
    """
    content = copy.deepcopy(item)
    content.pop("status", None)
    content["apiVersion"], content["kind"] = kind.api_version, kind.name
    metadata = content["metadata"]
    for name in _METADATA_BOOKKEEPING:
        metadata.pop(name, None)
    _drop_annotations(metadata)
    template = (content.get("spec") or {}).get("template")
    if isinstance(template, dict) and isinstance(template.get("metadata"), dict):
        _drop_annotations(template["metadata"])
        template["metadata"].pop("creationTimestamp", None)
    if kind == SECRET:
        content["data"] = {
            name: "hmac-sha256:" + hmac.new(digest_key, str(value).encode(), hashlib.sha256).hexdigest()
            for name, value in (content.get("data") or {}).items()
        }
    return content


def _drop_annotations(metadata: JsonObject) -> None:
    annotations = metadata.get("annotations") or {}
    for name in _ANNOTATION_BOOKKEEPING:
        annotations.pop(name, None)
    if not annotations:
        metadata.pop("annotations", None)
