"""Judges a run from its record alone: assumptions first, then objectives; the worst verdict wins."""

import msgspec

from drillbook import wording
from drillbook.assumptions import Check, check_assumptions
from drillbook.drill import Drill
from drillbook.judge_controls import Assessed, Told, credited, judge_control
from drillbook.judge_promises import Judged, judge_promises
from drillbook.load_records import LoadRecords
from drillbook.record import DrillRecord, RunRecord
from drillbook.recovery import Figure, Recovered, figures, find_recovery
from drillbook.timeline import CommandEnd, CommandFinished, FileInspected, Phase, SystemCompared
from drillbook.verdict import (
    ClauseResult,
    CommandOutcome,
    DrillVerdict,
    ObjectiveResult,
    Outcome,
    RunVerdict,
    Verdict,
    plain_result,
    worst,
)


def judge_run(record: RunRecord) -> RunVerdict:
    """The verdict of a run; pure, so the same record gives the same verdict a year later."""
    drills = tuple(judge_drill(drill, record.controls_of(drill)) for drill in record.judged)
    return RunVerdict(
        run_id=record.info.run_id,
        runbook=record.info.runbook,
        verdict=worst(tuple(drill.verdict for drill in drills)),
        drills=drills,
        skipped=tuple(one.skipped for one in record.drills if one.skipped and one.drill.control is None),
    )


def judge_drill(record: DrillRecord, controls: tuple[DrillRecord, ...] = ()) -> DrillVerdict:
    """The verdict of one drill. Where an assumption does not hold no objective is judged at all.

    ``controls`` are runs of the same drill with one part left out: what was met without the runbook is not credited.
    """
    assumptions = check_assumptions(record)
    drill = _assess(record, assumptions)
    unmet = drill.unmet
    told = tuple(
        judge_control(one.drill.control, _assess(one, check_assumptions(one)), drill)
        for one in controls
        if one.drill.control is not None
    )
    judged = credited(drill.judged, told)
    verdict = worst(tuple(result.verdict for _, result in judged)) if unmet is None else Verdict.INCONCLUSIVE
    return DrillVerdict(
        name=record.drill.name,
        procedure=record.drill.procedure,
        verdict=verdict,
        reason=unmet.reason if unmet else _uncredited(verdict, told) or _reason(verdict, judged),
        objectives=tuple(result for _, result in judged),
        clauses=_clauses(record.drill, assumptions, judged),
        commands=tuple(_outcome(event) for event in record.all(CommandFinished)),
        findings=(),
        controls=tuple(one.result for one in told),
    )


def _assess(record: DrillRecord, assumptions: tuple[Check, ...]) -> Assessed:
    unmet = next((check for check in assumptions if check.verdict is not Verdict.PASS), None)
    judged = (
        *_recovery(record, unmet),
        *_files(record, unmet),
        *_restored(record, unmet),
        *judge_promises(record, unmet),
    )
    return Assessed(record, unmet, judged)


def _recovery(record: DrillRecord, unmet: Check | None) -> tuple[Judged, ...]:
    drill, demand = record.drill, record.drill.recovery
    procedure_s = record.procedure_at_s
    if unmet or record.load is None or procedure_s is None:
        reason = unmet.reason if unmet else "there is nothing to judge"
        unknown = tuple(Figure(threshold=one, value=None, samples=0, enough=False) for one in demand.thresholds)
        judged = _per_threshold(drill, unknown, "recovery", Verdict.INCONCLUSIVE, reason)
        return (
            (*judged, *_per_threshold(drill, unknown, "hold", Verdict.INCONCLUSIVE, reason))
            if demand.hold_s
            else judged
        )
    until_s = record.phase_at_s[Phase.REVERT]
    found = find_recovery(
        demand, record.load, rate_per_s=drill.load.rate_per_s, procedure_s=procedure_s, until_s=until_s
    )
    if found:
        return _did_recover(drill, found, procedure_s)
    once = find_recovery(
        msgspec.structs.replace(demand, hold_s=0.0),
        record.load,
        rate_per_s=drill.load.rate_per_s,
        procedure_s=procedure_s,
        until_s=until_s,
    )
    if once and demand.hold_s:
        return _did_not_hold(drill, record.load, once, procedure_s, until_s)
    return _did_not_recover(drill, record.load, procedure_s, until_s)


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
    drill: Drill, load: LoadRecords, once: Recovered, procedure_s: float, until_s: float
) -> tuple[Judged, ...]:
    """Users were served again, but in no window were they still ``hold_s`` later."""
    demand, later_s = drill.recovery, drill.recovery.hold_s
    held = figures(
        demand.thresholds, load, once.start_s + later_s, once.end_s + later_s, rate_per_s=drill.load.rate_per_s
    )
    verdict, reason = _missed(held, until_s - procedure_s, demand.deadline_s + later_s)
    reason = reason or f"no longer so {wording.span(later_s)} later"
    after_s = once.start_s - procedure_s
    judged = _per_threshold(drill, held, "hold", verdict, reason, recovered_after_s=after_s)
    return (*_came_back(drill, once, procedure_s), *judged)


def _did_not_recover(drill: Drill, load: LoadRecords, procedure_s: float, until_s: float) -> tuple[Judged, ...]:
    demand = drill.recovery
    end_s = min(procedure_s + demand.deadline_s, until_s)
    last = figures(demand.thresholds, load, end_s - demand.window_s, end_s, rate_per_s=drill.load.rate_per_s)
    verdict, reason = _missed(last, until_s - procedure_s, demand.deadline_s)
    reason = reason or f"not recovered within {wording.span(demand.deadline_s)} of the procedure's start"
    judged = _per_threshold(drill, last, "recovery", verdict, reason)
    return (*judged, *_per_threshold(drill, last, "hold", verdict, reason)) if demand.hold_s else judged


def _missed(last: tuple[Figure, ...], watched_s: float, demanded_s: float) -> tuple[Verdict, str]:
    """Fail, unless too little was seen to be sure; then inconclusive, and why."""
    if not all(figure.enough for figure in last):
        return Verdict.INCONCLUSIVE, "too few requests in the last window to judge it"
    if watched_s < demanded_s:
        reason = f"watched for only {wording.span(watched_s)} of {wording.span(demanded_s)}"
        return Verdict.INCONCLUSIVE, reason
    return Verdict.FAIL, ""


def _per_threshold(
    drill: Drill,
    found: tuple[Figure, ...],
    demands: str,
    verdict: Verdict,
    reason: str,
    *,
    recovered_after_s: float | None = None,
) -> tuple[Judged, ...]:
    demand = drill.recovery
    later = f", {wording.span(demand.hold_s)} later" if demands == "hold" else ""
    return tuple(
        (
            demands,
            ObjectiveResult(
                name=wording.demand(figure.threshold) + later,
                threshold=figure.threshold.value,
                measured=figure.value,
                unit=wording.unit(figure.threshold.metric),
                window_s=demand.window_s,
                deadline_s=demand.deadline_s,
                recovered_after_s=recovered_after_s,
                samples=figure.samples,
                verdict=verdict,
                reason=reason,
            ),
        )
        for figure in found
    )


def _files(record: DrillRecord, unmet: Check | None) -> tuple[Judged, ...]:
    demand = record.drill.files
    if demand is None:
        return ()
    inspected = record.all(FileInspected)
    judged = [("files", _file(event, unmet)) for event in inspected]
    if not inspected:
        verdict, reason = (unmet.verdict, unmet.reason) if unmet else (Verdict.FAIL, "the steps write no file")
        judged.append(("files", plain_result("files are handed over", verdict, reason, measured=0, unit="files")))
    for index, text in enumerate(demand.texts):
        judged.append((f"content:{index}", _content(text, index, inspected, unmet)))
    return tuple(judged)


def _file(event: FileInspected, unmet: Check | None) -> ObjectiveResult:
    if unmet:
        verdict, reason = unmet.verdict, unmet.reason
    elif not event.exists:
        verdict, reason = Verdict.FAIL, f"line {event.line} writes {event.path}, but there is no such file"
    elif not event.size_bytes:
        verdict, reason = Verdict.FAIL, f"line {event.line} writes {event.path}, but it is empty"
    else:
        verdict, reason = Verdict.PASS, f"{event.path}, {wording.measured(event.size_bytes, 'bytes')}"
    return plain_result(f"{event.path} is handed over", verdict, reason, measured=event.size_bytes, unit="bytes")


def _content(text: str, index: int, inspected: tuple[FileInspected, ...], unmet: Check | None) -> ObjectiveResult:
    holders = tuple(event.path for event in inspected if index in event.texts_found)
    if unmet:
        verdict, reason = unmet.verdict, unmet.reason
    elif holders:
        verdict, reason = Verdict.PASS, f"found in {', '.join(holders)}"
    else:
        verdict, reason = Verdict.FAIL, "none of the files holds it"
    return plain_result(f"a file holds “{text}”", verdict, reason, measured=len(holders), unit="files")


def _restored(record: DrillRecord, unmet: Check | None) -> tuple[Judged, ...]:
    if not record.drill.restored:
        return ()
    compared = next((event for event in record.all(SystemCompared) if not event.after_revert), None)
    name = "everything is as it was before the incident"
    if unmet or compared is None:
        reason = unmet.reason if unmet else "nobody compared"
        return (("restored", plain_result(name, Verdict.INCONCLUSIVE, reason, measured=None, unit="differences")),)
    allowed = record.drill.changed_for_good
    different = tuple(line for line in compared.differences if not any(_is_about(line, part) for part in allowed))
    count = len(different)
    verdict = Verdict.FAIL if count else Verdict.PASS
    reason = "; ".join(different) or "no difference"
    return (("restored", plain_result(name, verdict, reason, measured=count, unit="differences", threshold=0)),)


def _is_about(difference: str, part: str) -> bool:
    """Whether a difference lies in an object ("kind/name") or in a part of one ("kind/name spec.replicas")."""
    return difference.startswith(part) and difference[len(part) :][:1] in {"", " ", ":", ".", "["}


def _clauses(drill: Drill, assumptions: tuple[Check, ...], judged: tuple[Judged, ...]) -> tuple[ClauseResult, ...]:
    checks = (*assumptions, *(_as_check(demands, result) for demands, result in judged))
    results = []
    for clause in drill.clauses:
        of_clause = tuple(check for check in checks if check.demands == clause.demands)
        verdict = worst(tuple(check.verdict for check in of_clause))
        reason = "; ".join(dict.fromkeys(check.reason for check in of_clause if check.verdict is verdict))
        results.append(ClauseResult(line=clause.line, text=clause.text, verdict=verdict, reason=reason))
    return tuple(results)


def _as_check(demands: str, result: ObjectiveResult) -> Check:
    return Check(demands, result.verdict, result.reason)


def _reason(verdict: Verdict, judged: tuple[Judged, ...]) -> str:
    first = next((result for _, result in judged if result.verdict is verdict), None)
    if first is None:
        return "the drill demands nothing"
    return first.reason if verdict is Verdict.PASS else f"{first.name}: {first.reason}"


def _uncredited(verdict: Verdict, told: tuple[Told, ...]) -> str | None:
    """Why nothing is proved, where it is because the system heals by itself."""
    healed = next((one for one in told if one.uncredited), None)
    return healed.result.reason if healed and verdict is Verdict.INCONCLUSIVE else None


def _outcome(event: CommandFinished) -> CommandOutcome:
    outcome = {
        CommandEnd.EXITED: Outcome.WORKED if event.exit_code == 0 else Outcome.FAILED,
        CommandEnd.TIMED_OUT: Outcome.HUNG,
        CommandEnd.LOST: Outcome.LOST,
    }[event.end]
    return CommandOutcome(
        line=event.line, text=event.text, exit_code=event.exit_code, duration_s=event.duration_s, outcome=outcome
    )
