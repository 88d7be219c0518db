"""Runs inside Chaos Toolkit's process: keeps an experiment alive between its method and its rollbacks."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from drillbook.clock import wait_until
from drillbook.fault.journal import failure_of

DIRECTORY = "DRILLBOOK_FAULT_DIR"  # where the two processes meet
DEADLINE = "DRILLBOOK_FAULT_DEADLINE_S"  # the longest time that a fault is held
OWNER = "DRILLBOOK_FAULT_OWNER_PID"  # without its owner nobody would take the fault back
READY, RELEASE = "ready", "release"


def after_method_control(context: Mapping[str, object], state: Sequence[Mapping[str, object]] | None) -> None:
    """Chaos Toolkit calls this when the method is over: hold the fault if all of the method succeeded."""
    method = context.get("method")
    if not isinstance(method, list) or not method or state is None or len(state) < len(method):
        return
    if all(failure_of(run) is None for run in state):
        hold_until_released()


def hold_until_released() -> None:
    """Say that the fault is in place, then wait for the release, the owner's end or the deadline."""
    directory = Path(os.environ[DIRECTORY])
    owner = int(os.environ[OWNER])
    (directory / READY).write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")
    release = directory / RELEASE
    wait_until(lambda: release.exists() or os.getppid() != owner, timeout_s=float(os.environ[DEADLINE]))
