"""Tasks run after what they need, beside one another where they can, and not at all after a failure."""

import threading
from collections.abc import Callable

import pytest

from drillbook.setup.graph import Task, run_tasks


class Told:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def started(self, name: str) -> None:
        self.events.append(f"+{name}")

    def finished(self, name: str, elapsed_s: float, made: str) -> None:
        assert elapsed_s >= 0
        self.events.append(f"-{name}:{made}")

    def failed(self, name: str, elapsed_s: float, error: BaseException) -> None:
        assert elapsed_s >= 0
        self.events.append(f"!{name}:{error}")

    def waiting(self) -> None:
        pass


def _made(text: str) -> Callable[[], str]:
    return lambda: text


def test_a_task_starts_after_all_that_it_needs() -> None:
    told = Told()
    run_tasks(
        [
            Task("roof", _made("red"), frozenset({"walls", "not planned"})),
            Task("walls", _made("stone"), frozenset({"ground"})),
            Task("ground", _made("flat")),
        ],
        told,
    )
    assert told.events == ["+ground", "-ground:flat", "+walls", "-walls:stone", "+roof", "-roof:red"]


def test_independent_tasks_run_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=10)

    def meet() -> str:
        both.wait()
        return "met"

    told = Told()
    run_tasks([Task("one", meet), Task("other", meet)], told, workers=2)
    assert sorted(told.events) == ["+one", "+other", "-one:met", "-other:met"]


def test_after_a_failure_nothing_more_is_started_and_it_is_raised() -> None:
    told = Told()

    def fail() -> str:
        raise OSError("no disk")

    tasks = [Task("first", fail), Task("second", _made("x"), frozenset({"first"})), Task("third", _made("y"))]
    with pytest.raises(OSError, match="no disk"):
        run_tasks(tasks, told, workers=1)
    assert told.events == ["+first", "!first:no disk"]


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="one another"):
        run_tasks([Task("a", _made(""), frozenset({"b"})), Task("b", _made(""), frozenset({"a"}))], Told())
