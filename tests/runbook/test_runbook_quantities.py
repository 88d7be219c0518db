"""Time budgets, thresholds, cadences, waits and escalation rows, in headings and in prose."""

import pytest

from drillbook.runbook import Runbook, parse_runbook

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


def parse(text: str) -> Runbook:
    return parse_runbook(text.encode(), "doc.md")


@pytest.mark.parametrize(
    ("title", "lower_s", "upper_s", "text"),
    [
        ("Immediate Actions (< 5 minutes)", 0, 5 * MINUTE, "< 5 minutes"),
        ("Immediate Actions (&lt; 5 minutes)", 0, 5 * MINUTE, "&lt; 5 minutes"),
        ("Investigation (5-15 minutes)", 5 * MINUTE, 15 * MINUTE, "5-15 minutes"),
        ("Investigation (5\u201315 min)", 5 * MINUTE, 15 * MINUTE, "5\u201315 min"),
        ("Investigation (5 min to 1 hour)", 5 * MINUTE, HOUR, "5 min to 1 hour"),
        ("Review (< 24 hours)", 0, DAY, "< 24 hours"),
        ("Follow-up (< 1 week)", 0, 7 * DAY, "< 1 week"),
        ("Containment within 30 min", 0, 30 * MINUTE, "within 30 min"),
        ("First 5 minutes", 0, 5 * MINUTE, "First 5 minutes"),
        ("Containment: 10 min", 0, 10 * MINUTE, "10 min"),
        ("Containment [~10m]", 0, 10 * MINUTE, "~10m"),
        ("Within an hour", 0, HOUR, "Within an hour"),
        ("Executives (30+ min)", 30 * MINUTE, None, "30+ min"),
        ("Executives (> 1.5 h)", 1.5 * HOUR, None, "> 1.5 h"),
    ],
)
def test_time_budget_of_a_heading(title: str, lower_s: float, upper_s: float | None, text: str) -> None:
    runbook = parse(f"# Fire\n## {title}\n1. Run\n")
    (budget,) = runbook.time_budgets
    assert (budget.lower_s, budget.upper_s, budget.text, budget.line) == (lower_s, upper_s, text, 2)
    assert budget.column == len("## ") + title.index(text) + 1
    assert runbook.procedures[0].steps[0].budget == budget
    assert runbook.procedures[0].steps[0].budget_s == upper_s


@pytest.mark.parametrize(
    "title", ["Restart the 5 minute job", "Every 5 minutes", "Version 5.1", "5 things", "Node m5-10", "Errors > 10%"]
)
def test_no_time_budget_in_a_heading(title: str) -> None:
    assert parse(f"# Fire\n## {title}\n1. Run\n").time_budgets == ()


def test_the_nearest_budget_counts() -> None:
    (procedure,) = parse(
        "# Fire (< 1 hour)\n## Immediate\n1. One\n2. **Two** (2 min)\n## Later (< 2 days)\n1. Three\n"
    ).procedures
    assert [step.budget_s for step in procedure.steps] == [HOUR, 2 * MINUTE, 2 * DAY]
    assert procedure.budget
    assert procedure.budget.upper_s == HOUR


@pytest.mark.parametrize(
    ("prose", "subject", "operator", "value", "unit"),
    [
        ("P99 latency > 10ms for extended period", "P99 latency", ">", 10, "ms"),
        ("- Error rate > 10%", "Error rate", ">", 10, "%"),
        ("Memory usage &gt; 95 %", "Memory usage", ">", 95, "%"),
        ("Escalate when memory usage is above 95%.", "memory usage", ">", 95, "%"),
        ("Disk usage exceeds 1.5 TB", "Disk usage", ">", 1.5, "TB"),
        ("the queue depth must stay below 5,000 messages", "queue depth must", "<", 5000, "messages"),
        ("Replication lag ≥ 30 s", "Replication lag", ">=", 30, "s"),
        ("Ready replicas < 3", "Ready replicas", "<", 3, ""),
        ("throughput of at least 200 req/s", "throughput of", ">=", 200, "req/s"),
        ("**Error rate** <= 1%", "Error rate", "<=", 1, "%"),
    ],
)
def test_threshold(prose: str, subject: str, operator: str, value: float, unit: str) -> None:
    (threshold,) = parse(f"# Fire\n\n{prose}\n").thresholds
    assert (threshold.subject, threshold.operator, threshold.value, threshold.unit) == (subject, operator, value, unit)
    assert threshold.line == 3
    assert prose[threshold.column - 1 :].startswith(threshold.text)


@pytest.mark.parametrize(
    "prose",
    [
        "Replace <pod> by its name",
        "> 5 minutes",
        "a -> b",
        "write 2>&1",
        "resolve it in < 5 minutes",
        "more than 5 people",
        "no figure here",
    ],
)
def test_no_threshold(prose: str) -> None:
    assert parse(f"# Fire\n\n{prose}\n").thresholds == ()


@pytest.mark.parametrize(
    ("prose", "every_s", "during"),
    [
        ("Every 15 minutes during SEV1", 15 * MINUTE, "SEV1"),
        ("1. **Hourly during SEV3**", HOUR, "SEV3"),
        ("Post updates every hour.", HOUR, ""),
        ("SEV2: every 30 min", 30 * MINUTE, "SEV2"),
        ("Rotate the keys daily", DAY, ""),
        ("Report each day for the first week.", DAY, "first week"),
        ("Look once a week", 7 * DAY, ""),
    ],
)
def test_cadence(prose: str, every_s: float, during: str) -> None:
    (cadence,) = parse(f"# Fire\n\n{prose}\n").cadences
    assert (cadence.every_s, cadence.during, cadence.line) == (every_s, during, 3)
    assert prose[cadence.column - 1 :].startswith(cadence.text)


@pytest.mark.parametrize(
    ("prose", "action", "duration_s"),
    [
        ("Monitor for 30 minutes", "monitor", 30 * MINUTE),
        ("Wait 5 min before the next step", "wait", 5 * MINUTE),
        ("Watch the dashboard for at least one hour", "watch", HOUR),
        ("Then wait for up to 90s", "wait", 90),
    ],
)
def test_wait(prose: str, action: str, duration_s: float) -> None:
    (wait,) = parse(f"# Fire\n\n{prose}\n").waits
    assert (wait.action, wait.duration_s, wait.line) == (action, duration_s, 3)
    assert prose[wait.column - 1 :].startswith(wait.text)


def test_no_wait() -> None:
    assert parse("# Fire\n\nMonitor it every 5 minutes. Wait until latency < 10ms. Wait for Bob.\n").waits == ()


def test_a_comment_in_a_block_can_say_it_too() -> None:
    runbook = parse(
        "# Fire\n\n- Do\n  ```bash\n  # Monitor for 30 minutes\n  watch date  # alert if load > 90%\n  ```\n"
    )
    assert [(wait.line, wait.column) for wait in runbook.waits] == [(5, 5)]
    assert [(each.subject, each.line, each.column) for each in runbook.thresholds] == [("load", 6, 26)]


def test_commands_say_nothing() -> None:
    runbook = parse("# Fire\n```bash\nwait 5 min; sleep 10 s; test load > 90\n```\n")
    assert (runbook.waits, runbook.thresholds, runbook.time_budgets) == ((), (), ())


def test_escalation_table() -> None:
    rows = parse(
        "# Fire\n| Time | Who |\n|---|---|\n| 0-5 min | you |\n| 15 min | `lead` |\n| **1 hour** | boss |\n"
        "| 30+ min | all |\n| after 2 h | press |\n| 99.9% | x |\n| 5 min |\n"
    ).escalations
    assert [(row.lower_s, row.upper_s, row.cells, row.line) for row in rows] == [
        (0, 5 * MINUTE, ("you",), 4),
        (0, 15 * MINUTE, ("lead",), 5),
        (0, HOUR, ("boss",), 6),
        (30 * MINUTE, None, ("all",), 7),
        (2 * HOUR, None, ("press",), 8),
    ]


def test_prose_budget() -> None:
    runbook = parse("# Fire\n\nAnswer within 15 minutes; the whole takes 20-30 min.\n")
    assert [(each.lower_s, each.upper_s) for each in runbook.time_budgets] == [
        (0, 15 * MINUTE),
        (20 * MINUTE, 30 * MINUTE),
    ]
