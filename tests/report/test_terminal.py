"""What is printed: the summary, and the live view."""

import io
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from rich.console import Console
from tests.judge.scenes import DRILL, Command, Outage, Scene, Step, drill_record, run_record

from drillbook.drill import FaultAlone
from drillbook.judge import judge_run
from drillbook.record import DrillRecord
from drillbook.report.progress import describe, first_line, plain_signs
from drillbook.report.terminal import LiveProgress, print_summary
from drillbook.timeline import (
    AnyEvent,
    CaptureInspected,
    ChangesWatched,
    CommandStarted,
    CommandTried,
    DrillAborted,
    FaultFailed,
    FaultUnavailable,
    FileInspected,
    Floor,
    GeneratorCalibrated,
    HandoverInspected,
    MessageDelivered,
    NobodyToAsk,
    Phase,
    ProcedureFinished,
    ProcedureStarted,
    RevertFinished,
    SecretFound,
    ShellReopened,
    SumInspected,
    SymptomMissed,
    SymptomRemained,
    SystemCompared,
)
from drillbook.verdict import Finding, Running

REPORT = "evidence/a-rather-long-directory-name-for-a-run-that-somebody-gave/20261123-102500-7f3a/report.html"
FAILED = Scene(outages=(Outage(20.0, 999.0),), revert_s=345.0, end_s=355.0)
ODD_EVENTS: tuple[AnyEvent, ...] = (
    FaultFailed(at_s=1.0, experiment="x", reason="no"),
    SymptomMissed(at_s=1.0, index=0, detail="2 of 4 pods"),
    DrillAborted(at_s=1.0, reason="interrupted"),
    FaultUnavailable(at_s=1.0, experiment="x", reason="no hugepages"),
    SymptomRemained(at_s=1.0, index=0, detail="still down"),
    HandoverInspected(at_s=1.0, paths=("a.pcap",)),
    CaptureInspected(at_s=1.0, path="a.pcap", packets=None),
    SumInspected(at_s=1.0, path="a", said="1", found="2"),
    SecretFound(at_s=1.0, path="a", secret="tokens"),
    MessageDelivered(at_s=1.0, sent_s=0.5, service="chat", address="#team", accepted=False),
    NobodyToAsk(at_s=1.0),
    ChangesWatched(at_s=1.0, namespace="shop", kinds=("service",)),
    CommandTried(at_s=1.0, line=1, text="x", exit_code=0, calls=("kubectl",)),
    GeneratorCalibrated(
        at_s=1.0,
        rate_per_s=100.0,
        floor=Floor(requests=150, lag_p50_ms=0.1, lag_p99_ms=12.34, latency_p50_ms=0.4, latency_p99_ms=13.0),
    ),
    ShellReopened(at_s=1.0, reason="it was killed"),
    RevertFinished(at_s=1.0, succeeded=False, detail="left over"),
    FileInspected(at_s=1.0, path="/x", line=1, exists=False, size_bytes=0, sha256="", texts_found=()),
    SystemCompared(at_s=1.0, after_revert=True, differences=("a", "b"), added=()),
)


def printed(*drills: DrillRecord, report: str | None = REPORT, encoding: str = "utf-8", colour: bool = False) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=out, width=80, force_terminal=colour, no_color=not colour)
    record = run_record(*drills)
    print_summary(console, record, judge_run(record), report=report)
    out.seek(0)
    return out.read()


def test_the_verdict_comes_first() -> None:
    assert printed(drill_record(FAILED)).split("\n")[1].startswith(" FAIL   The runbook did not bring users back")


def test_a_pass_says_what_was_demanded_and_measured() -> None:
    text = printed()

    assert "PASS   The runbook brought users back in 22 s." in text
    assert "✓ P99 latency ≤ 10 ms " in text
    assert "users lost 4,200 of 11,000 requests before the fault was reverted" in text
    assert "2 of 10 commands did not exit 0" in text
    assert "curl" not in text


def test_a_failure_shows_why_and_the_commands_that_failed() -> None:
    text = printed(drill_record(), drill_record(FAILED))

    assert "The runbook failed 1 of 2 drills." in text
    assert text.count("not recovered within 5 min of the procedure's start") == 1
    assert "✗ line 51: exit 22 after 50 ms" in text
    assert "curl -f http://front-door.shop.svc.cluster.local/health/ready" in text


def test_only_the_first_failed_commands_are_shown() -> None:
    commands = tuple(Command(line, f"false {line}", exit_code=1) for line in range(1, 6))
    scene = Scene(outages=FAILED.outages, revert_s=345.0, end_s=355.0, steps=(Step("One", 1, commands),))

    text = printed(drill_record(scene))

    assert "false 3" in text
    assert "false 4" not in text
    assert "and 2 more in the report" in text


def test_what_proves_nothing_lists_no_objective() -> None:
    text = printed(drill_record(Scene(outages=()), no_load=True))

    assert "INCONCLUSIVE   Nothing is proved: there was no load" in text
    assert "≤" not in text
    assert "users lost" not in text


def test_the_reports_path_is_never_broken() -> None:
    assert REPORT in printed()
    assert "report" not in printed(report=None)


def test_lines_fit_80_columns() -> None:
    lines = printed(drill_record(), drill_record(FAILED)).split("\n")

    assert max(len(line) for line in lines if REPORT not in line) <= 80
    assert not [line for line in lines if line != line.rstrip()]


def test_without_colour_there_is_no_escape_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[3" not in printed(colour=False)
    assert "\x1b[" in printed(colour=True)


def test_commands_are_not_taken_for_markup() -> None:
    steps = (Step("One", 1, (Command(1, "[ -f /x ] && echo [red]no[/red]", exit_code=1),)),)
    scene = Scene(outages=FAILED.outages, revert_s=345.0, end_s=355.0, steps=steps)

    assert "[ -f /x ] && echo [red]no[/red]" in printed(drill_record(scene))


def test_a_log_that_cannot_say_every_sign_is_written_all_the_same() -> None:
    text = printed(drill_record(FAILED), encoding="ascii")

    assert "x error rate < 1 %" in text
    assert plain_signs("✓ “a” ü", "ascii") == '+ "a" ?'
    assert plain_signs("✓ “a” ü", "utf-8") == "✓ “a” ü"


def test_every_kind_of_event_can_be_described() -> None:
    events = (*drill_record().events, *ODD_EVENTS)

    assert {type(event) for event in events} == set(get_args(AnyEvent))
    assert all(describe(event) is None or describe(event) for event in events)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("kubectl get pods", "kubectl get pods"),
        ("# why\nkubectl get pods", "kubectl get pods"),
        ("kubectl get pods \\\n  -n shop", "kubectl get pods \\ …"),
        ("# only a comment", "# only a comment"),
        ("", ""),
    ],
)
def test_a_command_in_one_line(text: str, shown: str) -> None:
    assert first_line(text) == shown


def test_a_log_has_one_line_for_each_thing_that_happened() -> None:
    out = io.StringIO()
    with LiveProgress(Console(file=out, width=80)) as live:
        live.note("starting")
        for event in drill_record().events:
            live.observe(event)
    lines = out.getvalue().split("\n")

    assert "   starting" in lines
    assert f" {drill_record().drill.name}" in lines
    assert "    22.0 s             fault injected" in lines
    assert "    22.0 s  confirm    waiting for the symptoms to show" in lines
    assert any("✗ exit 22 50 ms  curl -f" in line for line in lines)
    assert "\x1b" not in out.getvalue()


def test_odd_events_are_shown_as_what_they_are() -> None:
    out = io.StringIO()
    live = LiveProgress(Console(file=out, width=80))
    for event in ODD_EVENTS:
        live.observe(event)

    text = out.getvalue()
    for said in (
        "✗ the fault did not land: no",
        "✗ symptom missed: 2 of 4 pods",
        "✗ aborted: interrupted",
        "✗ the responder's shell was lost: it was killed",
        "✗ revert: left over",
        "✗ /x: not there",
        "✗ a.pcap: 0 packets",
        "the load generator itself is late by 12.3 ms (P99)",
        "✗ a holds a value of the secret tokens",
        "✗ chat #team",
        "after the revert: 2 differences",
    ):
        assert said in text


def test_a_terminal_also_shows_what_goes_on_and_for_how_long() -> None:
    now_s = 100.0
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, get_time=lambda: now_s)
    live = LiveProgress(console)

    live.phase("A drill", Phase.RESPOND, 40.0)
    live.observe(CommandStarted(at_s=41.0, line=7, text="sleep 100"))
    now_s = 112.5
    present = live.__rich__().plain
    live.close()
    live.close()

    assert "12.5 s  line 7: sleep 100" in present
    assert "A drill" in out.getvalue()


def test_the_live_view_is_gone_after_the_drill() -> None:
    out = io.StringIO()
    live = LiveProgress(Console(file=out, width=80, force_terminal=True))
    for event in drill_record().events:
        live.observe(event)

    assert live._live is None


def test_a_long_line_is_cut_on_a_terminal_and_whole_in_a_log(tmp_path: Path) -> None:
    long = "x" * 300
    event = msgspec.structs.replace(ODD_EVENTS[0], reason=long)
    terminal, log = io.StringIO(), (tmp_path / "log").open("w+")
    LiveProgress(Console(file=terminal, width=80, force_terminal=True)).observe(event)
    LiveProgress(Console(file=log, width=80)).observe(event)
    log.seek(0)

    assert long not in terminal.getvalue()
    assert long in log.read()
    log.close()


def test_what_controls_say_stands_below_the_objectives() -> None:
    healed = msgspec.structs.replace(DRILL, control=FaultAlone())
    scene = Scene(drill=healed, without=(ProcedureStarted, ProcedureFinished), steps=())

    text = " ".join(printed(drill_record(), drill_record(scene)).split())

    assert "INCONCLUSIVE Nothing is proved: users were served again 40 s after the fault" in text
    assert "control the fault without the runbook: healed by itself" in text
    assert "not run" not in text


def test_a_pass_without_the_control_says_what_it_does_not_know() -> None:
    assert " controls not run: what heals by itself passes too (--controls=fault)" in printed()
    assert "not run" not in printed(drill_record(FAILED))


def test_what_exit_codes_do_not_tell_is_counted() -> None:
    masked = Command(1, "kubectl get pods | cat", pipe_status=(1, 0))
    record = run_record(drill_record(Scene(steps=(Step("One", 1, (masked, masked, Command(2, "true"))),))))
    findings = tuple(
        Finding(rule="DB001", line=1, message="suspect", running=running)
        for running in (Running.CONFIRMED, Running.UNTOLD, Running.CONFIRMED)
    )
    verdict = judge_run(record)
    drills = tuple(msgspec.structs.replace(drill, findings=findings) for drill in verdict.drills)
    out = io.StringIO()
    print_summary(Console(file=out, width=100), record, msgspec.structs.replace(verdict, drills=drills), report=None)

    assert "beyond exit codes: 2 masked\n" in out.getvalue()
    assert "findings in its text: 2 confirmed by running, 1 not told\n" in out.getvalue()
    assert "beyond" not in printed()
