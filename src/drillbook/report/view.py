"""Finds the words for everything that the page says."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from drillbook import wording
from drillbook.course import StepToll
from drillbook.objective import Metric
from drillbook.record import DrillRecord, RunRecord, ShellUse
from drillbook.report import findings, sentence
from drillbook.report.chart import clock, draw
from drillbook.report.outcome import claims, outcome, worked
from drillbook.report.page import (
    Badge,
    ClauseView,
    CommandView,
    ComparedView,
    ControlView,
    DrillView,
    ObjectiveView,
    OutputView,
    PhaseView,
    RunView,
    StepView,
)
from drillbook.report.series import figures_of
from drillbook.report.story import CommandTold, limits_s, phases, steps
from drillbook.timeline import CommandFinished, SystemCompared
from drillbook.verdict import (
    ClauseResult,
    CommandOutcome,
    ControlResult,
    DrillVerdict,
    ObjectiveResult,
    RunVerdict,
    Verdict,
)

_MOST_OUTPUT = 6000
_UNPRINTABLE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


def of_run(record: RunRecord, verdict: RunVerdict, outputs: Mapping[str, str]) -> RunView:
    """The page of a run; ``verdict`` must be of this record."""
    info = record.info
    return RunView(
        badge=_badge(verdict.verdict),
        sentence=sentence.of_run(verdict),
        facts=(
            ("Run", info.run_id),
            ("Started", _moment(info.started_at)),
            ("Runbook", f"{info.runbook.path} · {info.runbook.sha256[:12]}"),
            ("System", info.system),
            ("Cluster", info.cluster),
            ("Drillbook", info.drillbook_version),
            *((("Shells", "a new one for each code block"),) if info.shell is ShellUse.PER_BLOCK else ()),
        ),
        drills=tuple(_drill(one, said, outputs) for one, said in zip(record.judged, verdict.drills, strict=True)),
        skipped=tuple((one.name, one.reason) for one in verdict.skipped),
        fidelity=info.fidelity,
        run_id=info.run_id,
    )


def _badge(verdict: Verdict) -> Badge:
    return Badge(verdict.value, sentence.MARKS[verdict])


def _moment(iso: str) -> str:
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _drill(record: DrillRecord, verdict: DrillVerdict, outputs: Mapping[str, str]) -> DrillView:
    drill = record.drill
    after_s, procedure_s = sentence.recovered_after_s(verdict), record.procedure_at_s
    recovered_s = None if after_s is None or procedure_s is None else procedure_s + after_s
    has_load = record.load is not None and len(record.load) > 0
    return DrillView(
        slug=record.slug,
        name=drill.name,
        where=f"{drill.feature}, line {drill.line}",
        procedure=drill.procedure,
        follow=drill.follow.value,
        badge=_badge(verdict.verdict),
        sentence=sentence.of_drill(verdict),
        course=sentence.of_course(verdict),
        losses=wording.losses(verdict.course.losses) if verdict.course and verdict.course.losses else "",
        reason=verdict.reason,
        clauses=_clauses(verdict),
        chart=draw(record, verdict, record.load, recovered_s=recovered_s)
        if record.load is not None and has_load
        else None,
        objectives=tuple(_objective(one, verdict) for one in verdict.objectives),
        phases=_phases(record),
        steps=_steps(record, verdict, outputs),
        compared=tuple(_compared(event) for event in record.all(SystemCompared)),
        findings=findings.groups(verdict.findings),
        controls=tuple(_control(one) for one in verdict.controls),
        untold=sentence.untold(verdict),
    )


def _control(one: ControlResult) -> ControlView:
    return ControlView(wording.control(one.control), one.answer.value, one.answer in sentence.BAD_ANSWERS, one.reason)


def _clauses(verdict: DrillVerdict) -> tuple[ClauseView, ...]:
    views = []
    told = False
    for clause in verdict.clauses:
        keyword, _, text = clause.text.partition(" ")
        repeats = told and clause.reason == verdict.reason
        told = told or clause.reason == verdict.reason
        views.append(ClauseView(_badge(clause.verdict), keyword, text, _once(clause, repeats=repeats)))
    return tuple(views)


def _once(clause: ClauseResult, *, repeats: bool) -> str:
    """Where nothing is proved every line has the same reason: it is said once."""
    return "not judged" if repeats and clause.verdict is Verdict.INCONCLUSIVE else clause.reason


def _objective(one: ObjectiveResult, verdict: DrillVerdict) -> ObjectiveView:
    said = one.verdict is Verdict.INCONCLUSIVE and one.reason == verdict.reason
    shown = one.verdict is Verdict.PASS and one.unit == "bytes"  # the row's name and figure say it all
    return ObjectiveView(
        badge=_badge(one.verdict),
        name=one.name,
        measured=wording.measured(one.measured, one.unit),
        interval=_interval(one),
        window=_span(one.window_s),
        deadline=_span(one.deadline_s),
        samples="—" if one.samples is None else f"{one.samples:,}",
        reason="not judged" if said else "" if shown else one.reason,
    )


def _interval(one: ObjectiveResult) -> str:
    """How sure the figure is and, of a latency, how late the users themselves were."""
    sure = wording.interval(one.confidence_low, one.confidence_high, one.unit)
    if one.unit != "ms" or one.lag_p99_ms is None or not sure:
        return sure
    return f"{sure}; the users' own lag (P99): {wording.amount(Metric.LATENCY_P99_MS, one.lag_p99_ms)}"


def _span(seconds: float | None) -> str:
    return "—" if seconds is None else wording.span(seconds)


def _phases(record: DrillRecord) -> tuple[PhaseView, ...]:
    began_s = limits_s(record)[0]
    rows = []
    for span in phases(record):
        seen = figures_of(record.load, span.start_s, span.end_s) if record.load is not None else None
        rows.append(
            PhaseView(
                name=span.name,
                began=clock(span.start_s - began_s),
                lasted=wording.span(span.end_s - span.start_s),
                requests=f"{seen.requests:,}" if seen else "—",
                lost=f"{seen.lost:,}" if seen else "—",
                some_lost=bool(seen and seen.lost),
                p50=_latency(Metric.LATENCY_P50_MS, seen.p50_ms if seen else None),
                p99=_latency(Metric.LATENCY_P99_MS, seen.p99_ms if seen else None),
            )
        )
    return tuple(rows)


def _latency(metric: Metric, ms: float | None) -> str:
    return "—" if ms is None else wording.amount(metric, ms)


def _steps(record: DrillRecord, verdict: DrillVerdict, outputs: Mapping[str, str]) -> tuple[StepView, ...]:
    procedure_s = record.procedure_at_s or 0.0
    tolls = {one.line: one for one in verdict.course.steps} if verdict.course else {}
    came = {event.at_s: said for event, said in zip(record.all(CommandFinished), verdict.commands, strict=True)}
    return tuple(
        StepView(
            number=step.number,
            title=step.title,
            line=step.line,
            began=wording.span(max(0.0, step.start_s - procedure_s)),
            toll=_toll(tolls.get(step.line)),
            skipped=step.skipped,
            changed_files=step.changed_files,
            commands=tuple(_command(command, came, outputs) for command in step.commands),
        )
        for step in steps(record)
    )


def _toll(step: StepToll | None) -> str:
    if step is None:
        return ""
    return f"took {wording.span(step.lasted_s)}, {step.lost:,} of {step.requests:,} requests lost meanwhile"


def _command(told: CommandTold, came: Mapping[float, CommandOutcome], outputs: Mapping[str, str]) -> CommandView:
    event = told.finished
    return CommandView(
        line=told.line,
        text=told.text,
        worked=event is not None and worked(event),
        outcome=outcome(event) if event else "did not end",
        claims=claims(came[event.at_s]) if event else "",
        duration=wording.span(event.duration_s) if event else "",
        shell_lost=told.shell_lost,
        outputs=_outputs(event, outputs) if event else (),
    )


def _outputs(event: CommandFinished, outputs: Mapping[str, str]) -> tuple[OutputView, ...]:
    streams = (("stdout", event.stdout, event.stdout_bytes), ("stderr", event.stderr, event.stderr_bytes))
    return tuple(
        OutputView(stream, f"{size:,} bytes", _printable(outputs[name]))
        for stream, name, size in streams
        if size and name in outputs
    )


def _printable(text: str) -> str:
    """Without colours and control characters, and no longer than a page can bear: the end matters most."""
    plain = _UNPRINTABLE.sub("", text)
    return plain if len(plain) <= _MOST_OUTPUT else f"…{plain[-_MOST_OUTPUT:]}"


def _compared(event: SystemCompared) -> ComparedView:
    when = "after the revert" if event.after_revert else "before the revert"
    return ComparedView(when, event.differences, event.added)
