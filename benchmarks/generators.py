"""The load generators that are compared: each sends requests at a rate for a while and says what it measured."""

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from benchmarks.figures import Sample
from benchmarks.tools import ROOT
from numpy.typing import NDArray

from drillbook.clock import wait_until
from drillbook.drill import Load
from drillbook.load import LocustLoad
from drillbook.load_records import is_success

Generator = Callable[[str, float, float], Sample]
"""Takes a URL, a rate per second and a duration in seconds."""

PATH = "/api/items/1"
_TIMEOUT_S = 60.0  # beyond the duration, for any generator
_LOCUST_USERS = 100


def ours(url: str, rate_per_s: float, duration_s: float) -> Sample:
    """The users of the drills, each request on a connection of its own, answers compared with their checksums."""
    used_s = _children_cpu_s()
    with tempfile.TemporaryDirectory() as scratch:
        generator = LocustLoad(ROOT, url, clock_offset_s=-time.monotonic())
        load = Load(locustfile="loadtests/gateway.py", user="Reader", rate_per_s=rate_per_s)
        run = generator.start(load, Path(scratch) / "records.csv")
        try:
            before, before_s = len(run.records()), _cpu_s(run.pid)
            wait_until(lambda: run.exit_code() is not None, timeout_s=duration_s + 0.5, interval_s=0.5)
            after, after_s = len(run.records()), _cpu_s(run.pid)
            run.stop()
        finally:
            run.kill()
        records = run.records()
    return Sample(
        due_s=records.due_s,
        start_s=records.start_s,
        end_s=records.end_s,
        failed=int(np.count_nonzero(~is_success(records))),
        duration_s=duration_s,
        rate_per_s=rate_per_s,
        cpu_s=_children_cpu_s() - used_s,
        cpu_per_request_s=(after_s - before_s) / (after - before),
    )


def vegeta(program: Path, *, keep_alive: bool = False) -> Generator:
    """Vegeta as it comes; with a connection for each request, as ours, unless ``keep_alive``."""

    def attack(url: str, rate_per_s: float, duration_s: float) -> Sample:
        used_s = _children_cpu_s()
        options = [f"-rate={rate_per_s:g}/1s", f"-duration={duration_s}s", f"-keepalive={str(keep_alive).lower()}"]
        attacked = subprocess.run(
            [program, "attack", *options],
            input=f"GET {url}{PATH}\n".encode(),
            stdout=subprocess.PIPE,
            check=True,
            timeout=duration_s + _TIMEOUT_S,
        )
        cpu_s = _children_cpu_s() - used_s
        encoded = subprocess.run(
            [program, "encode", "-to", "csv"], input=attacked.stdout, stdout=subprocess.PIPE, check=True, timeout=60
        )
        rows = csv.reader(encoded.stdout.decode().splitlines())
        hits = np.array([[int(row[0]), int(row[2]), int(row[1])] for row in rows], dtype=np.int64)
        return _peer_sample(hits[:, 0] / 1e9, hits[:, 1] / 1e9, hits[:, 2] == 200, (rate_per_s, duration_s), cpu_s)  # noqa: PLR2004 - the only status there

    return attack


def stock_locust(url: str, rate_per_s: float, duration_s: float) -> Sample:
    """Locust's own ``FastHttpUser`` with ``constant_throughput``: a closed loop, connections kept."""
    used_s = _children_cpu_s()
    with tempfile.TemporaryDirectory() as scratch:
        kept = Path(scratch) / "requests.csv"
        subprocess.run(
            [
                *(sys.executable, "-m", "locust", "--locustfile", str(ROOT / "benchmarks" / "stock_users.py")),
                *("--headless", "--only-summary", "--host", url, "--run-time", f"{duration_s + 1:.0f}s"),
                *("--users", str(_LOCUST_USERS), "--spawn-rate", str(_LOCUST_USERS), "--kept", str(kept)),
                *("--per-user-per-s", str(rate_per_s / _LOCUST_USERS), "--exit-code-on-error", "0"),
            ],
            check=True,
            capture_output=True,
            timeout=duration_s + _TIMEOUT_S,
        )
        hits = np.loadtxt(kept, delimiter=",", ndmin=2)
    cpu_s = _children_cpu_s() - used_s
    return _peer_sample(hits[:, 0], hits[:, 1] / 1000, hits[:, 2] == 1, (rate_per_s, duration_s), cpu_s)


def _peer_sample(
    start_s: NDArray[np.float64],
    latency_s: NDArray[np.float64],
    answered: NDArray[np.bool_],
    asked: tuple[float, float],
    cpu_s: float,
) -> Sample:
    order = np.argsort(start_s, kind="stable")
    start_s = start_s[order]
    rate_per_s, duration_s = asked
    return Sample(
        due_s=start_s,
        start_s=start_s,
        end_s=start_s + latency_s[order],
        failed=int(np.count_nonzero(~answered)),
        duration_s=duration_s,
        rate_per_s=rate_per_s,
        cpu_s=cpu_s,
        cpu_per_request_s=cpu_s / len(start_s),
    )


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cpu_s(pid: int) -> float:
    """User and system time of a process, as the kernel counts them."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
