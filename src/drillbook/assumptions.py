"""What must hold before a drill can prove anything; where it does not, the drill is inconclusive."""

from collections.abc import Iterator
from dataclasses import dataclass

from drillbook import wording
from drillbook.drill import ComponentSymptom, FaultAlone, FigureSymptom, RunbookAlone, TrafficSymptom, WithoutStep
from drillbook.figure import Figure
from drillbook.record import DrillRecord
from drillbook.recovery import first_window
from drillbook.symptom import look_for_component
from drillbook.timeline import (
    CommandFinished,
    CommandStarted,
    DrillAborted,
    DrillFinished,
    FaultFailed,
    FaultInjected,
    LoadFinished,
    LoadStarted,
    Phase,
    ProcedureFinished,
    ProcedureStarted,
    RevertFinished,
    SymptomGone,
    SymptomMissed,
    SymptomRemained,
    SymptomSeen,
)
from drillbook.verdict import ObjectiveResult, Verdict

BASELINE_SLACK_S = 5.0
"""The steady state must have been seen in a window that ended at most this long before the fault."""

STILL_BROKEN_S = 5.0
"""How long before the responder began users must still have seen the fault; longer would credit one that had healed."""


Judged = tuple[str, ObjectiveResult]
"""What a result answers to (as in ``drill.Clause.demands``), and the result."""


@dataclass(frozen=True)
class Check:
    """What one part of a drill came to; ``demands`` is as in ``drill.Clause``."""

    demands: str
    verdict: Verdict
    reason: str


def check_assumptions(record: DrillRecord) -> tuple[Check, ...]:
    """Every assumption, in the order in which a drill relies on them. Verdicts are pass or inconclusive.

    A control does without what it leaves out. Whether a fault that is left alone goes by itself is its very question,
    so it need not be there any more at any later time.
    """
    started = (_complete(record), _load(record), _baseline(record))
    match record.drill.control:
        case FaultAlone():
            return (*started, _fault(record), *_symptoms(record), _watched(record))
        case RunbookAlone():
            return (*started, _procedure(record), _watched(record))
        case _:
            return (
                *started,
                _fault(record),
                *_symptoms(record),
                _procedure(record),
                _still_broken(record),
                _revert(record),
            )


def _passed(demands: str, reason: str) -> Check:
    return Check(demands, Verdict.PASS, reason)


def _unmet(demands: str, reason: str) -> Check:
    return Check(demands, Verdict.INCONCLUSIVE, reason)


def _load(record: DrillRecord) -> Check:
    if record.load is None or not len(record.load.due_s):
        return _unmet("load", "there was no load, so nothing is known of what users saw")
    finished, on_record = record.first(LoadFinished), len(record.load)
    if finished is None:
        return _unmet("load", "it is not on record when the load ended")
    ended_s = min(finished.at_s, float(record.load.due_s[-1]))
    revert_s = record.phase_at_s.get(Phase.REVERT, ended_s)
    if ended_s < revert_s:
        return _unmet("load", f"the load ended {wording.span(revert_s - ended_s)} before the revert")
    if on_record != finished.requests:
        return _unmet("load", f"{finished.requests:,} requests were sent, and {on_record:,} are on record")
    return _passed("load", f"{on_record:,} requests")


def _baseline(record: DrillRecord) -> Check:
    demand, injected_s = record.drill.baseline, record.disturbed_at_s
    if record.users is None or injected_s is None:
        return _unmet("baseline", "the system did not come to its steady state, so nothing was broken")
    first_s = injected_s - demand.window_s - BASELINE_SLACK_S
    found = first_window(demand.thresholds, record.users, start_s=first_s, end_s=injected_s, window_s=demand.window_s)
    if found:
        return _passed("baseline", _in_words(found))
    last = record.users.figures(demand.thresholds, injected_s - demand.window_s, injected_s)
    return _unmet("baseline", f"the system was not in its steady state before the fault ({_in_words(last)})")


def _in_words(found: tuple[Figure, ...]) -> str:
    return "; ".join(
        f"{wording.demand(figure.threshold)}: {wording.amount(figure.threshold.metric, figure.value)}"
        + (f", {figure.doubt}" if figure.doubt else "")
        for figure in found
    )


def _fault(record: DrillRecord) -> Check:
    if failed := record.first(FaultFailed):
        return _unmet("fault", f"the fault did not land: {failed.reason}")
    injected = record.first(FaultInjected)
    if injected is None:
        return _unmet("fault", "no fault was injected")
    return _passed("fault", f"injected {wording.span(injected.at_s - record.events[0].at_s)} into the drill")


def _symptoms(record: DrillRecord) -> Iterator[Check]:
    seen = {event.index: event for event in record.all(SymptomSeen)}
    missed = {event.index: event for event in record.all(SymptomMissed)}
    for index, symptom in enumerate(record.drill.symptoms):
        demands = f"symptom:{index}"
        if isinstance(symptom, TrafficSymptom):
            yield _traffic_symptom(record, demands, symptom)
        elif index in seen:
            yield _passed(demands, seen[index].detail)
        else:
            detail = f": {missed[index].detail}" if index in missed else ""
            yield _unmet(demands, f"the symptom never showed{detail}")


def _traffic_symptom(record: DrillRecord, demands: str, symptom: TrafficSymptom) -> Check:
    injected = record.first(FaultInjected)
    until_s = record.procedure_at_s
    if injected is None or until_s is None or record.users is None:
        return _unmet(demands, "the symptom never showed")
    found = first_window(
        (symptom.threshold,),
        record.users,
        start_s=injected.at_s,
        end_s=min(until_s, injected.at_s + symptom.deadline_s),
        window_s=symptom.window_s,
    )
    if found is None:
        return _unmet(demands, f"users never saw {wording.demand(symptom.threshold)} before the responder began")
    return _passed(demands, _in_words(found))


def _procedure(record: DrillRecord) -> Check:
    if record.procedure_at_s is None:
        return _unmet("procedure", "the responder never opened the procedure")
    commands = len(record.all(CommandFinished))
    if not commands and not isinstance(record.drill.control, WithoutStep):  # that step may be all there is
        return _unmet("procedure", "the responder ran no command")
    if unended := len(record.all(CommandStarted)) - commands:
        return _unmet("procedure", f"the record of {abs(unended)} commands is not whole")
    if record.first(ProcedureFinished) is None:
        return _unmet("procedure", "the responder did not get to the procedure's end")
    return _passed("procedure", f"{commands} commands")


def _still_broken(record: DrillRecord) -> Check:
    """A system that had healed before the responder did anything proves nothing about the runbook.

    A fault that users outside do not feel is one that a component reports: it must still do so.
    """
    injected, procedure_s = record.first(FaultInjected), record.procedure_at_s
    if not any(isinstance(symptom, TrafficSymptom) for symptom in record.drill.symptoms):
        return _still_reported(record)
    if injected is None or procedure_s is None or record.users is None:
        return _unmet("fault", "it is not known whether the system was broken when the responder began")
    window_s = min(STILL_BROKEN_S, record.drill.recovery.window_s, procedure_s - injected.at_s)
    found = record.users.figures(record.drill.recovery.thresholds, procedure_s - window_s, procedure_s)
    if any(figure.verdict is Verdict.FAIL for figure in found):
        return _passed("fault", "the system was still broken when the responder began")
    return _unmet("fault", "the system was not broken when the responder began")


def _still_reported(record: DrillRecord) -> Check:
    procedure_s = record.procedure_at_s or 0.0
    last = tuple(look for look in record.looks if procedure_s - STILL_BROKEN_S <= look.at_s <= procedure_s)[-1:]
    for symptom in record.drill.symptoms:
        if isinstance(symptom, ComponentSymptom):
            shows, detail = look_for_component(symptom, last)
            check = _passed if shows else _unmet
            return check("fault", f"when the responder began: {detail}")
    return _unmet("fault", "neither users nor a component say whether the system was broken when the responder began")


def _watched(record: DrillRecord) -> Check:
    if not {Phase.RECOVER, Phase.REVERT} <= record.phase_at_s.keys():
        return _unmet("recovery", "nobody watched what became of the system")
    return _passed("recovery", "watched")


def _revert(record: DrillRecord) -> Check:
    finished = record.first(RevertFinished)
    if finished is None or Phase.REVERT not in record.phase_at_s:
        return _unmet("revert", "the fault was not taken back")
    if not finished.succeeded:
        return _unmet("revert", f"the fault was not wholly taken back: {finished.detail}")
    gone = {event.index for event in record.all(SymptomGone)}
    for index, symptom in enumerate(record.drill.symptoms):
        if index not in gone and not isinstance(symptom, FigureSymptom):
            seen = next(
                (event.detail for event in record.all(SymptomRemained) if event.index == index), "nobody looked"
            )
            return _unmet("revert", f"the fault was not seen to be gone after its revert: {seen}")
    return _passed("revert", "the fault was taken back, and seen to be gone")


def _complete(record: DrillRecord) -> Check:
    if aborted := record.first(DrillAborted):
        return _unmet("drill", f"the drill was aborted: {aborted.reason}")
    if record.first(DrillFinished) is None:
        return _unmet("drill", "the drill was not carried to its end")
    if any(len(record.all(kind)) > 1 for kind in (DrillFinished, LoadStarted, FaultInjected, ProcedureStarted)):
        return _unmet("drill", "the record holds events of more than one drill")
    return _passed("drill", "carried to its end")
