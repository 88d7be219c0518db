"""``python benchmarks/judge.py``: how long ``drillbook judge`` takes over a million requests, and how much memory.

The evidence is made by code: one drill of 500 s at 2,000 requests per second, half of which fail for 340 s, looks at
four pods twice a second, and a recovery that lasts. It is judged by the command itself, report included, in a process
of its own.
"""

import argparse
import gzip
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from drillbook.drill import Baseline, ComponentSymptom, Drill, Follow, Load, TrafficSymptom
from drillbook.evidence import RUN, TIMELINE, looks_name
from drillbook.load_records import HEADER
from drillbook.objective import Comparison, Metric, Recovery, Threshold
from drillbook.observation import ComponentLook, Look, PodLook
from drillbook.promises import LossBound
from drillbook.record import RunInfo
from drillbook.timeline import (
    AnyEvent,
    CommandEnd,
    CommandFinished,
    CommandStarted,
    DrillFinished,
    DrillStarted,
    FaultInjected,
    FaultRequested,
    LoadFinished,
    LoadStarted,
    Phase,
    PhaseStarted,
    ProcedureFinished,
    ProcedureStarted,
    RevertFinished,
    StepFinished,
    StepStarted,
    SymptomGone,
    SymptomSeen,
)
from drillbook.verdict import RunbookDigest

ERROR_RATE = Threshold(metric=Metric.ERROR_RATE, comparison=Comparison.AT_MOST, value=0.01)
P99 = Threshold(metric=Metric.LATENCY_P99_MS, comparison=Comparison.AT_MOST, value=10.0)
BROKEN = Threshold(metric=Metric.ERROR_RATE, comparison=Comparison.ABOVE, value=0.1)
INJECTED_S, PROCEDURE_S, SERVED_S, REVERT_S, END_S = 40.0, 60.0, 380.0, 480.0, 500.0
SLUG = "01-a-million-requests"
TARGET_S, TARGET_MB = 2.0, 500


@dataclass(frozen=True)
class Figure:
    """One measured run."""

    seconds: float
    processor_s: float  # what it takes on a machine that does nothing else
    peak_mb: float


def main() -> None:
    """Make the evidence, judge it several times and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        evidence = Path(directory) / "evidence"
        maker = multiprocessing.get_context("spawn").Process(target=write_evidence, args=(evidence, options.requests))
        maker.start()  # in a process of its own, because a child's peak begins at what its parent holds
        maker.join()
        found = [judge(evidence) for _ in range(options.runs)]
    print(f"drillbook judge, {options.requests:,} requests, {options.runs} runs")
    print(f"{'figure':<12}{'min':>10}{'median':>10}{'max':>10}{'target':>10}")
    for name, values, unit, target in (
        ("wall clock", [one.seconds for one in found], "s", TARGET_S),
        ("processor", [one.processor_s for one in found], "s", TARGET_S),
        ("peak memory", [one.peak_mb for one in found], "MB", TARGET_MB),
    ):
        shown = "".join(f"{value:>7.2f} {unit:<2}" for value in (min(values), statistics.median(values), max(values)))
        print(f"{name:<12}{shown}   {target:g} {unit}")


def judge(evidence: Path) -> Figure:
    """Judge it in a process of its own; it must pass."""
    started_s = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", "from drillbook.cli import main; main()", "judge", str(evidence)],
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started_s
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"the evidence should pass, and it came to exit code {process.returncode}")
    return Figure(seconds, usage.ru_utime + usage.ru_stime, _peak_mb(usage))


def _peak_mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024  # kilobytes on Linux


def write_evidence(directory: Path, requests: int) -> None:
    """A directory as a run leaves it."""
    rate_per_s = requests / END_S
    drill = _drill(rate_per_s)
    for name in ("load", "observed"):
        (directory / name).mkdir(parents=True)
    info = RunInfo(
        run_id="benchmark",
        started_at="2026-01-01T00:00:00+00:00",
        drillbook_version="0",
        system="made by code",
        runbook=RunbookDigest(path="runbook.md", sha256="0" * 64),
        cluster="none",
    )
    (directory / RUN).write_bytes(msgspec.json.encode(info))
    (directory / TIMELINE).write_bytes(
        b"".join(msgspec.json.encode(event) + b"\n" for event in _events(drill, requests))
    )
    looks = (Look(at_s=second / 2, pods=_pods()) for second in range(int(END_S) * 2))
    (directory / looks_name(SLUG)).write_bytes(b"".join(msgspec.json.encode(look) + b"\n" for look in looks))
    (directory / f"load/{SLUG}.csv.gz").write_bytes(gzip.compress(_records(requests), compresslevel=6, mtime=0))


def _drill(rate_per_s: float) -> Drill:
    return Drill(
        name="A million requests",
        feature="features/benchmark.feature",
        line=1,
        load=Load(locustfile="loadtests/users.py", user="Reader", rate_per_s=rate_per_s),
        baseline=Baseline(thresholds=(ERROR_RATE, P99), window_s=10.0),
        fault="experiments/one.yaml",
        symptoms=(
            TrafficSymptom(threshold=BROKEN, window_s=5.0, deadline_s=60.0),
            ComponentSymptom(component="cache", status="broken", deadline_s=60.0),
        ),
        procedure="Outage",
        follow=Follow.LITERALLY,
        recovery=Recovery(thresholds=(ERROR_RATE, P99), window_s=20.0, deadline_s=400.0, hold_s=20.0),
        promises=(LossBound(requests=requests_lost_at_most(rate_per_s)),),
    )


def requests_lost_at_most(rate_per_s: float) -> int:
    """All that the outage takes."""
    return round(rate_per_s * (SERVED_S - INJECTED_S))


def _pods() -> tuple[PodLook, ...]:
    component = ComponentLook(name="cache", status="healthy", figures={"items": 500.0, "usage": 40.0})
    return tuple(
        PodLook(
            name=f"web-{number}",
            uid=f"{number}" * 32,
            labels={"app": "web"},
            ready=True,
            terminating=False,
            restarts=0,
            reasons=(),
            components=(component,),
        )
        for number in range(4)
    )


def _events(drill: Drill, requests: int) -> list[AnyEvent]:
    command, line = "kubectl rollout undo deployment/web", 12
    return [
        DrillStarted(at_s=0.0, drill=drill, slug=SLUG),
        PhaseStarted(at_s=0.0, phase=Phase.BASELINE),
        LoadStarted(at_s=0.0, records=f"load/{SLUG}.csv", clock_offset_s=-7000.0),
        PhaseStarted(at_s=INJECTED_S - 1, phase=Phase.INJECT),
        FaultRequested(at_s=INJECTED_S - 1, experiment=drill.fault),
        FaultInjected(at_s=INJECTED_S, experiment=drill.fault),
        PhaseStarted(at_s=INJECTED_S, phase=Phase.CONFIRM),
        SymptomSeen(at_s=PROCEDURE_S - 2, index=0, detail="seen by users"),
        SymptomSeen(at_s=PROCEDURE_S - 1, index=1, detail="cache: broken"),
        PhaseStarted(at_s=PROCEDURE_S, phase=Phase.RESPOND),
        ProcedureStarted(at_s=PROCEDURE_S, procedure=drill.procedure, line=10),
        StepStarted(at_s=PROCEDURE_S, step="Go back", line=11),
        CommandStarted(at_s=PROCEDURE_S, line=line, text=command),
        CommandFinished(
            at_s=SERVED_S,
            line=line,
            text=command,
            end=CommandEnd.EXITED,
            exit_code=0,
            pipe_status=(0,),
            duration_s=SERVED_S - PROCEDURE_S,
            stdout="",
            stderr="",
            stdout_bytes=0,
            stderr_bytes=0,
        ),
        StepFinished(at_s=SERVED_S, step="Go back", line=11, failed_commands=0),
        ProcedureFinished(at_s=SERVED_S, procedure=drill.procedure),
        PhaseStarted(at_s=SERVED_S, phase=Phase.RECOVER),
        PhaseStarted(at_s=SERVED_S + 20, phase=Phase.HOLD),
        PhaseStarted(at_s=REVERT_S, phase=Phase.REVERT),
        RevertFinished(at_s=REVERT_S + 1, succeeded=True, detail="every object is as it was before the fault"),
        PhaseStarted(at_s=REVERT_S + 1, phase=Phase.EXIT_CHECK),
        SymptomGone(at_s=REVERT_S + 4, index=0, detail="not seen by users"),
        SymptomGone(at_s=REVERT_S + 4, index=1, detail="cache: healthy"),
        LoadFinished(at_s=END_S, requests=requests, exit_code=0),
        DrillFinished(at_s=END_S),
    ]


def _records(requests: int) -> bytes:
    draw = np.random.default_rng(1)
    due_us = (np.arange(requests) * (END_S * 1e6 / requests)).astype(np.int64) + 7_000_000_000
    lag_us = draw.exponential(300, requests).astype(np.int64)
    service_us = draw.lognormal(np.log(1500), 0.5, requests).astype(np.int64)
    due_s = due_us / 1e6 - 7000
    lost = (due_s >= INJECTED_S) & (due_s < SERVED_S) & (draw.random(requests) < 0.5)  # noqa: PLR2004 - half of them
    status = np.where(lost, 503, 200)
    columns = (due_us, due_us + lag_us, due_us + lag_us + service_us, status)
    lines = (
        f"{due},{start},{end},{code},0\n"
        for due, start, end, code in zip(*map(np.ndarray.tolist, columns), strict=True)
    )
    return f"{HEADER}\n{''.join(lines)}".encode()


if __name__ == "__main__":
    main()
