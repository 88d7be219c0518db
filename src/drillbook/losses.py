"""Tells what users lost, and whether the fault or the procedure took it, from the looks at the system."""

from collections import Counter
from enum import StrEnum

from msgspec import Struct

from drillbook.drill import ComponentSymptom
from drillbook.load_records import LoadRecords, is_success
from drillbook.observation import Look, PodLook, figure_sum
from drillbook.record import DrillRecord
from drillbook.timeline import FaultInjected, Phase, ProcedureFinished

LOOK_AGE_S = 3.0
"""A look older than this says nothing of a request."""


class Cause(StrEnum):
    """What was going on in the system when a request was lost."""

    FAULT = "fault"  # before the responder began, or a pod was down that the procedure had not touched
    PROCEDURE = (
        "procedure"  # a pod was gone or going that was there when the responder began, and none was down by itself
    )
    BOTH = "both"
    UNEXPLAINED = "unexplained"  # neither was seen, or nobody looked in time


class Losses(Struct, frozen=True, kw_only=True):
    """Requests lost between the injection and the revert, by cause."""

    fault: int
    procedure: int
    both: int
    unexplained: int


def losses(record: DrillRecord) -> Losses | None:
    """What was lost and why; None where there is no load, no look or no procedure to tell it from."""
    injected, procedure_s = record.first(FaultInjected), record.procedure_at_s
    revert_s = record.phase_at_s.get(Phase.REVERT)
    if injected is None or procedure_s is None or revert_s is None or record.load is None or not record.looks:
        return None
    began = max((look for look in record.looks if look.at_s <= procedure_s), key=lambda look: look.at_s, default=None)
    if began is None:
        return None
    counts: Counter[Cause] = Counter()
    for due_s in _lost_at_s(record.load, injected.at_s, revert_s):
        look = _look_at(record.looks, due_s)
        counts[Cause.FAULT if due_s < procedure_s else _cause(record, began, look)] += 1
    return Losses(
        fault=counts[Cause.FAULT],
        procedure=counts[Cause.PROCEDURE],
        both=counts[Cause.BOTH],
        unexplained=counts[Cause.UNEXPLAINED],
    )


def kept(record: DrillRecord, component: str, figure: str) -> tuple[float | None, float | None]:
    """The most of a figure before the procedure, and at the first look after it; None where nobody reported it.

    The most, since a fault may fill a cache before it damages it: what was there to be lost counts.
    """
    procedure_s, finished = record.procedure_at_s, record.first(ProcedureFinished)
    before = [figure_sum(look, component, figure) for look in record.looks if look.at_s <= (procedure_s or 0.0)]
    after = [look for look in record.looks if finished is not None and look.at_s >= finished.at_s]
    return (
        max((value for value in before if value is not None), default=None),
        figure_sum(after[0], component, figure) if after else None,
    )


def _lost_at_s(load: LoadRecords, start_s: float, end_s: float) -> list[float]:
    inside = (load.due_s >= start_s) & (load.due_s < end_s) & ~is_success(load)
    return [float(due_s) for due_s in load.due_s[inside]]


def _look_at(looks: tuple[Look, ...], at_s: float) -> Look | None:
    """The nearest look in time."""
    nearest = min(looks, key=lambda look: abs(look.at_s - at_s))
    return nearest if abs(nearest.at_s - at_s) <= LOOK_AGE_S else None


def _cause(record: DrillRecord, began: Look, look: Look | None) -> Cause:
    if look is None:
        return Cause.UNEXPLAINED
    staying = {pod.uid for pod in look.pods if not pod.terminating}
    of_procedure = any(pod.uid not in staying for pod in began.pods)
    of_fault = any(_is_down(record, pod) for pod in look.pods if not pod.terminating)
    match of_fault, of_procedure:
        case True, True:
            return Cause.BOTH
        case True, False:
            return Cause.FAULT
        case False, True:
            return Cause.PROCEDURE
        case _:
            return Cause.UNEXPLAINED


def _is_down(record: DrillRecord, pod: PodLook) -> bool:
    """Whether a pod is down by itself: a container of it died, or a component is as the drill's symptom has it."""
    if not pod.ready and pod.reasons and set(pod.reasons) - {"ContainerCreating", "PodInitializing"}:
        return True
    statuses = {(part.name, part.status) for part in pod.components}
    return any(
        (symptom.component, symptom.status) in statuses
        for symptom in record.drill.symptoms
        if isinstance(symptom, ComponentSymptom)
    )
