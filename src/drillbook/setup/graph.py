"""Tasks that need one another, run as parallel as that allows."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from drillbook.setup.process import stop_all

_PATIENCE_S = 1.0


@dataclass(frozen=True)
class Task:
    """One piece of the set-up. ``needs`` names tasks that must have ended well before; unknown names are ignored."""

    name: str
    action: Callable[[], str]  # returns what it made, in a few words
    needs: frozenset[str] = frozenset()


class Watcher(Protocol):
    """Is told how the tasks go."""

    def started(self, name: str) -> None:
        """A task began."""

    def finished(self, name: str, elapsed_s: float, made: str) -> None:
        """A task ended well."""

    def failed(self, name: str, elapsed_s: float, error: BaseException) -> None:
        """A task ended badly."""

    def waiting(self) -> None:
        """Nothing has begun or ended for a second."""


def run_tasks(tasks: Sequence[Task], watcher: Watcher, workers: int = 3) -> None:
    """Run every task after those it needs; after a failure nothing more is started, and the first failure is raised.

    An interruption ends the programs that tasks are running. Raises ValueError when tasks need one another in a circle.
    """
    names = {task.name for task in tasks}
    waiting = {task.name: task for task in tasks}
    done: set[str] = set()
    running: dict[Future[str], tuple[str, float]] = {}
    failure: BaseException | None = None
    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            while (waiting and failure is None) or running:
                ready = [task for task in waiting.values() if task.needs & names <= done] if failure is None else []
                for task in ready[: workers - len(running)]:
                    del waiting[task.name]
                    watcher.started(task.name)
                    running[pool.submit(task.action)] = (task.name, time.monotonic())
                if not running:
                    raise ValueError(f"these tasks need one another: {', '.join(waiting)}")
                ended = wait(running, timeout=_PATIENCE_S, return_when=FIRST_COMPLETED).done
                if not ended:
                    watcher.waiting()
                for future in ended:
                    name, start_s = running.pop(future)
                    failure = _tell(watcher, name, time.monotonic() - start_s, future) or failure
                    done.add(name)
        except KeyboardInterrupt:
            stop_all()
            raise
    if failure is not None:
        raise failure


def _tell(watcher: Watcher, name: str, elapsed_s: float, future: Future[str]) -> BaseException | None:
    error = future.exception()
    if error is not None:
        watcher.failed(name, elapsed_s, error)
    else:
        watcher.finished(name, elapsed_s, future.result())
    return error
