"""Findings that a document says to ignore."""

import pytest

from drillbook.checks import Selection, check_document

BLOCK = "\n```bash\nkubectl delete pod $pod\nkubectl delete service $service\n```\n"
OTHER = "\n```bash\nkubectl delete node $node\n```\n"


def found(comment: str, rule: str = "RB008") -> list[str]:
    document = f"## Web\n\n{comment}\n{BLOCK}{OTHER}"
    return [each.message.split("”")[0] for each in check_document(document.encode(), "x.md", Selection(select=(rule,)))]


def test_the_whole_block_below_is_ignored_and_no_other() -> None:
    assert found("<!-- drillbook-ignore RB008: the shell has them -->") == ["“$node"]


def test_several_rules_and_several_comments_hold_for_the_same_block() -> None:
    assert found("<!-- drillbook-ignore RB009, RB008: set -->") == ["“$node"]
    assert found("<!-- drillbook-ignore RB008: set -->\n<!-- drillbook-ignore RB040: one -->") == ["“$node"]


@pytest.mark.parametrize("body", ["RB008", "RB008:", "all: it is so", "RB009: another rule"])
def test_without_the_id_and_a_reason_nothing_is_ignored(body: str) -> None:
    assert found(f"<!-- drillbook-ignore {body} -->") == ["“$pod", "“$service", "“$node"]


def test_a_comment_that_ignores_nothing_is_a_finding() -> None:
    assert found("<!-- drillbook-ignore RB008 -->", "RB099") == [
        "this comment ignores nothing: it needs the rule's id and a reason"
    ]
    assert found("<!-- drillbook-ignore RB008: it is set -->", "RB099") == []


def test_in_a_block_it_is_no_comment() -> None:
    document = "## Web\n\n```html\n<!-- drillbook-ignore RB008 -->\n```\n"
    assert check_document(document.encode(), "x.md", Selection(select=("RB099",))) == ()
