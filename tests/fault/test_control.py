import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from drillbook.fault import control

METHOD = {"method": [{"name": "break it"}]}
SUCCEEDED: dict[str, Any] = {"activity": {"type": "action", "name": "break it"}, "status": "succeeded", "output": None}


@pytest.fixture
def meeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(control.DIRECTORY, str(tmp_path))
    monkeypatch.setenv(control.OWNER, str(os.getppid()))
    monkeypatch.setenv(control.DEADLINE, "10")
    return tmp_path


def test_a_method_that_succeeded_is_held_until_the_release(meeting: Path) -> None:
    thread = threading.Thread(target=control.after_method_control, args=(METHOD, [SUCCEEDED]))
    thread.start()
    deadline = time.monotonic() + 5
    while not (meeting / control.READY).exists():
        assert time.monotonic() < deadline
    assert thread.is_alive()
    (meeting / control.RELEASE).touch()
    thread.join(timeout=5)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("context", "state"),
    [
        (METHOD, None),
        (METHOD, []),
        ({"method": []}, []),
        ({}, [SUCCEEDED]),
        (METHOD, [SUCCEEDED | {"status": "failed"}]),
        (METHOD, [{"activity": SUCCEEDED["activity"], "output": None}]),
    ],
    ids=["no runs", "not all ran", "empty method", "no method", "failed", "interrupted"],
)
def test_what_is_not_in_place_is_not_held(meeting: Path, context: dict[str, Any], state: Any) -> None:  # noqa: ANN401 - what Chaos Toolkit passes
    control.after_method_control(context, state)
    assert not (meeting / control.READY).exists()


@pytest.mark.parametrize(("variable", "value"), [(control.OWNER, "1"), (control.DEADLINE, "0")])
def test_nobody_waits_for_ever(meeting: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    control.hold_until_released()
    assert (meeting / control.READY).exists()
