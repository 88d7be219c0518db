"""Faults that outlive the pods they hit: a process on every node keeps breaking what comes up anew."""

from pathlib import Path

from chaoslib.exceptions import ActivityFailed

from drillbook.clock import wait_until
from drillbook.cluster.client import JsonObject
from drillbook.cluster.objects import BY_NAME, DAEMON_SET
from drillbook.cluster.readiness import rollout_lack
from drillbook.fault.activities import FIELD_MANAGER, await_no_pods, connect

_SCRIPT = Path(__file__).with_name("keep_link_down.sh")


def keep_link_down(name: str, *, interface: str, pods: str, image_of: str, timeout_s: float = 20.0) -> str:
    """Take an interface down in every pod whose name matches the regular expression ``pods``, and keep it down.

    A DaemonSet called ``name`` does it, in an image that has bash, ``nsenter`` and ``ip``: that of the first container
    of ``image_of`` ("Deployment/web"). Fails unless it runs on every node within ``timeout_s``.
    """
    client, namespace = connect()
    kind, _, owner = image_of.partition("/")
    source = client.get(BY_NAME[kind.lower()].path(namespace, owner))
    if source is None:
        raise ActivityFailed(f"there is no {image_of} whose image could be used")
    image = source["spec"]["template"]["spec"]["containers"][0]["image"]
    path = DAEMON_SET.path(namespace, name)
    client.apply(path, _daemon_set(name, image, {"INTERFACE": interface, "PODS": pods}), field_manager=FIELD_MANAGER)

    def runs() -> bool:
        item = client.get(path)
        return item is not None and not rollout_lack(DAEMON_SET, item)

    if not wait_until(runs, timeout_s=timeout_s):
        raise ActivityFailed(f"daemonset/{name} does not run on every node after {timeout_s:g} s")
    return f"daemonset/{name}"


def remove_agent(name: str, timeout_s: float = 20.0) -> bool:
    """End an agent, and return once none of its pods is left; False where there was none."""
    client, namespace = connect()
    deleted = client.delete(DAEMON_SET.path(namespace, name))
    await_no_pods(f"drillbook-agent={name}", timeout_s)
    return deleted


def _daemon_set(name: str, image: str, environment: dict[str, str]) -> JsonObject:
    labels = {"drillbook-agent": name}
    container = {
        "name": "agent",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["bash", "-c", _SCRIPT.read_text(encoding="utf-8")],
        "env": [{"name": key, "value": value} for key, value in environment.items()],
        "securityContext": {"privileged": True},
    }
    spec = {
        "hostPID": True,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 0,  # nothing of it may reach the pods that come after the fault
        "tolerations": [{"operator": "Exists"}],
        "containers": [container],
    }
    return {
        "apiVersion": DAEMON_SET.api_version,
        "kind": DAEMON_SET.name,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }
