"""Looks at the system's pods and at what they report of their components, again and again, and keeps every look."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import msgspec

from drillbook.cluster.client import ClusterClient, JsonObject
from drillbook.cluster.objects import POD
from drillbook.cluster.readiness import is_ready, is_terminating, reasons_of
from drillbook.effects import Clock
from drillbook.errors import CannotRunError
from drillbook.observation import ComponentLook, Look, PodLook, selects
from drillbook.settings import ComponentsSettings

INTERVAL_S = 0.5
ANSWER_TIMEOUT_S = 2.0
"""How long a pod may take to report before it counts as not answering."""

_ASKED_AT_ONCE = 4


class ClusterObserver:
    """Implements ``effects.Observer``; each look costs the API server one list and one request for each pod asked."""

    def __init__(self, kubeconfig: Path, namespace: str, clock: Clock, reporting: ComponentsSettings | None) -> None:
        """It only ever reads."""
        self._kubeconfig, self._namespace, self._clock, self._reporting = kubeconfig, namespace, clock, reporting

    def start(self, looks_path: Path) -> "Observing":
        """Look at once, and then every ``INTERVAL_S``."""
        return Observing(self._kubeconfig, self._namespace, self._clock, self._reporting, looks_path)


class Observing:
    """Implements ``effects.RunningObserver``: one thread that looks, and a few that ask pods."""

    def __init__(
        self, kubeconfig: Path, namespace: str, clock: Clock, reporting: ComponentsSettings | None, looks_path: Path
    ) -> None:
        """Begin; ``looks_path`` gets one JSON line for each look."""
        self._namespace, self._clock, self._reporting = namespace, clock, reporting
        self._client = ClusterClient(kubeconfig)
        self._idle: SimpleQueue[ClusterClient] = SimpleQueue()
        for _ in range(_ASKED_AT_ONCE):
            self._idle.put(ClusterClient(kubeconfig, request_timeout_s=ANSWER_TIMEOUT_S))
        self._looks: list[Look] = []
        self._over = threading.Event()
        self._file = looks_path.open("ab")
        self._thread = threading.Thread(target=self._look_again_and_again, name="observer", daemon=True)
        self._thread.start()

    def looks(self) -> tuple[Look, ...]:
        """Every look so far, in order."""
        return tuple(self._looks)

    def stop(self) -> None:
        """No more looks; returns when the last one is on disk."""
        self._over.set()
        self._thread.join()
        self._file.close()

    def _look_again_and_again(self) -> None:
        with ThreadPoolExecutor(_ASKED_AT_ONCE, thread_name_prefix="asking") as asking:
            while not self._over.is_set():
                self._look(asking)
                self._over.wait(INTERVAL_S)

    def _look(self, asking: ThreadPoolExecutor) -> None:
        at_s = self._clock.now_s()
        try:
            items = self._client.list_items(POD.collection(self._namespace))
        except CannotRunError:
            return  # no look: whoever needs one finds none
        look = Look(at_s=at_s, pods=tuple(asking.map(self._pod, items)))
        self._file.write(msgspec.json.encode(look) + b"\n")
        self._file.flush()
        self._looks.append(look)

    def _pod(self, item: JsonObject) -> PodLook:
        metadata, status = item["metadata"], item.get("status") or {}
        labels = metadata.get("labels") or {}
        counts = [part.get("restartCount", 0) for part in status.get("containerStatuses") or []]
        return PodLook(
            name=metadata["name"],
            uid=metadata["uid"],
            labels=labels,
            ready=is_ready(item),
            terminating=is_terminating(item),
            restarts=max(counts, default=0),
            reasons=reasons_of(item),
            components=tuple(self._components(metadata["name"], labels, status)),
        )

    def _components(self, pod: str, labels: dict[str, str], status: JsonObject) -> Iterator[ComponentLook]:
        reporting = self._reporting
        if reporting is None or status.get("phase") != "Running" or not selects(reporting.selector, labels):
            return
        client = self._idle.get()
        try:
            path = f"{POD.path(self._namespace, pod)}:{reporting.port}/proxy{reporting.path}"
            yield from _read_report(client.read_answer(path))
        except CannotRunError:
            return  # it does not answer, which is a fact as well
        finally:
            self._idle.put(client)


def _read_report(body: bytes) -> Iterator[ComponentLook]:
    """The components of an answer; one that is not of the shape holds none."""
    try:
        report = json.loads(body)
    except ValueError:
        return
    for part in report.get("components", ()) if isinstance(report, dict) else ():
        details = part.get("details") or {}
        yield ComponentLook(
            name=str(part.get("name")),
            status=str(part.get("status")),
            figures={
                name: float(value)
                for name, value in details.items()
                if isinstance(value, int | float) and not isinstance(value, bool)
            },
        )
