"""Judges controls: what a drill with one part left out says of the drill itself."""

from dataclasses import dataclass

import msgspec

from drillbook import wording
from drillbook.assumptions import Check, Judged
from drillbook.drill import Control, Drill, FaultAlone, RunbookAlone, TrafficSymptom, WithoutStep
from drillbook.figure import Figure
from drillbook.load_records import is_success, window
from drillbook.objective import Metric
from drillbook.promises import (
    ComponentIs,
    FigureIs,
    InsideServed,
    KeptData,
    LossBound,
    NoSecrets,
    PodsReady,
    Promise,
    ShutOut,
)
from drillbook.record import DrillRecord
from drillbook.recovery import first_window
from drillbook.timeline import FaultInjected, Phase
from drillbook.verdict import Answer, ControlResult, ObjectiveResult, Verdict, worst

OF_USERS = frozenset({"recovery", "hold"})


@dataclass(frozen=True)
class Assessed:
    """A run of a drill: the first assumption that does not hold, and what each demand came to."""

    record: DrillRecord
    unmet: Check | None
    judged: tuple[Judged, ...]

    def of(self, demands: frozenset[str]) -> tuple[ObjectiveResult, ...]:
        """The results that answer to these demands."""
        return tuple(result for demand, result in self.judged if demand in demands)


@dataclass(frozen=True)
class Told:
    """What a control says, and the demands that its drill is no longer credited with."""

    result: ControlResult
    uncredited: frozenset[str] = frozenset()


def judge_control(left_out: Control, control: Assessed, drill: Assessed) -> Told:
    """Compare a control with its drill. Where either proved nothing the question stays open."""
    if drill.unmet:
        return _told(left_out, Answer.NOT_TOLD, f"the drill itself proved nothing: {drill.unmet.reason}")
    if control.unmet:
        return _told(left_out, Answer.NOT_TOLD, control.unmet.reason)
    match left_out:
        case FaultAlone():
            return _fault_alone(left_out, control)
        case RunbookAlone():
            return _runbook_alone(left_out, control)
        case WithoutStep():
            return _without_step(left_out, control, drill)


def credited(judged: tuple[Judged, ...], told: tuple[Told, ...]) -> tuple[Judged, ...]:
    """What a drill may claim: a demand that was met without the runbook too becomes inconclusive.

    It is no failure: users were served, and the runbook may well have brought that about. The drill cannot tell it
    from a system that would have healed by itself. No verdict ever gets better by this.
    """
    return tuple((demands, _without_credit(demands, result, told)) for demands, result in judged)


def _without_credit(demands: str, result: ObjectiveResult, told: tuple[Told, ...]) -> ObjectiveResult:
    against = next((one for one in told if demands in one.uncredited), None)
    if against is None or result.verdict is not Verdict.PASS:
        return result
    return msgspec.structs.replace(result, verdict=Verdict.INCONCLUSIVE, reason=against.result.reason)


def brought_back(drill: Drill) -> tuple[frozenset[str], ...]:
    """The demands that are met once the fault's effect is gone; those in one set stand or fall together.

    Where users do not feel the fault, that they are served says nothing of it.
    """
    of_users = any(isinstance(symptom, TrafficSymptom) for symptom in drill.symptoms)
    return (
        *((OF_USERS,) if of_users else ()),
        *(frozenset({one}) for one in _promises(drill, ShutOut, PodsReady, ComponentIs, FigureIs)),
    )


def _fault_alone(left_out: Control, control: Assessed) -> Told:
    groups = brought_back(control.record.drill)
    if not groups:
        return _told(left_out, Answer.NOT_TOLD, "nothing that the drill demands shows whether the fault is gone")
    came_to = {group: worst(tuple(one.verdict for one in control.of(group))) for group in groups}
    met = frozenset[str]().union(*(group for group, verdict in came_to.items() if verdict is Verdict.PASS))
    if met:
        return Told(ControlResult(control=left_out, answer=Answer.HEALED, reason=_how_healed(control, met)), met)
    if unknown := _first(control.of(frozenset[str]().union(*groups)), Verdict.INCONCLUSIVE):
        return _told(left_out, Answer.NOT_TOLD, unknown.reason)
    record = control.record
    if OF_USERS in groups and not _still_felt(record):
        return _told(left_out, Answer.NOT_TOLD, "users did not see the fault any more, but were not served as demanded")
    watched_s = record.phase_at_s[Phase.REVERT] - _injected_s(record)
    return _told(left_out, Answer.STAYED_BROKEN, f"still broken {wording.span(watched_s)} after the fault")


def _still_felt(record: DrillRecord) -> bool:
    """Whether users saw a symptom at the end: a recovery that a noisy machine spoilt is no system that stays broken."""
    demand, revert_s = record.drill.recovery, record.phase_at_s[Phase.REVERT]
    users, first_s = record.users, revert_s - demand.window_s - demand.hold_s
    return users is not None and any(
        first_window((symptom.threshold,), users, start_s=first_s, end_s=revert_s, window_s=symptom.window_s)
        for symptom in record.drill.symptoms
        if isinstance(symptom, TrafficSymptom)
    )


def _how_healed(control: Assessed, met: frozenset[str]) -> str:
    results = control.of(met)
    after_s = next((one.recovered_after_s for one in results if one.recovered_after_s is not None), None)
    if after_s is None:
        return f"so too without the runbook: {', '.join(one.name for one in results)}"
    since_s = (control.record.procedure_at_s or 0.0) + after_s - _injected_s(control.record)
    return f"users were served again {wording.span(since_s)} after the fault without the runbook"


def _injected_s(record: DrillRecord) -> float:
    injected = record.first(FaultInjected)
    return injected.at_s if injected else 0.0


def _runbook_alone(left_out: Control, control: Assessed) -> Told:
    """Whether a system that is well comes to harm.

    It shows in what users lose, in how they are served when all is done, and in the demands that hold without a fault.
    """
    record = control.record
    unharmed = frozenset({"restored", *_promises(record.drill, KeptData, InsideServed, NoSecrets)})
    results = control.of(unharmed)
    lost, requests, bound = _losses(record)
    at_the_end = _at_the_end(record)
    harms = [f"users lost {lost:,} of {requests:,} requests"] if lost > bound else []
    harms += [f"{_in_words(one)} when all was done" for one in at_the_end if one.verdict is Verdict.FAIL]
    harms += [f"{one.name}: {one.reason}" for one in results if one.verdict is Verdict.FAIL]
    if harms:
        return _told(left_out, Answer.HARMED, "; ".join(harms))
    if not at_the_end or any(one.verdict is not Verdict.PASS for one in at_the_end):
        return _told(left_out, Answer.NOT_TOLD, "too few requests when all was done")
    if unknown := _first(results, Verdict.INCONCLUSIVE):
        return _told(left_out, Answer.NOT_TOLD, f"{unknown.name}: {unknown.reason}")
    return _told(left_out, Answer.HARMLESS, f"users lost {lost:,} of {requests:,} requests")


def _at_the_end(record: DrillRecord) -> tuple[Figure, ...]:
    """The recovery's figures in the last window before the revert: those of any earlier one may be older than harm."""
    demand, revert_s = record.drill.recovery, record.phase_at_s[Phase.REVERT]
    if record.users is None:
        return ()
    return record.users.figures(demand.thresholds, revert_s - demand.window_s, revert_s)


def _in_words(figure: Figure) -> str:
    return f"{wording.demand(figure.threshold)}: {wording.amount(figure.threshold.metric, figure.value)}"


def _losses(record: DrillRecord) -> tuple[int, int, float]:
    """What users lost from the procedure's start to the revert, of how many requests, and how many may be.

    That is what the drill allows the procedure, else what it allows a system that is well.
    """
    if record.load is None or record.procedure_at_s is None:
        return 0, 0, 0.0
    part = window(record.load, record.procedure_at_s, record.phase_at_s[Phase.REVERT])
    lost, requests = int((~is_success(part)).sum()), len(part)
    allowed = [one.requests for one in record.drill.promises if isinstance(one, LossBound)]
    rates = [one.value for one in record.drill.baseline.thresholds if one.metric is Metric.ERROR_RATE]
    return lost, requests, min(allowed) if allowed else min(rates, default=0.0) * requests


def _without_step(left_out: Control, control: Assessed, drill: Assessed) -> Told:
    """Compare each demand with and without the step; a file that nobody hands over any more is missed."""
    without = {(demands, one.name): one for demands, one in control.judged}
    pairs = [(one, without.get((demands, one.name))) for demands, one in drill.judged]
    missed = [
        (one, other)
        for one, other in pairs
        if one.verdict is Verdict.PASS and (other is None or other.verdict is Verdict.FAIL)
    ]
    gained = [
        one
        for one, other in pairs
        if one.verdict is Verdict.FAIL and other is not None and other.verdict is Verdict.PASS
    ]
    if missed and gained:
        reason = f"without it, {gained[0].name} is kept and {missed[0][0].name} is missed"
        return _told(left_out, Answer.NOT_TOLD, reason)
    if missed:
        name, other = missed[0][0].name, missed[0][1]
        return _told(left_out, Answer.NEEDED, f"without it: {name}: {other.reason if other else 'nobody does it'}")
    if gained:
        return _told(left_out, Answer.HARMFUL, f"only without it: {gained[0].name}: {gained[0].reason} with it")
    unknown = next((one for pair in pairs for one in pair if one and one.verdict is Verdict.INCONCLUSIVE), None)
    if unknown:
        return _told(left_out, Answer.NOT_TOLD, f"{unknown.name}: {unknown.reason}")
    return _nothing_missed(left_out, control, drill)


def _nothing_missed(left_out: Control, control: Assessed, drill: Assessed) -> Told:
    """Whether users at least are served again sooner with the step, by more than the window that tells it."""
    without_s, with_s = (
        next((one.recovered_after_s for _, one in run.judged if one.recovered_after_s is not None), None)
        for run in (control, drill)
    )
    if without_s is None or with_s is None:
        return _told(left_out, Answer.USELESS, "what the drill demands is the same without it")
    helpful = without_s - with_s > drill.record.drill.recovery.window_s
    served = f"users were served again {wording.span(with_s)} after the procedure's start"
    reason = f"{served}, {wording.span(without_s)} without it"
    return _told(left_out, Answer.HELPFUL if helpful else Answer.USELESS, reason)


def _promises(drill: Drill, *kinds: type[Promise]) -> tuple[str, ...]:
    return tuple(f"promise:{index}" for index, promise in enumerate(drill.promises) if isinstance(promise, kinds))


def _first(results: tuple[ObjectiveResult, ...], verdict: Verdict) -> ObjectiveResult | None:
    return next((one for one in results if one.verdict is verdict), None)


def _told(left_out: Control, answer: Answer, reason: str) -> Told:
    return Told(ControlResult(control=left_out, answer=answer, reason=reason))
