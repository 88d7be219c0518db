"""Sums a run up on a terminal, for somebody who was woken at 3 a.m.: verdict first, then why, then where to look."""

from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from drillbook import wording
from drillbook.record import DrillRecord, RunRecord
from drillbook.report import sentence
from drillbook.report.findings import counted
from drillbook.report.outcome import BY_ITS_END, outcome, worked
from drillbook.report.progress import LiveProgress, first_line, plain_signs
from drillbook.report.series import figures_of
from drillbook.report.story import limits_s
from drillbook.timeline import CommandFinished, Phase
from drillbook.verdict import Answer, DrillVerdict, Outcome, RunVerdict, Verdict

__all__ = ["LiveProgress", "print_summary"]

_STYLES = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.INCONCLUSIVE: "yellow"}
_MOST_COMMANDS = 3


def print_summary(console: Console, record: RunRecord, verdict: RunVerdict, *, report: str | None) -> None:
    """Print the summary; ``report`` is where the page is, None where there is none."""
    style = _STYLES[verdict.verdict]
    _say(console)
    headline = (
        (f" {verdict.verdict.value.upper()} ", f"bold reverse {style}"),
        ("  ", ""),
        (sentence.of_run(verdict), "bold"),
    )
    _say(console, *headline)
    for drill, said in zip(record.judged, verdict.drills, strict=True):
        _say(console)
        for line in _drill(drill, said, alone=len(record.judged) == 1):
            _say(console, *line)
    for left_out in verdict.skipped:
        _say(console)
        _say(console, (" - ", "dim"), (left_out.name, "bold"), ("   skipped: ", "dim"), (left_out.reason, ""))
    _say(console)
    runbook = record.info.runbook
    _say(console, (" runbook  ", "dim"), (f"{runbook.path} ({runbook.sha256[:12]})", ""))
    if any(one.verdict is Verdict.PASS and sentence.untold(one) for one in verdict.drills):
        _say(console, (" controls ", "dim"), ("not run: what heals by itself passes too (--controls=fault)", "dim"))
    if report:
        _say(console, (" report   ", "dim"), (report, ""), whole=True)


Piece = tuple[str, str]
"""Text and its style."""


def _drill(record: DrillRecord, verdict: DrillVerdict, *, alone: bool) -> Iterator[tuple[Piece, ...]]:
    style = _STYLES[verdict.verdict]
    yield (f" {sentence.MARKS[verdict.verdict]} ", f"bold {style}"), (record.drill.name, "bold")
    if not alone:  # the headline has said it
        yield ("   ", ""), (sentence.of_drill(verdict), "" if verdict.verdict is Verdict.PASS else style)
    if verdict.verdict is not Verdict.INCONCLUSIVE:
        yield from _objectives(verdict)
    yield from _controls(verdict)
    if lost := _lost(record):
        yield ("     ", ""), (lost, "dim")
    if course := sentence.of_course(verdict):
        yield ("     ", ""), (course, "dim")
    yield from _commands(record, verdict)
    if beyond := _beyond(verdict):
        yield ("     ", ""), (f"beyond exit codes: {beyond}", "dim")
    if suspected := counted(verdict.findings):
        yield ("     ", ""), (f"findings in its text: {suspected}", "dim")


def _objectives(verdict: DrillVerdict) -> Iterator[tuple[Piece, ...]]:
    said = ""
    for one in verdict.objectives:
        measured = wording.measured(one.measured, one.unit)
        mark = (f"     {sentence.MARKS[one.verdict]} ", _STYLES[one.verdict])
        yield mark, (f"{one.name:<46} ", ""), (measured, "bold")
        if one.verdict is not Verdict.PASS and one.reason != said:
            yield ("       ", ""), (one.reason, "dim")
            said = one.reason


def _controls(verdict: DrillVerdict) -> Iterator[tuple[Piece, ...]]:
    for one in verdict.controls:
        style = "red" if one.answer in sentence.BAD_ANSWERS else "dim" if one.answer is Answer.NOT_TOLD else "bold"
        yield ("     control  ", "dim"), (f"{wording.control(one.control)}: ", ""), (one.answer.value, style)
        yield ("       ", ""), (one.reason, "dim")


def _lost(record: DrillRecord) -> str:
    if record.load is None or not len(record.load):
        return ""
    start_s, end_s = limits_s(record)
    seen = figures_of(record.load, start_s, record.phase_at_s.get(Phase.REVERT, end_s))
    return f"users lost {seen.lost:,} of {seen.requests:,} requests before the fault was reverted"


def _commands(record: DrillRecord, verdict: DrillVerdict) -> Iterator[tuple[Piece, ...]]:
    """The commands that did not exit 0: each is shown where the drill did not pass, else only counted."""
    finished = record.all(CommandFinished)
    failed = tuple(event for event in finished if not worked(event))
    if not failed:
        return
    yield ("     ", ""), (f"{len(failed)} of {len(finished)} commands did not exit 0", "dim")
    shown = failed[:_MOST_COMMANDS] if verdict.verdict is not Verdict.PASS else ()
    for event in shown:
        came = f"line {event.line}: {outcome(event)} after {wording.span(event.duration_s)}"
        yield ("     ✗ ", "red"), (came, "")
        yield ("       ", ""), (first_line(event.text), "cyan")
    if shown and len(failed) > len(shown):
        yield ("       ", ""), (f"and {len(failed) - len(shown)} more in the report", "dim")


def _beyond(verdict: DrillVerdict) -> str:
    """How many commands came to what no exit code tells."""
    counts = Counter(one for came in verdict.commands for one in (came.outcome, *came.also) if one not in BY_ITS_END)
    return ", ".join(f"{counts[one]} {one}" for one in Outcome if counts[one])


def _say(console: Console, *pieces: Piece, whole: bool = False) -> None:
    """Print a line, its continuation indented as its beginning; a ``whole`` one is never broken (to copy a path)."""
    text = Text.assemble(*((plain_signs(words, console.encoding), style) for words, style in pieces))
    if whole or not pieces:
        console.print(text, soft_wrap=True)
        return
    indent = len(pieces[0][0]) if len(pieces) > 1 else 0
    for place, line in enumerate(text.wrap(console, max(20, console.width - indent))):
        line.rstrip()
        console.print(Text(" " * indent).append_text(line) if place else line, soft_wrap=True)
