"""Judges a run from its record alone: assumptions first, then objectives; the worst verdict wins."""

from drillbook import wording
from drillbook.assumptions import Check, Judged, check_assumptions
from drillbook.checks.model import Finding
from drillbook.drill import Drill
from drillbook.judge_controls import Assessed, Told, credited, judge_control
from drillbook.judge_course import course_of
from drillbook.judge_promises import judge_promises
from drillbook.judge_recovery import judge_recovery
from drillbook.outcomes import command_outcomes, findings_told
from drillbook.record import DrillRecord, RunRecord, ShellUse
from drillbook.timeline import FileInspected, SystemCompared
from drillbook.verdict import (
    ClauseResult,
    DrillVerdict,
    ObjectiveResult,
    RunVerdict,
    Verdict,
    plain_result,
    worst,
)


def judge_run(record: RunRecord) -> RunVerdict:
    """The verdict of a run; pure, so the same record gives the same verdict a year later."""
    drills = tuple(
        judge_drill(drill, record.controls_of(drill), record.findings, shell=record.info.shell)
        for drill in record.judged
    )
    return RunVerdict(
        run_id=record.info.run_id,
        runbook=record.info.runbook,
        verdict=worst(tuple(drill.verdict for drill in drills)),
        drills=drills,
        skipped=tuple(one.skipped for one in record.drills if one.skipped and one.drill.control is None),
    )


def judge_drill(
    record: DrillRecord,
    controls: tuple[DrillRecord, ...] = (),
    findings: tuple[Finding, ...] = (),
    *,
    shell: ShellUse = ShellUse.SHARED,
) -> DrillVerdict:
    """The verdict of one drill. Where an assumption does not hold no objective is judged at all.

    ``controls`` are runs of the same drill with one part left out: what was met without the runbook is not credited.
    ``findings`` are those of the runbook's text; how commands came out and what that says of them is told beside the
    verdict and does not change it.
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
    commands = command_outcomes(record, findings)
    return DrillVerdict(
        name=record.drill.name,
        procedure=record.drill.procedure,
        verdict=verdict,
        reason=unmet.reason if unmet else _uncredited(verdict, told) or _reason(verdict, judged),
        objectives=tuple(result for _, result in judged),
        clauses=_clauses(record.drill, assumptions, judged),
        commands=commands,
        findings=findings_told(record, findings, commands, shell=shell),
        controls=tuple(one.result for one in told),
        course=course_of(record, _recovered_after_s(judged)),
    )


def _assess(record: DrillRecord, assumptions: tuple[Check, ...]) -> Assessed:
    unmet = next((check for check in assumptions if check.verdict is not Verdict.PASS), None)
    judged = (
        *judge_recovery(record, unmet),
        *_files(record, unmet),
        *_restored(record, unmet),
        *judge_promises(record, unmet),
    )
    return Assessed(record, unmet, judged)


def _recovered_after_s(judged: tuple[Judged, ...]) -> float | None:
    return next((result.recovered_after_s for _, result in judged if result.recovered_after_s is not None), None)


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
