"""Which controls are run, and how: whole runs of drills on a system made of a clock and a list of outages."""

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import msgspec
import numpy as np
import pytest
from rich.console import Console
from tests.judge.scenes import BROKEN, DRILL, ERROR_RATE, INFO

from drillbook.checks import Finding, Severity
from drillbook.controls import read_kinds
from drillbook.drill import (
    Baseline,
    Control,
    ControlKind,
    Drill,
    FaultAlone,
    Follow,
    Load,
    RunbookAlone,
    TrafficSymptom,
    WithoutStep,
)
from drillbook.effects import CommandResult, FileState, Snapshot, Trial
from drillbook.errors import InputError
from drillbook.evidence import EvidenceStore, read_evidence
from drillbook.fault.injector import FaultFailedError
from drillbook.judge import judge_run
from drillbook.load_records import LoadRecords
from drillbook.objective import Recovery
from drillbook.observation import InsideAnswer
from drillbook.run import Run
from drillbook.runbook import parse_runbook
from drillbook.runner import Effects
from drillbook.testing import ManualClock
from drillbook.timeline import CommandEnd, CommandFinished, CommandTried, FaultInjected, Floor, Phase, RevertFinished
from drillbook.verdict import Answer, DrillVerdict, Outcome, Running, Verdict

if TYPE_CHECKING:
    from drillbook.settings import Settings

RUNBOOK = """\
# Web

## Outage

1. **Look**

   ```bash
   look
   ```

2. **Mend**

   ```bash
   mend
   ```

3. **Restart all**

   ```bash
   restart
   ```

## Waiting

1. **Look**

   ```bash
   look
   ```
"""
SHORT = msgspec.structs.replace(
    DRILL,
    load=Load(locustfile="users.py", user="Reader", rate_per_s=100.0),
    baseline=Baseline(thresholds=(ERROR_RATE,), window_s=5.0),
    symptoms=(TrafficSymptom(threshold=BROKEN, window_s=2.0, deadline_s=30.0),),
    procedure="Outage",
    follow=Follow.LITERALLY,
    recovery=Recovery(thresholds=(ERROR_RATE,), window_s=5.0, deadline_s=60.0, hold_s=5.0),
    files=None,
    clauses=(),
)
FLOOR = Floor(requests=100, lag_p50_ms=0.1, lag_p99_ms=0.2, latency_p50_ms=0.2, latency_p99_ms=0.3)
SUSPECT = Finding(
    rule="RB030",
    name="always-succeeds",
    severity=Severity.WARNING,
    line=14,
    column=4,
    end_line=14,
    end_column=8,
    message="it cannot fail",
)
WAITING = msgspec.structs.replace(SHORT, procedure="Waiting")


@dataclass
class Web:
    """A system that users find broken from ``fails`` until ``mends``; every effect of a drill in one."""

    clock: ManualClock = field(default_factory=ManualClock)
    heals_after_s: float | None = None
    refuses_fault: Callable[[], bool] = lambda: False
    outages: list[list[float]] = field(default_factory=list)  # from, until
    ran: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    undone: int = 0

    def fails(self, for_s: float | None = None) -> None:
        now_s = self.clock.now_s()
        self.outages.append([now_s, float("inf") if for_s is None else now_s + for_s])

    def mends(self) -> None:
        now_s = self.clock.now_s()
        for outage in self.outages:
            outage[1] = min(outage[1], max(now_s, outage[0]))

    def effects(self) -> Effects:
        none_kept = SimpleNamespace(looks=lambda: (), stop=lambda: None)
        return cast(
            "Effects",
            SimpleNamespace(
                clock=self.clock,
                load=SimpleNamespace(
                    calibrate=lambda _: SimpleNamespace(floor=lambda: FLOOR),
                    start=lambda load, path: Traffic(self, load.rate_per_s, path, self.clock.now_s()),
                ),
                faults=SimpleNamespace(renews=lambda _: (), inject=self._inject),
                system=SimpleNamespace(snapshot=dict, restore=self._restore),
                observer=SimpleNamespace(start=lambda _: none_kept),
                witnesses=SimpleNamespace(secrets=dict, deliveries=lambda: (), inside_answers=self._nobody_inside),
                versions=SimpleNamespace(namespace="web", kinds=("deployment",), look=dict),
                responder=SimpleNamespace(renew=lambda: None, open=lambda: Shell(self), try_commands=self._try),
                undo_on_disk=lambda *_: self._undo_forgotten,
            ),
        )

    def _inject(self, *_: object, **__: object) -> SimpleNamespace:
        if self.refuses_fault():
            raise FaultFailedError("it was refused")
        self.fails(self.heals_after_s)
        return SimpleNamespace(release=lambda: None)

    def _restore(self, _: Snapshot, *, timeout_s: float, renew: Sequence[str]) -> None:
        assert timeout_s
        assert not renew
        self.mends()

    def _nobody_inside(self, _: float) -> tuple[InsideAnswer, ...]:
        return ()

    def _try(self, texts: Sequence[str]) -> tuple[Trial, ...]:
        self.tried += texts
        return tuple(Trial(exit_code=0, calls=("kubectl",)) for _ in texts)

    def _undo_forgotten(self) -> None:
        self.undone += 1


@dataclass
class Traffic:
    """Users who come at the drill's rate, and find out."""

    web: Web
    rate_per_s: float
    path: Path
    start_s: float

    def records(self) -> LoadRecords:
        due_s = np.arange(self.start_s, self.web.clock.now_s(), 1 / self.rate_per_s)
        status = np.full(len(due_s), 200, np.int16)
        for from_s, until_s in self.web.outages:
            status[(due_s >= from_s) & (due_s < until_s)] = 503
        return LoadRecords(
            due_s=due_s, start_s=due_s, end_s=due_s + 0.001, status=status, corrupt=np.zeros(len(due_s), np.bool_)
        )

    def stop(self) -> int:
        self.web.clock.advance(1.0)  # they come a little longer than the fault stays
        seen = self.records()
        rows = (
            f"{round(due_s * 1e6)},{round(due_s * 1e6)},{round(due_s * 1e6) + 1000},{status},0\n"
            for due_s, status in zip(seen.due_s, seen.status, strict=True)
        )
        self.path.write_text("due_us,start_us,end_us,status,corrupt\n" + "".join(rows), encoding="ascii")
        return 0


@dataclass
class Shell:
    """``mend`` mends, ``restart`` takes the system down for a while, and every command takes a second."""

    web: Web
    reopenings: tuple[()] = ()

    def run(self, text: str, *, timeout_s: float) -> CommandResult:
        assert timeout_s > 1
        started_s = self.web.clock.now_s()
        self.web.ran.append(text)
        if text == "mend":
            self.web.mends()
        if text == "restart":
            self.web.fails(for_s=4.0)
        self.web.clock.advance(1.0)
        return CommandResult(
            end=CommandEnd.EXITED,
            exit_code=0,
            pipe_status=(0,),
            started_s=started_s,
            duration_s=1.0,
            stdout=b"",
            stderr=b"",
            stdout_bytes=0,
            stderr_bytes=0,
        )

    def read_file(self, path: str) -> bytes | None:
        raise NotImplementedError(path)

    def list_files(self, _: str) -> Mapping[str, FileState]:
        return {}

    def close(self) -> None:
        """Nothing to end."""


@contextlib.contextmanager
def opened(web: Web, directory: Path, controls: str) -> Iterator[tuple[Run, io.StringIO]]:
    out = io.StringIO()
    store = EvidenceStore(directory / "evidence", INFO, RUNBOOK.encode())
    store.write_findings((SUSPECT,))
    settings = SimpleNamespace(
        root=directory,
        system=SimpleNamespace(ready_timeout_s=60.0),
        responder=SimpleNamespace(command_timeout_s=60.0, patience_s=30.0, working_directory="/srv"),
    )
    runbook = parse_runbook(RUNBOOK.encode(), path="runbook.md")
    console, cleanup = Console(file=out, width=200), contextlib.ExitStack()
    cleanup.callback(store.close)
    yield (
        Run(
            cast("Settings", settings),
            runbook,
            web.effects(),
            store,
            console,
            cleanup=cleanup,
            controls=read_kinds(controls),
            outcomes=True,
        ),
        out,
    )


def drilled(web: Web, directory: Path, controls: str, drill: Drill = SHORT) -> DrillVerdict:
    with opened(web, directory, controls) as (run, _):
        verdict = run.carry_out(drill)
        assert isinstance(verdict, DrillVerdict)
        assert run.close().drills == (verdict,), "judged again from the evidence"
    return verdict


def answers(verdict: DrillVerdict) -> dict[Control, Answer]:
    return {one.control: one.answer for one in verdict.controls}


def test_without_controls_a_system_that_heals_by_itself_passes(tmp_path: Path) -> None:
    """What controls are for: the responder only looks, and the drill alone cannot tell."""
    verdict = drilled(Web(heals_after_s=15.0), tmp_path, "", WAITING)

    assert (verdict.verdict, verdict.controls) == (Verdict.PASS, ())


def test_with_controls_a_system_that_heals_by_itself_earns_the_runbook_nothing(tmp_path: Path) -> None:
    verdict = drilled(Web(heals_after_s=15.0), tmp_path, "fault", WAITING)

    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert answers(verdict) == {FaultAlone(): Answer.HEALED}
    assert verdict.reason == "users were served again 15 s after the fault without the runbook"


def test_in_the_control_nobody_does_anything_and_it_is_watched_to_the_deadline(tmp_path: Path) -> None:
    web = Web()

    verdict = drilled(web, tmp_path, "fault")

    assert (verdict.verdict, answers(verdict)) == (Verdict.PASS, {FaultAlone(): Answer.STAYED_BROKEN})
    assert web.ran == ["look", "mend", "restart"], "once, in the drill itself"
    drill, control = read_evidence(tmp_path / "evidence").drills
    assert control.slug == "02-a-bad-release-takes-every-pod-down-the-r-fault-alone"
    watched_s = control.phase_at_s[Phase.REVERT] - control.phase_at_s[Phase.RECOVER]
    assert SHORT.recovery.deadline_s <= watched_s < SHORT.recovery.deadline_s + 5
    assert all(run.first(RevertFinished) for run in (drill, control))
    assert web.undone == 2


def test_only_the_drill_itself_has_its_commands_tried(tmp_path: Path) -> None:
    web = Web()

    verdict = drilled(web, tmp_path, "all")

    assert web.tried == ["look", "mend", "restart"]
    assert [one.outcome for one in verdict.commands] == [Outcome.CANNOT_FAIL] * 3
    assert [(one.rule, one.running) for one in verdict.findings] == [("RB030", Running.CONFIRMED)]
    drill, *controls = read_evidence(tmp_path / "evidence").drills
    assert len(drill.all(CommandTried)) == 3
    assert controls
    assert not any(control.all(CommandTried) for control in controls)


def test_a_control_ends_as_soon_as_its_answer_is_known(tmp_path: Path) -> None:
    drilled(Web(heals_after_s=15.0), tmp_path, "fault")

    control = read_evidence(tmp_path / "evidence").drills[1]
    assert control.phase_at_s[Phase.REVERT] - control.phase_at_s[Phase.RECOVER] < 30


def test_the_runbook_without_the_fault(tmp_path: Path) -> None:
    """It restarts everything, which a system that is well does not need."""
    web = Web()

    verdict = drilled(web, tmp_path, "runbook")

    assert answers(verdict) == {RunbookAlone(): Answer.HARMED}
    assert verdict.controls[0].reason.startswith("users lost 400 of ")
    control = read_evidence(tmp_path / "evidence").drills[1]
    assert control.first(FaultInjected) is None
    assert len(control.all(CommandFinished)) == 3
    assert control.first(RevertFinished) is not None
    assert web.undone == 2


def test_each_step_is_left_out_in_turn(tmp_path: Path) -> None:
    web = Web()

    verdict = drilled(web, tmp_path, "steps")

    assert answers(verdict) == {
        WithoutStep(line=5, title="Look"): Answer.USELESS,
        WithoutStep(line=11, title="Mend"): Answer.NEEDED,
        WithoutStep(line=17, title="Restart all"): Answer.USELESS,
    }
    assert web.ran == [*("look", "mend", "restart"), *("mend", "restart"), *("look", "restart"), *("look", "mend")]


def test_how_long_the_controls_take_is_said_before(tmp_path: Path) -> None:
    with opened(Web(), tmp_path, "all") as (run, out):
        run.carry_out(SHORT)

    assert "controls: 5 more runs of this drill, " in out.getvalue()


def test_a_fault_that_does_not_land_in_the_control_leaves_the_question_open(tmp_path: Path) -> None:
    web = Web()
    web.refuses_fault = lambda: bool(web.ran)

    verdict = drilled(web, tmp_path, "fault")

    assert (verdict.verdict, answers(verdict)) == (Verdict.PASS, {FaultAlone(): Answer.NOT_TOLD})
    assert "it was refused" in verdict.controls[0].reason


def test_a_drill_that_proved_nothing_gets_no_controls(tmp_path: Path) -> None:
    verdict = drilled(Web(refuses_fault=lambda: True), tmp_path, "all")

    assert (verdict.verdict, verdict.controls) == (Verdict.INCONCLUSIVE, ())
    assert judge_run(read_evidence(tmp_path / "evidence")).drills == (verdict,)


def test_controls_are_named_by_kind() -> None:
    assert read_kinds("fault, steps") == {ControlKind.FAULT, ControlKind.STEPS}
    assert read_kinds("all") == set(ControlKind)
    assert read_kinds("") == frozenset()
    with pytest.raises(InputError, match="there is no such control"):
        read_kinds("faults")
