"""What a document says to ignore, and for how far."""

from drillbook.checks import Finding, Selection, check_document

REASON = "the step is meant to be watched by a person"


def findings(document: str) -> tuple[Finding, ...]:
    return check_document(document.encode(), "runbook.md", Selection(select=("RB020", "RB099")))


def document(*before: str) -> str:
    lines = (*before, "```bash", "date", "watch date", "```", "", "```bash", "watch uptime", "```")
    return "## Web is slow\n\n1. **Look**\n\n" + "\n".join(f"   {line}" for line in lines) + "\n"


def test_it_holds_for_the_whole_block_that_comes_next_and_no_further() -> None:
    assert [each.line for each in findings(document())] == [7, 11]
    assert [each.line for each in findings(document(f"<!-- drillbook-ignore RB020: {REASON} -->", ""))] == [13]


def test_it_holds_for_the_rules_that_it_names_alone() -> None:
    named = document(f"<!-- drillbook-ignore RB001, RB020: {REASON} -->")
    other = document(f"<!-- drillbook-ignore RB021: {REASON} -->")
    assert len(findings(named)) == 1
    assert len(findings(other)) == 2


def test_without_a_reason_nothing_is_ignored() -> None:
    found = findings(document("<!-- drillbook-ignore RB020 -->"))
    assert [each.rule for each in found] == ["RB099", "RB020", "RB020"]


def test_within_a_block_it_is_text() -> None:
    text = document().replace("date\n   watch", f"# <!-- drillbook-ignore RB020: {REASON} -->\n   watch", 1)
    assert [each.line for each in findings(text)] == [7, 11]
