"""Runbooks in the style of many organisations, and what a good reviewer would say of each (``.expected``).

A rule is expected once on a line, however often it is found there; notes are only counted. To see the differences:

    .venv/bin/pytest tests/checks/test_styles.py
"""

from pathlib import Path

import pytest
from msgspec import Struct

from drillbook.checks import RULES, Severity, check_document

STYLES = Path(__file__).with_name("styles")
RUNBOOKS = sorted(STYLES.glob("*.md"))
AT_LEAST = 22
LINES_PER_NOTE = 8  # more notes than that, and nobody reads any


class Expected(Struct, frozen=True, order=True):
    """A line of an ``.expected`` file: ``12 RB020 warning``."""

    line: int
    rule: str
    severity: str


def expected(runbook: Path) -> set[Expected]:
    lines = [line.split() for line in runbook.with_suffix(".expected").read_text().splitlines()]
    return {Expected(int(line), rule, severity) for line, rule, severity in lines}


def differences(runbook: Path, wanted: set[Expected], got: dict[Expected, str]) -> str:
    lines = runbook.read_text(encoding="utf-8-sig").splitlines()
    told = []
    for each in sorted(wanted ^ got.keys()):
        told.append(f"{'missing' if each in wanted else 'too much'}: {each.line} {each.rule} {each.severity}")
        told += [f"    {lines[each.line - 1]}", *([f"    {got[each]}"] if each in got else [])]
    return "\n".join(told)


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda path: path.stem)
def test_a_reviewer_would_say_the_same(runbook: Path) -> None:
    findings = check_document(runbook.read_bytes(), runbook.name)
    got = {
        Expected(each.line, each.rule, each.severity): each.message
        for each in findings
        if each.severity is not Severity.NOTE
    }
    assert not (told := differences(runbook, expected(runbook), got)), f"{runbook.name}\n{told}"
    notes = [f"{each.line} {each.rule} {each.message}" for each in findings if each.severity is Severity.NOTE]
    bound = len(runbook.read_bytes().splitlines()) // LINES_PER_NOTE
    assert len(notes) <= bound, "\n".join([f"{runbook.name}: {len(notes)} notes, at most {bound}", *notes])


def test_there_are_enough_and_their_bytes_are_as_they_were_written() -> None:
    assert len(RUNBOOKS) >= AT_LEAST
    windows = (STYLES / "crlf-bom.md").read_bytes()
    assert windows.startswith(b"\xef\xbb\xbf")
    assert windows.count(b"\r\n") == windows.count(b"\n")
    assert b"\t```bash" in (STYLES / "tabs.md").read_bytes()


def test_each_expected_rule_is_in_the_catalogue() -> None:
    known = {rule.id for rule in RULES}
    assert {each.rule for runbook in RUNBOOKS for each in expected(runbook)} <= known
