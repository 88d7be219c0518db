"""The runbook that the project was started from, as it was received."""

from pathlib import Path

import pytest

from drillbook.runbook import ConditionKind, Runbook, find_procedure, load_runbook

RECEIVED = Path(__file__).parents[3] / "shared" / "runbook" / "emergency-procedures.md"

pytestmark = pytest.mark.skipif(not RECEIVED.is_file(), reason="the runbook as received is not beside this checkout")


@pytest.fixture(scope="module")
def runbook() -> Runbook:
    return load_runbook(RECEIVED)


def test_procedures_with_their_steps_and_commands(runbook: Runbook) -> None:
    assert [(each.title, each.line, len(each.steps), len(each.commands)) for each in runbook.procedures] == [
        ("Critical System Failure", 20, 6, 19),
        ("Memory Exhaustion Emergency", 99, 3, 7),
        ("DPDK Network Failure", 136, 3, 8),
        ("Security Incident Response", 178, 3, 6),
        ("Data Corruption Emergency", 214, 3, 8),
        ("Communication Procedures", 254, 7, 6),
        ("Post-Incident Procedures", 296, 11, 5),
    ]
    assert runbook.title == "Emergency Procedures Runbook"
    assert len(runbook.blocks) == 23
    assert all(block.syntax_fault is None for block in runbook.blocks)


def test_each_command_stands_where_it_says(runbook: Runbook) -> None:
    lines = RECEIVED.read_text(encoding="utf-8").splitlines()
    commands = [command for procedure in runbook.procedures for command in procedure.commands]
    assert len(commands) == 59
    for command in commands:
        there = "\n".join(lines[command.line - 1 : command.end_line])
        assert there[command.column - 1 :].startswith(command.text)


def test_first_procedure(runbook: Runbook) -> None:
    steps = find_procedure(runbook, "Critical System Failure").steps
    assert [(step.number, step.title, step.line, step.budget_s) for step in steps] == [
        (1, "Assess Impact", 30, 300.0),
        (2, "Emergency Rollback", 43, 300.0),
        (3, "Traffic Diversion", 53, 300.0),
        (1, "Collect Diagnostics", 64, 900.0),
        (2, "Check Infrastructure", 76, 900.0),
        (3, "Analyze Root Cause", 87, 900.0),
    ]
    assert [command.line for command in steps[1].commands] == [46, 49, 50]
    assert steps[1].commands[0].text == "./k8s/ultra-cpp/scripts/rollback.sh emergency"


def test_only_the_diversion_waits_for_a_failure(runbook: Runbook) -> None:
    steps = [step for procedure in runbook.procedures for step in procedure.steps if step.condition]
    assert [(step.title, step.condition and step.condition.kind) for step in steps] == [
        ("Traffic Diversion", ConditionKind.AFTER_FAILURE),
        ("Emergency Network Recovery", ConditionKind.OTHER),
        ("Conduct Training if Needed", ConditionKind.OTHER),
    ]
    conditions = [command.condition for procedure in runbook.procedures for command in procedure.commands]
    assert [(each.text, each.line, each.kind.value) for each in conditions if each] == [
        ("Divert traffic to Node.js fallback if rollback fails", 55, "after_failure"),
        ("Clear cache if possible", 114, "other"),
        ("Restart networking (if safe)", 159, "other"),
        ("Restore from backup if available", 247, "other"),
    ]


def test_quantities(runbook: Runbook) -> None:
    assert [(each.line, each.lower_s, each.upper_s) for each in runbook.time_budgets] == [
        (28, 0, 300),
        (62, 300, 900),
        (298, 0, 3_600),
        (321, 0, 86_400),
        (329, 0, 604_800),
    ]
    assert [(each.line, each.subject, each.operator, each.value, each.unit) for each in runbook.thresholds] == [
        (25, "P99 latency", ">", 10, "ms"),
        (26, "Error rate", ">", 10, "%"),
        (103, "Memory usage", ">", 95, "%"),
    ]
    assert [(each.line, each.every_s, each.during) for each in runbook.cadences] == [
        (283, 900, "SEV1"),
        (284, 1_800, "SEV2"),
        (285, 3_600, "SEV3"),
    ]
    assert [(each.line, each.action, each.duration_s) for each in runbook.waits] == [(308, "monitor", 1_800)]
    assert [(each.line, each.lower_s, each.upper_s) for each in runbook.escalations] == [
        (352, 0, 300),
        (353, 300, 900),
        (354, 900, 1_800),
        (355, 1_800, None),
    ]


def test_a_shell_takes_a_channel_name_for_a_comment(runbook: Runbook) -> None:
    command = next(each for each in find_procedure(runbook, "Incident Declaration").commands if each.line == 266)
    assert command.text == "slack-notify"
    assert command.comments_behind[0].text.startswith("ultra-cpp-alerts")
