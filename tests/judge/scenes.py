"""Builds records of drills by code: what a run would have left, without a cluster."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from drillbook.drill import Baseline, Clause, Drill, Follow, Load, PodsSymptom, PromisedFiles, TrafficSymptom
from drillbook.load_records import LoadRecords
from drillbook.objective import Comparison, Metric, Recovery, Threshold
from drillbook.observation import InsideAnswer, Look
from drillbook.record import DrillRecord, RunInfo, RunRecord
from drillbook.timeline import (
    AnyEvent,
    CommandEnd,
    CommandFinished,
    CommandStarted,
    DrillFinished,
    DrillStarted,
    FaultInjected,
    FaultRequested,
    FileInspected,
    LoadFinished,
    LoadStarted,
    Phase,
    PhaseStarted,
    ProcedureFinished,
    ProcedureStarted,
    RevertFinished,
    StepFinished,
    StepSkipped,
    StepStarted,
    SymptomGone,
    SymptomSeen,
    SystemCompared,
)
from drillbook.verdict import RunbookDigest

ERROR_RATE = Threshold(metric=Metric.ERROR_RATE, comparison=Comparison.AT_MOST, value=0.01)
P99 = Threshold(metric=Metric.LATENCY_P99_MS, comparison=Comparison.AT_MOST, value=10.0)
BROKEN = Threshold(metric=Metric.ERROR_RATE, comparison=Comparison.ABOVE, value=0.1)

DRILL = Drill(
    name="A bad release takes every pod down; the rollback brings it back",
    feature="features/front_door_failure.feature",
    line=9,
    load=Load(locustfile="loadtests/shop.py", user="Shopper", rate_per_s=100.0),
    baseline=Baseline(thresholds=(ERROR_RATE, P99), window_s=10.0),
    fault="experiments/bad-release.json",
    symptoms=(
        PodsSymptom(selector="app=front-door", reason="CrashLoopBackOff", deadline_s=90.0),
        TrafficSymptom(threshold=BROKEN, window_s=5.0, deadline_s=90.0),
    ),
    procedure="Front Door Failure",
    follow=Follow.WITH_JUDGEMENT,
    recovery=Recovery(thresholds=(ERROR_RATE, P99), window_s=20.0, deadline_s=300.0, hold_s=20.0),
    files=PromisedFiles(texts=("BackOff",)),
    restored=True,
    clauses=(
        Clause(line=10, text="Given 100 shoppers' requests a second reach the front door", demands="load"),
        Clause(line=11, text="And at most 1 % of them fail and the P99 latency is at most 10 ms", demands="baseline"),
        Clause(line=12, text="When a bad release takes every pod down", demands="fault"),
        Clause(line=13, text="And every pod is in CrashLoopBackOff", demands="symptom:0"),
        Clause(line=14, text="And more than 10 % of requests fail", demands="symptom:1"),
        Clause(line=15, text='And the responder follows "Front Door Failure" with judgement', demands="procedure"),
        Clause(
            line=16,
            text="Then within 5 minutes at most 1 % of requests fail and the P99 latency is at most 10 ms over 20 s",
            demands="recovery",
        ),
        Clause(line=17, text="And this is still so 20 s later", demands="hold"),
        Clause(line=18, text="And the files that the procedure promises are there and not empty", demands="files"),
        Clause(line=19, text='And one of them holds "BackOff"', demands="content:0"),
        Clause(line=20, text="And everything that was there before the incident is as it was", demands="restored"),
    ),
)

INFO = RunInfo(
    run_id="20261123-102500-7f3a",
    started_at="2026-11-23T10:25:00Z",
    drillbook_version="0.1.0",
    system="front door",
    runbook=RunbookDigest(path="runbooks/emergency-procedures.md", sha256="9c1d" * 16),
    cluster="v1.31.2, 5f0c2b9e-7a51-4a8e-9a43-7e6d0f4f1d11",
    fidelity=("Chat and paging are answered by a stand-in that validates and records what is sent to them",),
)


@dataclass(frozen=True)
class Outage:
    """Requests due in [start_s, end_s) fail: this share of them, with these statuses."""

    start_s: float
    end_s: float
    share: float = 1.0
    statuses: tuple[int, ...] = (503, 0)


@dataclass(frozen=True)
class HandedOver:
    """A file as it was found after the procedure; a size of None means that there was none."""

    path: str
    line: int
    size_bytes: int | None
    texts_found: tuple[int, ...] = ()


@dataclass(frozen=True)
class Command:
    """One command as the responder ran it."""

    line: int
    text: str
    exit_code: int | None = 0
    duration_s: float = 0.3
    end: CommandEnd = CommandEnd.EXITED
    pipe_status: tuple[int, ...] = (0,)
    changed: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Step:
    """One step with its commands, or with the reason why it was skipped."""

    title: str
    line: int
    commands: tuple[Command, ...] = ()
    skipped: str | None = None
    changed_files: tuple[str, ...] = ()


STEPS = (
    Step(
        "Assess impact",
        31,
        (
            Command(34, "kubectl get pods -n shop -l app=front-door", duration_s=0.21),
            Command(37, "kubectl get svc front-door -n shop", duration_s=0.12),
            Command(
                38,
                'curl -f http://front-door.shop.svc.cluster.local/health/live || echo "Service DOWN"',
                duration_s=0.04,
            ),
            Command(
                41,
                "kubectl get events -n shop --sort-by='.lastTimestamp' | tail -20",
                duration_s=0.17,
                pipe_status=(0, 0),
            ),
        ),
    ),
    Step(
        "Emergency rollback",
        44,
        (
            Command(47, "./scripts/rollback.sh emergency", duration_s=14.6),
            Command(50, "kubectl get pods -n shop -l app=front-door", duration_s=0.19),
            Command(51, "curl -f http://front-door.shop.svc.cluster.local/health/ready", 22, duration_s=0.05),
        ),
    ),
    Step("Traffic diversion", 54, skipped="users were served again, and its text says “if rollback fails”"),
    Step(
        "Collect diagnostics",
        66,
        (
            Command(69, "kubectl logs -n shop -l app=front-door --previous --tail=500 > /tmp/crash.txt", 1),
            Command(72, "kubectl get events -n shop --sort-by='.lastTimestamp' > /tmp/events.txt", duration_s=0.22),
            Command(75, "kubectl top pods -n shop > /tmp/resources.txt", duration_s=0.33),
        ),
    ),
)


@dataclass(frozen=True)
class Scene:
    """What happened in one drill; times in seconds on the run's clock, ``start_s`` being the drill's start."""

    drill: Drill = DRILL
    start_s: float = 2.0
    injected_s: float = 22.0
    procedure_s: float = 40.0
    outages: tuple[Outage, ...] = (Outage(20.0, 62.0),)
    revert_s: float = 112.0
    end_s: float = 122.0
    steps: tuple[Step, ...] = STEPS
    symptoms_seen: tuple[int, ...] = (0, 1)
    files: tuple[HandedOver, ...] = (HandedOver("/tmp/events.txt", 72, 1834, (0,)),)
    differences: tuple[str, ...] = ()
    revert_succeeded: bool = True
    latency_ms: float = 2.4
    seed: int = 7
    extra: tuple[AnyEvent, ...] = ()
    looks: tuple[Look, ...] = ()
    inside: tuple[InsideAnswer, ...] = ()
    traffic: Mapping[str, LoadRecords] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    without: tuple[type[Any], ...] = field(default=())


def load(scene: Scene) -> LoadRecords:
    """Traffic at the drill's rate, answered in a few ms outside the outages."""
    draw = np.random.default_rng(scene.seed)
    rate = scene.drill.load.rate_per_s
    count = round((scene.end_s - scene.start_s) * rate)
    due_s = scene.start_s + np.arange(count) / rate
    latency_s = draw.lognormal(np.log(scene.latency_ms / 1000), 0.35, count)
    status = np.full(count, 200, dtype=np.int16)
    for outage in scene.outages:
        hit = (due_s >= outage.start_s) & (due_s < outage.end_s) & (draw.random(count) < outage.share)
        status[hit] = draw.choice(outage.statuses, int(hit.sum()))
        latency_s[hit] = draw.lognormal(np.log(0.02), 1.2, int(hit.sum()))
    start_s = due_s + draw.exponential(0.0002, count)
    return LoadRecords(
        due_s=due_s, start_s=start_s, end_s=due_s + latency_s, status=status, corrupt=np.zeros(count, dtype=np.bool_)
    )


def drill_record(
    scene: Scene | None = None, *, records: LoadRecords | None = None, no_load: bool = False
) -> DrillRecord:
    """The record that this scene leaves; ``records`` replaces its traffic, ``no_load`` takes it away."""
    scene = scene or Scene()
    users = load(scene) if records is None else records
    events = sorted((*_events(scene, len(users)), *scene.extra), key=lambda event: event.at_s)
    return DrillRecord(
        drill=scene.drill,
        slug="a-bad-release",
        events=tuple(event for event in events if not isinstance(event, scene.without)),
        load=None if no_load else users,
        looks=scene.looks,
        inside=scene.inside,
        traffic=scene.traffic,
        outputs=scene.outputs,
    )


def run_record(*drills: DrillRecord) -> RunRecord:
    """A run of these drills, of one that passes when none is given."""
    return RunRecord(info=INFO, drills=drills or (drill_record(),))


def _events(scene: Scene, requests: int) -> Iterable[AnyEvent]:
    drill, start_s, procedure_s = scene.drill, scene.start_s, scene.procedure_s
    inject_s = scene.injected_s - 2.0
    yield DrillStarted(at_s=start_s, drill=drill, slug="a-bad-release")
    yield LoadStarted(at_s=start_s, records="load/a-bad-release.csv", clock_offset_s=0.0)
    yield PhaseStarted(at_s=start_s, phase=Phase.BASELINE)
    yield PhaseStarted(at_s=inject_s, phase=Phase.INJECT)
    yield FaultRequested(at_s=inject_s, experiment=drill.fault)
    yield FaultInjected(at_s=scene.injected_s, experiment=drill.fault)
    yield PhaseStarted(at_s=scene.injected_s, phase=Phase.CONFIRM)
    for index in scene.symptoms_seen:
        yield SymptomSeen(at_s=procedure_s - 2 + index, index=index, detail="4 of 4 pods, waiting: CrashLoopBackOff")
    yield PhaseStarted(at_s=procedure_s, phase=Phase.RESPOND)
    yield ProcedureStarted(at_s=procedure_s, procedure=drill.procedure, line=20)
    at_s = procedure_s
    for step in scene.steps:
        yield from (told := tuple(_step_events(step, at_s)))
        at_s = told[-1].at_s + 0.01
    yield ProcedureFinished(at_s=at_s, procedure=drill.procedure)
    yield PhaseStarted(at_s=at_s + 0.1, phase=Phase.RECOVER)
    yield PhaseStarted(at_s=max(at_s + 0.2, scene.revert_s - drill.recovery.hold_s), phase=Phase.HOLD)
    for file in scene.files:
        yield FileInspected(
            at_s=scene.revert_s - 1,
            path=file.path,
            line=file.line,
            exists=file.size_bytes is not None,
            size_bytes=file.size_bytes or 0,
            sha256="",
            texts_found=file.texts_found,
        )
    yield SystemCompared(at_s=scene.revert_s - 0.5, after_revert=False, differences=scene.differences, added=())
    yield PhaseStarted(at_s=scene.revert_s, phase=Phase.REVERT)
    yield RevertFinished(at_s=scene.end_s - 4, succeeded=scene.revert_succeeded, detail="put 3 objects back")
    for index in range(len(drill.symptoms)) if scene.revert_succeeded else ():
        yield SymptomGone(at_s=scene.end_s - 3, index=index, detail="not seen any more")
    yield PhaseStarted(at_s=scene.end_s - 3, phase=Phase.EXIT_CHECK)
    yield SystemCompared(at_s=scene.end_s - 2, after_revert=True, differences=(), added=())
    yield LoadFinished(at_s=scene.end_s, requests=requests, exit_code=0)
    yield DrillFinished(at_s=scene.end_s)


def _step_events(step: Step, at_s: float) -> Iterable[AnyEvent]:
    if step.skipped:
        yield StepSkipped(at_s=at_s, step=step.title, line=step.line, reason=step.skipped)
        return
    yield StepStarted(at_s=at_s, step=step.title, line=step.line)
    for command in step.commands:
        yield CommandStarted(at_s=at_s, line=command.line, text=command.text)
        at_s += command.duration_s + 0.2
        yield CommandFinished(
            at_s=at_s,
            line=command.line,
            text=command.text,
            end=command.end,
            exit_code=command.exit_code,
            pipe_status=command.pipe_status,
            duration_s=command.duration_s,
            stdout=f"commands/{command.line}.out",
            stderr=f"commands/{command.line}.err",
            stdout_bytes=412,
            stderr_bytes=0,
            changed=command.changed,
        )
        at_s += 0.2
    failed = sum(command.exit_code != 0 for command in step.commands)
    yield StepFinished(
        at_s=at_s, step=step.title, line=step.line, failed_commands=failed, changed_files=step.changed_files
    )
