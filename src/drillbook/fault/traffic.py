"""Traffic as a fault: actions that start and stop Locust users beside the drill's own, from inside Chaos Toolkit.

It ends with Chaos Toolkit's process at the latest: Locust watches its parent.
"""

import os
from pathlib import Path

from chaoslib.exceptions import ActivityFailed

from drillbook.drill import Load
from drillbook.errors import DrillbookError
from drillbook.load import LocustLoad, LocustRun

ENTRY_URL = "DRILLBOOK_ENTRY_URL"
RECORDS = "DRILLBOOK_TRAFFIC_RECORDS"
"""What the paths of the records begin with; the traffic's name and ``.csv`` follow."""

_running: dict[str, LocustRun] = {}


def start_traffic(locustfile: str, user: str, rate_per_s: float, name: str) -> str:
    """Start users of one class against the system's entry; returns when their first request is on record."""
    if name in _running:
        raise ActivityFailed(f"the traffic {name!r} is under way already")
    load = Load(locustfile=locustfile, user=user, rate_per_s=float(rate_per_s))
    generator = LocustLoad(Path.cwd(), os.environ[ENTRY_URL], clock_offset_s=0.0)
    try:
        _running[name] = generator.start(load, Path(f"{os.environ[RECORDS]}{name}.csv"))
    except DrillbookError as error:
        raise ActivityFailed(str(error)) from error
    return name


def stop_traffic(name: str) -> int:
    """Stop it and return how many requests it sent; 0 where it was not under way, for a rollback may run twice."""
    run = _running.pop(name, None)
    if run is None:
        return 0
    try:
        run.stop()
    except DrillbookError as error:
        raise ActivityFailed(str(error)) from error
    return len(run.records())
