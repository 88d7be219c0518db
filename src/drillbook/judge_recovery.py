"""Judges whether users were served again in time and whether it lasted.

A pass needs a window whose every figure is certain; a fail needs that no window could have been one, whatever is not
known of it. Anything between is inconclusive.
"""

import msgspec

from drillbook import wording
from drillbook.assumptions import Check, Judged
from drillbook.drill import Drill
from drillbook.figure import Figure, Traffic
from drillbook.load_records import NO_RECORDS
from drillbook.objective import Recovery, Start
from drillbook.record import DrillRecord
from drillbook.recovery import CONCEIVABLE, Recovered, Span, find_recovery
from drillbook.timeline import Phase
from drillbook.verdict import ObjectiveResult, Verdict

_COUNTED_FROM = {
    Start.FAULT: "the fault",
    Start.DETECTION: "its detection",
    Start.PROCEDURE: "the procedure's start",
}


def judge_recovery(record: DrillRecord, unmet: Check | None) -> tuple[Judged, ...]:
    """One result for each threshold, and one more for each where it must hold."""
    demand, users, procedure_s = record.drill.recovery, record.users, record.procedure_at_s
    counted_s = record.started_s(demand.start)
    if unmet or users is None or procedure_s is None or counted_s is None:
        return _unjudged(record.drill, unmet.reason if unmet else "there is nothing to judge")
    span = Span(procedure_s, counted_s + demand.deadline_s, record.phase_at_s[Phase.REVERT])
    if found := find_recovery(demand, users, span):
        return _did_recover(record.drill, found, procedure_s)
    without_hold = msgspec.structs.replace(demand, hold_s=0.0)
    if demand.hold_s and (once := find_recovery(without_hold, users, span)):
        return _did_not_hold(record.drill, users, once, procedure_s, _missed(demand, users, span))
    return _did_not_recover(record.drill, users, span, _missed(without_hold, users, span))


def _missed(demand: Recovery, users: Traffic, span: Span) -> tuple[Verdict, str]:
    """Fail, unless too little was seen to be sure; then inconclusive, and why."""
    if conceivable := find_recovery(demand, users, span, wanted=CONCEIVABLE):
        after_s = conceivable.start_s - span.procedure_s
        reason = f"it may have recovered {wording.span(after_s)} after the procedure's start: {conceivable.doubt}"
        return Verdict.INCONCLUSIVE, reason
    counted_s = span.deadline_at_s - demand.deadline_s
    watched_s, demanded_s = span.until_s - counted_s, demand.deadline_s + demand.hold_s
    if watched_s < demanded_s:
        return Verdict.INCONCLUSIVE, f"watched for only {wording.span(watched_s)} of {wording.span(demanded_s)}"
    return Verdict.FAIL, ""


def _unjudged(drill: Drill, reason: str) -> tuple[Judged, ...]:
    demand = drill.recovery
    unknown = tuple(Figure(one, NO_RECORDS, demand.window_s, 0.0) for one in demand.thresholds)
    parts = ("recovery", "hold") if demand.hold_s else ("recovery",)
    return tuple(
        judged for part in parts for judged in _per_threshold(drill, unknown, part, Verdict.INCONCLUSIVE, reason)
    )


def _did_recover(drill: Drill, found: Recovered, procedure_s: float) -> tuple[Judged, ...]:
    judged = _came_back(drill, found, procedure_s)
    if not drill.recovery.hold_s:
        return judged
    later = f"still so {wording.span(drill.recovery.hold_s)} later"
    after_s = found.start_s - procedure_s
    return (*judged, *_per_threshold(drill, found.held, "hold", Verdict.PASS, later, recovered_after_s=after_s))


def _came_back(drill: Drill, found: Recovered, procedure_s: float) -> tuple[Judged, ...]:
    after_s = found.start_s - procedure_s
    reason = f"recovered {wording.span(after_s)} after the procedure's start"
    return _per_threshold(drill, found.figures, "recovery", Verdict.PASS, reason, recovered_after_s=after_s)


def _did_not_hold(
    drill: Drill, users: Traffic, once: Recovered, procedure_s: float, missed: tuple[Verdict, str]
) -> tuple[Judged, ...]:
    """Users were served again, but in no window were they still ``hold_s`` later."""
    demand, later_s = drill.recovery, drill.recovery.hold_s
    held = users.figures(demand.thresholds, once.start_s + later_s, once.end_s + later_s)
    verdict, reason = missed
    reason = reason or f"no longer so {wording.span(later_s)} later"
    after_s = once.start_s - procedure_s
    judged = _per_threshold(drill, held, "hold", verdict, reason, recovered_after_s=after_s)
    return (*_came_back(drill, once, procedure_s), *judged)


def _did_not_recover(drill: Drill, users: Traffic, span: Span, missed: tuple[Verdict, str]) -> tuple[Judged, ...]:
    """What is shown was measured in the last window there was."""
    demand = drill.recovery
    end_s = min(span.deadline_at_s, span.until_s)
    last = users.figures(demand.thresholds, end_s - demand.window_s, end_s)
    verdict, reason = missed
    reason = reason or f"not recovered within {wording.span(demand.deadline_s)} of {_COUNTED_FROM[demand.start]}"
    judged = _per_threshold(drill, last, "recovery", verdict, reason)
    return (*judged, *_per_threshold(drill, last, "hold", verdict, reason)) if demand.hold_s else judged


def _per_threshold(
    drill: Drill,
    found: tuple[Figure, ...],
    demands: str,
    verdict: Verdict,
    reason: str,
    *,
    recovered_after_s: float | None = None,
) -> tuple[Judged, ...]:
    return tuple(
        (demands, _result(drill.recovery, figure, demands, verdict, reason, recovered_after_s)) for figure in found
    )


def _result(
    demand: Recovery, figure: Figure, demands: str, verdict: Verdict, reason: str, recovered_after_s: float | None
) -> ObjectiveResult:
    later = f", {wording.span(demand.hold_s)} later" if demands == "hold" else ""
    low, high = figure.confidence
    return ObjectiveResult(
        name=wording.demand(figure.threshold) + later,
        threshold=figure.threshold.value,
        measured=figure.value,
        unit=wording.unit(figure.threshold.metric),
        window_s=demand.window_s,
        deadline_s=demand.deadline_s,
        deadline_from=demand.start,
        recovered_after_s=recovered_after_s,
        samples=figure.samples,
        samples_needed=figure.needed,
        confidence_low=low,
        confidence_high=high,
        lag_p99_ms=figure.lag_p99_ms,
        verdict=verdict,
        reason=reason,
    )
