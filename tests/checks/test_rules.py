"""Every rule trips on its own example and passes its other one."""

from pathlib import Path

import pytest

from drillbook.checks import RULES, Finding, Rule, Selection, check_document

RECEIVED = Path(__file__).parents[3] / "shared" / "runbook" / "emergency-procedures.md"


def findings(rule: Rule, document: str) -> tuple[Finding, ...]:
    return check_document(document.encode(), "runbook.md", Selection(select=(rule.id,)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_first_example_trips_and_the_other_one_passes(rule: Rule) -> None:
    found = findings(rule, rule.trips)
    assert {each.rule for each in found} == {rule.id}
    assert not findings(rule, rule.passes)
    lines = rule.trips.splitlines()
    for each in found:
        assert 1 <= each.line <= each.end_line <= len(lines)
        assert 1 <= each.column <= len(lines[each.line - 1]) + 1
        assert each.message
        assert (each.line, each.column) < (each.end_line, each.end_column)


def test_ids_and_names_are_unique_and_in_order() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.reason.endswith(".") and "\n" not in rule.reason for rule in RULES)
    modules = {rule.id: rule.check.__module__.rpartition(".")[2] for rule in RULES}
    assert modules == {rule.id: f"{rule.id.lower()}_{rule.name.replace('-', '_')}" for rule in RULES}


@pytest.mark.skipif(not RECEIVED.is_file(), reason="the runbook as received is not beside this checkout")
@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("RB001", []),
        ("RB002", []),
        ("RB003", [276, 277, 290, 293]),
        ("RB004", [163, 193]),
        ("RB005", []),
        ("RB006", []),
        ("RB007", []),
        ("RB008", []),
        ("RB009", []),
        ("RB010", []),
        ("RB011", []),
        ("RB012", [208, 266, 267, 290]),
        ("RB013", []),
        ("RB020", [130, 309]),
        ("RB021", []),
        ("RB022", []),
        ("RB023", []),
        ("RB024", [202]),
        ("RB025", []),
        ("RB026", [37, 50, 115, 133, 172, 175, 236, 239, 245, 248, 276, 303]),
        ("RB027", []),
        ("RB030", [40, 133, 303]),
        ("RB031", [111, 160, 226, 245]),
        ("RB032", [37, 115, 236, 239]),
        ("RB033", [115, 236, 239, 245, 248, 276]),
        ("RB034", [160]),
        ("RB035", [59]),
        ("RB036", []),
        ("RB042", [160]),
        ("RB044", [151, 211]),
        ("RB046", [236, 239, 245, 248]),
        ("RB047", [56, 111, 112, 190, 226, 227, 230]),
        ("RB048", [56, 230]),
        ("RB050", []),
        ("RB052", [46, 306]),
        ("RB053", []),
        ("RB056", [163, 193]),
        ("RB057", [293]),
        ("RB058", [318]),
        ("RB059", [67, 70, 73, 199, 202, 211, 315, 318]),
        ("RB060", [25, 26]),
        ("RB061", [283, 284, 285]),
        ("RB062", []),
        ("RB063", [323, 331]),
        ("RB064", [114, 159, 247, 334]),
        ("RB065", [99, 136, 178]),
        ("RB066", [1]),
    ],
)
def test_lines_found_in_the_runbook_as_received(rule: str, lines: list[int]) -> None:
    found = check_document(RECEIVED.read_bytes(), "runbook.md", Selection(select=(rule,)))
    assert [each.line for each in found] == lines


def test_the_projects_own_runbook_has_none_above_note() -> None:
    own = Path(__file__).parents[2] / "runbooks" / "emergency-procedures.md"
    assert [each for each in check_document(own.read_bytes(), str(own)) if each.severity != "note"] == []
