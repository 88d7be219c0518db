"""All that is known of a run, as one value: what verdicts and reports are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import takewhile
from typing import TypeVar

import msgspec
from msgspec import Struct

from drillbook.checks.model import Finding
from drillbook.drill import Drill, FaultAlone, RunbookAlone
from drillbook.figure import Traffic
from drillbook.load_records import LoadRecords
from drillbook.objective import Start
from drillbook.observation import InsideAnswer, Look
from drillbook.timeline import (
    AnyEvent,
    Event,
    FaultInjected,
    FaultUnavailable,
    GeneratorCalibrated,
    Phase,
    PhaseStarted,
    ProcedureStarted,
    SymptomSeen,
)
from drillbook.verdict import RunbookDigest, SkippedDrill

E = TypeVar("E", bound=Event)


class ShellUse(StrEnum):
    """How the responder uses shells."""

    SHARED = "shared"  # one for a whole procedure
    PER_BLOCK = "per-block"  # a new one for each code block


class RunInfo(Struct, frozen=True, kw_only=True):
    """``run.json``: what identifies a run and anchors its clock."""

    run_id: str
    started_at: str  # wall clock at 0 s of the timeline, ISO 8601 in UTC
    drillbook_version: str
    system: str
    runbook: RunbookDigest
    cluster: str  # server version and UID
    fidelity: tuple[str, ...] = ()
    shell: ShellUse = ShellUse.SHARED


@dataclass(frozen=True, eq=False)
class DrillRecord:
    """One drill: what was demanded, what happened (its part of the timeline), what users saw."""

    drill: Drill
    slug: str
    events: tuple[AnyEvent, ...]
    load: LoadRecords | None
    looks: tuple[Look, ...] = ()
    inside: tuple[InsideAnswer, ...] = ()
    traffic: Mapping[str, LoadRecords] = field(default_factory=dict)  # of the fault's own users, by its name
    outputs: Mapping[str, str] = field(default_factory=dict)  # of its commands, by their names in the evidence

    def all(self, kind: type[E]) -> tuple[E, ...]:
        """The events of one kind, in order."""
        return tuple(event for event in self.events if isinstance(event, kind))

    def first(self, kind: type[E]) -> E | None:
        """The first event of one kind."""
        return next(iter(self.all(kind)), None)

    @cached_property
    def phase_at_s(self) -> dict[Phase, float]:
        """When each phase began, the first time."""
        return {event.phase: event.at_s for event in reversed(self.all(PhaseStarted))}

    @cached_property
    def procedure_at_s(self) -> float | None:
        """When the responder opened the procedure; where the fault is left alone, when they would have."""
        if isinstance(self.drill.control, FaultAlone):
            return self.phase_at_s.get(Phase.RECOVER)
        started = self.first(ProcedureStarted)
        return started.at_s if started else None

    def started_s(self, start: Start) -> float | None:
        """When a deadline of this kind began to count; None where that never happened."""
        match start:
            case Start.FAULT:
                injected = self.first(FaultInjected)
                return injected.at_s if injected else None
            case Start.DETECTION:
                return max((event.at_s for event in self.all(SymptomSeen)), default=None)
            case Start.PROCEDURE:
                return self.procedure_at_s

    @cached_property
    def users(self) -> Traffic | None:
        """What users saw, to measure figures of; None where there was no load."""
        if self.load is None:
            return None
        calibrated = self.first(GeneratorCalibrated)
        floor_ms = calibrated.floor.latency_p99_ms if calibrated else 0.0
        return Traffic(self.load, self.drill.load.rate_per_s, floor_ms)

    @cached_property
    def disturbed_at_s(self) -> float | None:
        """When the steady state ended: with the fault, or with the procedure where there is none."""
        first = Phase.RESPOND if isinstance(self.drill.control, RunbookAlone) else Phase.INJECT
        return self.phase_at_s.get(first)

    @property
    def skipped(self) -> SkippedDrill | None:
        """The drill's name and the reason, where its fault is not to be had on the machine."""
        unavailable = self.first(FaultUnavailable)
        return SkippedDrill(name=self.drill.name, reason=unavailable.reason) if unavailable else None


@dataclass(frozen=True, eq=False)
class RunRecord:
    """A whole run."""

    info: RunInfo
    drills: tuple[DrillRecord, ...]
    findings: tuple[Finding, ...] = ()  # of the runbook's text, as they were found when the run began

    @property
    def judged(self) -> tuple[DrillRecord, ...]:
        """The drills that have a verdict: all but controls and those that were skipped."""
        return tuple(drill for drill in self.drills if drill.drill.control is None and drill.skipped is None)

    def controls_of(self, drill: DrillRecord) -> tuple[DrillRecord, ...]:
        """The runs that this one is compared with: they follow it, up to the scenario's next run."""
        later = takewhile(lambda one: one.drill != drill.drill, self.drills[self.drills.index(drill) + 1 :])
        return tuple(one for one in later if msgspec.structs.replace(one.drill, control=None) == drill.drill)
