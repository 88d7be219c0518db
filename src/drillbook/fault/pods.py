"""Actions and probes for experiments: a shell script inside every pod of a selector, by the API server's exec."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from chaoslib.exceptions import ActivityFailed

from drillbook.clock import RunClock
from drillbook.cluster.client import ClusterClient
from drillbook.cluster.objects import POD
from drillbook.fault.activities import CLUSTER_UID, NAMESPACE
from drillbook.responder.pod import core_api, run_to_end
from drillbook.responder.transport import ConnectionLostError, Execution
from drillbook.responder.websocket import PodConnection

_OUTPUT_LIMIT_BYTES = 64 * 1024
_SHOWN_CHARACTERS = 500

Execute = Callable[[str, list[str]], Execution]
"""Runs arguments in the pod of this name."""


def run_in_pods(
    selector: str,
    container: str,
    script: str,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 20.0,
) -> dict[str, str]:
    """Run a POSIX shell script in every pod with these labels, one after the other; returns each one's output.

    ``environment`` is how an experiment's settings reach the script: what stands in ``script`` itself is filled in by
    Chaos Toolkit, which takes ``$NAME`` for one of its own.

    Raises:
        ActivityFailed: There is no such pod, or the script did not exit with 0 in each within ``timeout_s``.
    """
    return run_everywhere(selector, _command(script, environment), _pods(selector), _exec(container, timeout_s))


def holds_in_pods(
    selector: str,
    container: str,
    script: str,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 20.0,
) -> bool:
    """Whether the script exits with 0 in every pod with these labels, and there is one."""
    execute, command = _exec(container, timeout_s), _command(script, environment)
    pods = _pods(selector)
    try:
        return bool(pods) and all(execute(pod, command).exit_code == 0 for pod in pods)
    except ConnectionLostError:
        return False


def run_everywhere(selector: str, command: list[str], pods: list[str], execute: Execute) -> dict[str, str]:
    """Run the command in each pod and return what it wrote; stops at the first that fails."""
    if not pods:
        raise ActivityFailed(f"no pod has the labels {selector}")
    return dict(_outputs(command, pods, execute))


def _outputs(command: list[str], pods: list[str], execute: Execute) -> Iterator[tuple[str, str]]:
    for pod in pods:
        try:
            done = execute(pod, command)
        except ConnectionLostError as error:
            raise ActivityFailed(f"{pod}: {error.what}") from error
        if done.exit_code != 0:
            words = (done.stderr or done.stdout).decode(errors="replace").strip()[-_SHOWN_CHARACTERS:]
            raise ActivityFailed(f"{pod}: the script exited with {done.exit_code}: {words}")
        yield pod, done.stdout.decode(errors="replace").strip()


def _command(script: str, environment: Mapping[str, str] | None) -> list[str]:
    settings = [f"{name}={value}" for name, value in (environment or {}).items()]
    return ["env", *settings, "sh", "-c", script]


def _pods(selector: str) -> list[str]:
    """The pods that are there to stay, by name, in the cluster that the injector named and in no other."""
    client = ClusterClient(Path(os.environ["KUBECONFIG"]), expected_uid=os.environ[CLUSTER_UID])
    client.verify()
    pods = client.list_items(POD.collection(os.environ[NAMESPACE]), selector=selector)
    return sorted(pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"])


def _exec(container: str, timeout_s: float) -> Execute:
    api, clock, namespace = core_api(Path(os.environ["KUBECONFIG"])), RunClock(), os.environ[NAMESPACE]

    def execute(pod: str, arguments: list[str]) -> Execution:
        connection = PodConnection(api, namespace, pod, container, arguments)
        return run_to_end(connection, clock, name="the script", limit_bytes=_OUTPUT_LIMIT_BYTES, timeout_s=timeout_s)

    return execute
