"""Procedures found by their headings, and what is said where one is not."""

import pytest

from drillbook.errors import InputError
from drillbook.runbook import Runbook, find_procedure, parse_runbook

DOCUMENT = b"""# Emergencies
## Critical System Failure
### Immediate Actions (< 5 minutes)
1. One
### Investigation (5-15 minutes)
1. Two
## Memory / Swap Exhaustion
### Immediate Actions
1. Three
## Twice
1. Four
## Twice
1. Five
## Contacts
nobody
"""


@pytest.fixture(scope="module")
def runbook() -> Runbook:
    return parse_runbook(DOCUMENT, "book.md")


@pytest.mark.parametrize(
    ("heading", "line", "steps"),
    [
        ("Critical System Failure", 2, ["One", "Two"]),
        ("critical  system FAILURE", 2, ["One", "Two"]),
        ("## Critical System Failure", 2, ["One", "Two"]),
        ("Critical System Failure / Investigation", 5, ["Two"]),
        ("Emergencies / Critical System Failure / Investigation (5-15 minutes)", 5, ["Two"]),
        ("Emergencies > Investigation", 5, ["Two"]),
        ("Investigation", 5, ["Two"]),
        ("Critical System Failure / Immediate Actions", 3, ["One"]),
        ("Memory / Swap Exhaustion", 7, ["Three"]),
        ("Emergencies", 1, ["One", "Two", "Three", "Four", "Five"]),
    ],
)
def test_found(runbook: Runbook, heading: str, line: int, steps: list[str]) -> None:
    procedure = find_procedure(runbook, heading)
    assert (procedure.line, [step.title for step in procedure.steps]) == (line, steps)


def test_unknown_names_the_nearest_and_all(runbook: Runbook) -> None:
    with pytest.raises(InputError) as caught:
        find_procedure(runbook, "Critical Sytem Failure")
    assert caught.value.exit_code == 2
    assert caught.value.path == "book.md"
    assert caught.value.mend == 'did you mean "Critical System Failure"?'
    assert caught.value.expected == 'one of "Critical System Failure", "Memory / Swap Exhaustion", "Twice"'


def test_a_part_of_a_name_is_near(runbook: Runbook) -> None:
    with pytest.raises(InputError) as caught:
        find_procedure(runbook, "swap")
    assert caught.value.mend == 'did you mean "Memory / Swap Exhaustion"?'


@pytest.mark.parametrize("heading", ["Nothing of the kind", "", " / ", "Contacts"])
def test_unknown_with_nothing_near(runbook: Runbook, heading: str) -> None:
    with pytest.raises(InputError, match="no procedure called"):
        find_procedure(runbook, heading)


def test_a_section_without_steps_is_no_procedure(runbook: Runbook) -> None:
    with pytest.raises(InputError) as caught:
        find_procedure(runbook, "Critical System Failure / Contacts")
    assert "Contacts" not in (caught.value.expected or "")


@pytest.mark.parametrize(("heading", "lines"), [("Immediate Actions", (3, 8)), ("Twice", (10, 12))])
def test_ambiguous_names_all_with_their_lines(runbook: Runbook, heading: str, lines: tuple[int, int]) -> None:
    with pytest.raises(InputError) as caught:
        find_procedure(runbook, heading)
    assert caught.value.line == lines[0]
    assert all(f"(line {line})" in (caught.value.got or "") for line in lines)


def test_a_document_without_steps() -> None:
    with pytest.raises(InputError) as caught:
        find_procedure(parse_runbook(b"# Only words\n", "book.md"), "Only words")
    assert caught.value.expected == "a section that holds steps; this runbook has none"


def test_many_names_are_cut() -> None:
    document = "".join(f"## Failure of part {number}\n1. Run\n" for number in range(60))
    with pytest.raises(InputError, match="no procedure called") as caught:
        find_procedure(parse_runbook(document.encode(), "book.md"), "zzz")
    assert (caught.value.expected or "").endswith("and 10 more")
