"""Chooses the controls of a drill: the same drill with one part left out, so that what remains can be told apart."""

from collections.abc import Iterator

import msgspec

from drillbook.drill import Control, ControlKind, FaultAlone, RunbookAlone, WithoutStep
from drillbook.errors import InputError
from drillbook.judge_controls import brought_back
from drillbook.record import DrillRecord
from drillbook.runbook.model import Procedure
from drillbook.timeline import Phase, StepStarted
from drillbook.verdict import DrillVerdict, Verdict
from drillbook.wording import span


def read_kinds(text: str) -> frozenset[ControlKind]:
    """The kinds in a list such as ``fault,steps``, or ``all``; raises InputError for any other word."""
    if text.strip() == "all":
        return frozenset(ControlKind)
    try:
        return frozenset(ControlKind(word.strip()) for word in text.split(",") if word.strip())
    except ValueError as error:
        raise InputError("there is no such control", expected=f"{', '.join(ControlKind)} or all", got=text) from error


def controls_of(record: DrillRecord, verdict: DrillVerdict, kinds: frozenset[ControlKind]) -> tuple[Control, ...]:
    """The controls that can tell something of this drill: none where it proved nothing itself."""
    if all(one.verdict is Verdict.INCONCLUSIVE for one in verdict.objectives):
        return ()
    return tuple(_of(record, kinds))


def _of(record: DrillRecord, kinds: frozenset[ControlKind]) -> Iterator[Control]:
    if ControlKind.FAULT in kinds and brought_back(record.drill):
        yield FaultAlone()
    if ControlKind.RUNBOOK in kinds:
        yield RunbookAlone()
    if ControlKind.STEPS in kinds:
        for step in record.all(StepStarted):
            yield WithoutStep(line=step.line, title=step.step)


def left_out_of(procedure: Procedure, control: Control | None) -> Procedure:
    """The procedure without the step that the control leaves out."""
    if not isinstance(control, WithoutStep):
        return procedure
    steps = tuple(step for step in procedure.steps if step.line != control.line)
    return msgspec.structs.replace(procedure, steps=steps)


def announcement(record: DrillRecord, controls: tuple[Control, ...]) -> str:
    """How many runs they are and about how long they take; one that stays broken is watched until its deadline."""
    spent_s = record.events[-1].at_s - record.events[0].at_s
    watched_s = record.phase_at_s.get(Phase.REVERT, 0.0) - (record.procedure_at_s or 0.0)
    longest_s = spent_s - watched_s + record.drill.recovery.deadline_s + record.drill.recovery.hold_s
    least_s = sum(longest_s if isinstance(control, FaultAlone) else spent_s for control in controls)
    runs = "1 more run" if len(controls) == 1 else f"{len(controls)} more runs"
    most_s = max(least_s, len(controls) * longest_s)
    lasts = span(least_s) if most_s - least_s < 1 else f"{span(least_s)} to {span(most_s)}"
    return f"controls: {runs} of this drill, about {lasts}"
