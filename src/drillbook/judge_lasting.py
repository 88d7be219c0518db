"""Judges what must be seen of the system at every look of a whole window: replicas, components and their figures.

A pass needs looks close together all through the window that all show it. A fail needs that no window was long enough
between two looks that show the contrary, so that what nobody looked at can make neither.
"""

from collections.abc import Iterable
from itertools import pairwise

from drillbook import wording
from drillbook.losses import LOOK_AGE_S
from drillbook.objective import holds
from drillbook.observation import Look, selects
from drillbook.promises import ComponentIs, FigureIs, LastingPromise, PodsReady
from drillbook.record import DrillRecord
from drillbook.timeline import Phase
from drillbook.verdict import ObjectiveResult, Verdict


def name_of(promise: LastingPromise) -> str:
    """The objective in words."""
    span = f" for {wording.span(promise.window_s)}" if promise.window_s else ""
    match promise:
        case PodsReady():
            return f"at least {promise.least} pods of {promise.selector} are ready{span}"
        case ComponentIs():
            return f"{promise.component} is {promise.status}{span}"
        case FigureIs():
            sign = wording.SIGNS[promise.comparison]
            return f"{promise.figure} of {promise.component} {sign} {promise.value:g}{span}"


def judge_lasting(record: DrillRecord, promise: LastingPromise) -> ObjectiveResult:
    """Whether the system was seen so for a whole window in time."""
    counted_s, procedure_s = record.started_s(promise.start), record.procedure_at_s
    if counted_s is None or procedure_s is None:
        return _result(promise, Verdict.INCONCLUSIVE, "it is not known when its time began", looks=0)
    deadline_s = counted_s + promise.deadline_s
    until_s = min(deadline_s, record.phase_at_s[Phase.REVERT])
    seen = [(look.at_s, _shows(promise, look)) for look in record.looks if procedure_s <= look.at_s <= until_s]
    if (began_s := _first_run_s(seen, promise.window_s)) is not None:
        reason = f"so {wording.span(began_s - procedure_s)} after the procedure's start"
        return _result(promise, Verdict.PASS, reason, looks=len(seen), after_s=began_s - procedure_s)
    contrary_s = [at_s for at_s, shows in seen if shows is False]
    if _longest_s((procedure_s, *contrary_s, deadline_s)) >= promise.window_s:
        reason = "nobody looked closely enough to tell" if seen else "nobody looked at the system"
        return _result(promise, Verdict.INCONCLUSIVE, reason, looks=len(seen))
    return _result(promise, Verdict.FAIL, f"not so for a whole window in {len(seen)} looks", looks=len(seen))


def _shows(promise: LastingPromise, look: Look) -> bool | None:
    """Whether a look shows it; None where nobody reports what is asked for."""
    match promise:
        case PodsReady():
            pods = [pod for pod in look.pods if selects(promise.selector, pod.labels)]
            return sum(pod.ready and not pod.terminating for pod in pods) >= promise.least
        case ComponentIs():
            statuses = {part.status for pod in look.pods for part in pod.components if part.name == promise.component}
            return statuses == {promise.status} if statuses else None
        case FigureIs():
            figures = [
                part.figures[promise.figure]
                for pod in look.pods
                for part in pod.components
                if part.name == promise.component and promise.figure in part.figures
            ]
            return all(holds(one, promise.comparison, promise.value) for one in figures) if figures else None


def _first_run_s(seen: list[tuple[float, bool | None]], window_s: float) -> float | None:
    """When the first run of looks that all show it began, of those that lasted a whole window without a gap."""
    began_s = last_s = None
    for at_s, shows in seen:
        if last_s is not None and at_s - last_s > LOOK_AGE_S:
            began_s = None
        last_s = at_s
        if not shows:
            began_s = None
            continue
        began_s = at_s if began_s is None else began_s
        if at_s - began_s >= window_s:
            return began_s
    return None


def _longest_s(times_s: Iterable[float]) -> float:
    return max((after - before for before, after in pairwise(times_s)), default=0.0)


def _result(
    promise: LastingPromise, verdict: Verdict, reason: str, *, looks: int, after_s: float | None = None
) -> ObjectiveResult:
    return ObjectiveResult(
        name=name_of(promise),
        threshold=promise.deadline_s,
        measured=after_s,
        unit="s",
        window_s=promise.window_s,
        deadline_s=promise.deadline_s,
        deadline_from=promise.start,
        recovered_after_s=None,
        samples=looks,
        verdict=verdict,
        reason=reason,
    )
