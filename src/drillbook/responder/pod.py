"""The responder pod as a place where shells run, through the API server's exec."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from drillbook.effects import Clock, Trial
from drillbook.errors import CannotRunError
from drillbook.responder.session import ShellSession
from drillbook.responder.transport import Channel, ConnectionLostError, Execution, ResponderUnreachableError
from drillbook.responder.trial import try_commands
from drillbook.responder.websocket import PodConnection, one_line

_REQUEST_TIMEOUT_S = 10.0
_OPEN_TIMEOUT_S = 60.0


class ForeignResponderError(CannotRunError):
    """The cluster behind the kubeconfig is not the one in which commands may be run."""


class PodResponder:
    """Opens the responder's shell in a Ready pod.

    Args:
        kubeconfig: The only configuration that is read; the user's own is never touched.
        namespace: Where the pod is.
        selector: Its labels, as ``kubectl -l`` takes them.
        container: The container in it.
        working_directory: Where the shell starts.
        clock: The run's clock.
        cluster_uid: The only cluster in which anything may be run: the UID of its namespace ``kube-system``.
    """

    def __init__(  # noqa: PLR0913 - what a project's settings say of its responder, each with its name
        self,
        kubeconfig: Path,
        namespace: str,
        selector: str,
        container: str,
        working_directory: str,
        clock: Clock,
        *,
        cluster_uid: str | None = None,
    ) -> None:
        self._place = PodPlace(kubeconfig, namespace, selector, container, clock, cluster_uid=cluster_uid)
        self._directory, self._clock = working_directory, clock

    def open(self, *, timeout_s: float = _OPEN_TIMEOUT_S) -> ShellSession:
        """A new login shell in the working directory; raises ``ResponderUnreachableError`` at the deadline."""
        return ShellSession(self._place, self._clock, directory=self._directory, timeout_s=timeout_s)

    def try_commands(self, texts: Sequence[str]) -> tuple[Trial | None, ...]:
        """Run each in a scratch shell whose kubectl, curl and their like fail; None for one that is not safe there."""
        return try_commands(self._place, self._directory, texts)

    def renew(self, *, timeout_s: float = _OPEN_TIMEOUT_S) -> None:
        """Replace the pod, so that no file and no process of an earlier procedure is left in it.

        Raises:
            ResponderUnreachableError: No new pod was Ready at the deadline.
        """
        self._place.renew(timeout_s=timeout_s)


class PodPlace:
    """A container in whichever pod matches the selector and is Ready when a shell is started."""

    def __init__(
        self,
        kubeconfig: Path,
        namespace: str,
        selector: str,
        container: str,
        clock: Clock,
        *,
        cluster_uid: str | None = None,
    ) -> None:
        self._cluster_uid = cluster_uid
        self._kubeconfig, self._namespace, self._selector = kubeconfig, namespace, selector
        self._container, self._clock = container, clock
        self._api: Any = None
        self._pod = ""

    def start(self, arguments: Sequence[str], *, timeout_s: float) -> "PodConnection":
        """Wait for a Ready pod and start a process in it."""
        deadline_s = self._clock.now_s() + timeout_s
        connections: list[PodConnection] = []
        problem = "no pod matches"

        def attempt() -> bool:
            nonlocal problem
            try:
                self._verify()
                self._pod, problem = self._ready_pod()
                if self._pod:
                    connections.append(self._connect(arguments))
            except ConnectionLostError as error:
                problem = error.what
            return bool(connections)

        if not self._clock.wait_until(attempt, deadline_s=deadline_s):
            raise self._unreachable(problem, timeout_s)
        return connections[0]

    def execute(self, arguments: Sequence[str], *, limit_bytes: int, timeout_s: float) -> Execution:
        """Run a short process in the pod of the last ``start``, or in the one that has taken its place."""
        connection = self._reconnect(arguments)
        return run_to_end(connection, self._clock, name=arguments[0], limit_bytes=limit_bytes, timeout_s=timeout_s)

    def renew(self, *, timeout_s: float) -> None:
        """Delete the matching pods at once and wait until another one is Ready."""
        deadline_s = self._clock.now_s() + timeout_s
        self._verify()
        old = {pod.metadata.uid for pod in self._pods()}
        self._ask(
            "delete_collection_namespaced_pod", self._namespace, label_selector=self._selector, grace_period_seconds=0
        )
        self._pod, problem = "", "the old pod is still there"

        def replaced() -> bool:
            nonlocal problem
            try:
                gone = not old & {pod.metadata.uid for pod in self._pods()}
                if gone:
                    self._pod, problem = self._ready_pod()
            except ConnectionLostError as error:
                problem = error.what
            return bool(self._pod)

        if not self._clock.wait_until(replaced, deadline_s=deadline_s, interval_s=0.1):
            raise self._unreachable(problem, timeout_s)

    def _connect(self, arguments: Sequence[str]) -> PodConnection:
        return PodConnection(self._core(), self._namespace, self._pod, self._container, arguments)

    def _reconnect(self, arguments: Sequence[str]) -> PodConnection:
        try:
            if self._pod:
                return self._connect(arguments)
        except ConnectionLostError:
            pass  # that pod is gone; another one may be there
        self._pod, problem = self._ready_pod()
        if not self._pod:
            raise self._unreachable(problem, 0.0)
        return self._connect(arguments)

    def _ready_pod(self) -> tuple[str, str]:
        """The name of a Ready pod, or "" and why there is none."""
        problem = "no pod matches"
        for pod in sorted(self._pods(), key=lambda pod: str(pod.metadata.name)):
            conditions = {condition.type: condition.status for condition in pod.status.conditions or ()}
            if pod.metadata.deletion_timestamp is None and conditions.get("Ready") == "True":
                return str(pod.metadata.name), ""
            problem = f"pod {pod.metadata.name} is {pod.status.phase} and not Ready"
        return "", problem

    def _verify(self) -> None:
        if self._cluster_uid is None:
            return
        found = str(self._ask("read_namespace", "kube-system").metadata.uid)
        if found != self._cluster_uid:
            raise ForeignResponderError(
                f"the cluster's UID is {found}, only {self._cluster_uid} may be touched: nothing was run",
                mend="drillbook cluster up",
            )

    def _pods(self) -> list[Any]:
        return list(self._ask("list_namespaced_pod", self._namespace, label_selector=self._selector).items)

    def _ask(self, method: str, name: str, **options: object) -> Any:  # noqa: ANN401 - the client library has no types
        api = self._core()
        errors = (import_module("kubernetes.client").ApiException, import_module("urllib3.exceptions").HTTPError)
        try:
            return getattr(api, method)(name, _request_timeout=_REQUEST_TIMEOUT_S, **options)
        except errors as error:
            raise ConnectionLostError(f"the API server does not answer {method}: {one_line(error)}") from error

    def _core(self) -> Any:  # noqa: ANN401 - the client library has no types
        if self._api is None:
            self._api = core_api(self._kubeconfig)
        return self._api

    def _unreachable(self, problem: str, timeout_s: float) -> ResponderUnreachableError:
        return ResponderUnreachableError(
            f"no responder's shell within {timeout_s:g} s: {problem}"
            f" (namespace {self._namespace}, selector {self._selector}, container {self._container})",
            mend=f"kubectl --kubeconfig {self._kubeconfig} -n {self._namespace} describe pods -l {self._selector}",
        )


def core_api(kubeconfig: Path) -> Any:  # noqa: ANN401 - the client library has no types
    """The client library's core API for one kubeconfig alone.

    Raises:
        ResponderUnreachableError: The kubeconfig cannot be used.
    """
    # Late, because the import and the first client take most of a second.
    client, config = import_module("kubernetes.client"), import_module("kubernetes.config")
    settings = client.Configuration()
    try:
        config.load_kube_config(config_file=str(kubeconfig), client_configuration=settings)
    except (config.ConfigException, OSError) as error:
        raise ResponderUnreachableError(
            f"the cluster's kubeconfig cannot be used: {one_line(error)}", mend="drillbook cluster up"
        ) from error
    settings.proxy = None  # the user's proxy knows nothing of a cluster on this machine
    return client.CoreV1Api(client.ApiClient(settings))


def run_to_end(connection: PodConnection, clock: Clock, *, name: str, limit_bytes: int, timeout_s: float) -> Execution:
    """Take all that a short process writes, each output up to the limit, and its exit code; the connection is closed.

    Raises:
        ConnectionLostError: It did not end in time, or its end was not told.
    """
    outputs = {channel: bytearray() for channel in Channel}
    deadline_s = clock.now_s() + timeout_s
    try:
        while (chunk := connection.receive(deadline_s - clock.now_s())) is not None:
            room = limit_bytes - len(outputs[chunk.channel])
            outputs[chunk.channel] += chunk.data[: max(room, 0)]
    except ConnectionLostError:
        if connection.exit_code is None:
            raise
    finally:
        connection.close()
    if connection.exit_code is None:
        raise ConnectionLostError(f"{name} did not end within {timeout_s:g} s")
    stdout, stderr = (bytes(outputs[channel]) for channel in (Channel.STDOUT, Channel.STDERR))
    return Execution(exit_code=connection.exit_code, stdout=stdout, stderr=stderr)
