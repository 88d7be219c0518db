"""Says a verdict in one sentence, the same in the page and in the terminal."""

from drillbook import wording
from drillbook.drill import FaultAlone
from drillbook.verdict import Answer, DrillVerdict, ObjectiveResult, RunVerdict, Verdict

MARKS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.INCONCLUSIVE: "?"}
"""A sign for each verdict, so that no reader depends on colour."""


BAD_ANSWERS = frozenset({Answer.HEALED, Answer.HARMED, Answer.HARMFUL})
"""What a control says against the runbook, or against what the drill claims for it."""


def untold(drill: DrillVerdict) -> str:
    """What is not known of a drill because nobody ran its fault without the runbook; empty where it was."""
    if any(isinstance(one.control, FaultAlone) for one in drill.controls):
        return ""
    return "The fault without the runbook was not run, so it is not known whether the system heals by itself."


def of_run(verdict: RunVerdict) -> str:
    """The verdict of a run in one sentence."""
    drills = verdict.drills
    if not drills:
        return "Nothing is proved: no drill was run."
    if len(drills) == 1:
        return of_drill(drills[0])
    count = sum(drill.verdict is verdict.verdict for drill in drills)
    match verdict.verdict:
        case Verdict.PASS:
            slowest_s = max(
                (after for drill in drills if (after := recovered_after_s(drill)) is not None), default=None
            )
            which = "both drills" if len(drills) == 2 else f"all {len(drills)} drills"  # noqa: PLR2004 - the word for 2
            within = "" if slowest_s is None else f", each time within {wording.span(slowest_s)}"
            return f"The runbook brought users back in {which}{within}."
        case Verdict.FAIL:
            return f"The runbook failed {count} of {len(drills)} drills."
        case Verdict.INCONCLUSIVE:
            return f"Nothing is proved by {count} of {len(drills)} drills."


def of_drill(drill: DrillVerdict) -> str:
    """The verdict of a drill in one sentence."""
    after_s = recovered_after_s(drill)
    back = None if after_s is None else f"The runbook brought users back in {wording.span(after_s)}"
    match drill.verdict:
        case Verdict.PASS:
            return f"{back}." if back else "The runbook kept every promise that was asked of it."
        case Verdict.INCONCLUSIVE:
            return f"Nothing is proved: {drill.reason}."
        case Verdict.FAIL:
            return _failed(drill, back)


def recovered_after_s(drill: DrillVerdict) -> float | None:
    """From the procedure's start until users were served again, None where they were not."""
    return next((one.recovered_after_s for one in drill.objectives if one.recovered_after_s is not None), None)


def of_course(drill: DrillVerdict) -> str:
    """How long each part took, in one sentence; nothing where it never came to that."""
    times = drill.course.times if drill.course else None
    if times is None or times.detect_s is None:
        return ""
    parts = [f"seen {wording.span(times.detect_s)} after the fault"]
    if times.respond_s is not None:
        parts.append(f"the first command done {wording.span(times.respond_s)} later")
    if times.outage_s is not None:
        parts.append(f"users served again {wording.span(times.outage_s)} after the fault")
    return ", ".join(parts)


def _failed(drill: DrillVerdict, back: str | None) -> str:
    failed = tuple(one for one in drill.objectives if one.verdict is Verdict.FAIL)
    of_users = next((one for one in failed if one.deadline_s is not None), None)
    if of_users and back:
        return f"{back}, but not for good."
    if of_users:
        return f"The runbook did not bring users back within {wording.span(of_users.deadline_s or 0.0)}."
    broken = "; ".join(_broken(one) for one in failed)
    return f"{back or 'The runbook was carried out'}, but broke a promise: {broken}."


def _broken(objective: ObjectiveResult) -> str:
    names_it = objective.unit == "bytes"  # a file's reason says which one
    return objective.reason if names_it else f"{objective.name}: {objective.reason}"
