"""Tells what users lost, and whether the fault or the procedure took it, from the looks at the system."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from drillbook.course import Losses
from drillbook.drill import ComponentSymptom
from drillbook.load_records import LoadRecords, is_success, window
from drillbook.observation import Look, PodLook, figure_sum
from drillbook.record import DrillRecord
from drillbook.timeline import FaultInjected, Phase, ProcedureFinished

LOOK_AGE_S = 3.0
"""A look older than this says nothing of a request."""

KEPT_WITHIN_S = 5.0
"""A look farther than this from the fault or from the procedure's end says nothing of what was there at that moment."""


class Cause(StrEnum):
    """What was going on in the system when a request was lost."""

    FAULT = "fault"  # before the responder began, or a pod was down that the procedure had not touched
    PROCEDURE = (
        "procedure"  # a pod was gone or going that was there when the responder began, and none was down by itself
    )
    BOTH = "both"
    UNEXPLAINED = "unexplained"  # neither was seen
    UNSEEN = "unseen"  # nobody looked in time


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
    before_s, after_s = (
        _lost_at_s(record.load, *span) for span in ((injected.at_s, procedure_s), (procedure_s, revert_s))
    )
    counts[Cause.FAULT] += len(before_s)
    for look, count in _by_look(record.looks, after_s):
        counts[_cause(record, began, look)] += count
    return Losses(
        fault=counts[Cause.FAULT],
        procedure=counts[Cause.PROCEDURE],
        both=counts[Cause.BOTH],
        unexplained=counts[Cause.UNEXPLAINED],
        unseen=counts[Cause.UNSEEN],
    )


def lost_to_procedure(record: DrillRecord, began: Look) -> tuple[tuple[Look, int], ...]:
    """The looks around which requests were lost because of the procedure, and how many; ``began`` is its first look."""
    procedure_s, revert_s = record.procedure_at_s, record.phase_at_s.get(Phase.REVERT)
    if record.load is None or procedure_s is None or revert_s is None:
        return ()
    return tuple(
        (look, count)
        for look, count in _by_look(record.looks, _lost_at_s(record.load, procedure_s, revert_s))
        if look is not None and _cause(record, began, look) is Cause.PROCEDURE
    )


def kept(record: DrillRecord, component: str, figure: str) -> tuple[float | None, float | None]:
    """The most of a figure before the procedure, and at the first look after it; None where nobody reported it.

    The most, since a fault may fill a cache before it damages it: what was there to be lost counts.
    """
    inject_s, procedure_s, finished = (
        record.phase_at_s.get(Phase.INJECT),
        record.procedure_at_s,
        record.first(ProcedureFinished),
    )
    looked = [
        look
        for look in record.looks
        if inject_s and procedure_s and inject_s - KEPT_WITHIN_S <= look.at_s <= procedure_s
    ]
    before = [figure_sum(look, component, figure) for look in looked]
    after = [look for look in record.looks if finished is not None and 0 <= look.at_s - finished.at_s <= KEPT_WITHIN_S]
    return (
        max((value for value in before if value is not None), default=None),
        figure_sum(after[0], component, figure) if after else None,
    )


def _lost_at_s(load: LoadRecords, start_s: float, end_s: float) -> NDArray[np.float64]:
    part = window(load, start_s, end_s)
    return part.due_s[~is_success(part)]


def _by_look(looks: tuple[Look, ...], lost_at_s: NDArray[np.float64]) -> Iterator[tuple[Look | None, int]]:
    """How many requests were lost around each look, the nearest in time; None for those without one near enough."""
    ordered = sorted(looks, key=lambda look: look.at_s)
    at_s = np.array([look.at_s for look in ordered])
    nearest = np.searchsorted((at_s[:-1] + at_s[1:]) / 2, lost_at_s)  # between two looks the middle parts them
    near = np.abs(at_s[nearest] - lost_at_s) <= LOOK_AGE_S
    yield None, int((~near).sum())
    for place, count in enumerate(np.bincount(nearest[near], minlength=len(ordered))):
        if count:
            yield ordered[place], int(count)


def _cause(record: DrillRecord, began: Look, look: Look | None) -> Cause:
    if look is None:
        return Cause.UNSEEN
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
