"""An edit makes its finding go, is one where the rule's example trips, and leaves alone what it cannot mend."""

import pytest

from drillbook.checks import RULES, Finding, Rule, Selection, check_document
from drillbook.checks.checked import Checked
from drillbook.checks.formats import text
from drillbook.checks.replacements import _MAKERS

EDITED = [rule for rule in RULES if rule.id in _MAKERS]


def findings(document: str, rule: str) -> tuple[Finding, ...]:
    return check_document(document.encode(), "runbook.md", Selection(select=(rule,)))


def after(line: str, rule: str) -> str | None:
    """The line as its only finding would have it."""
    (found,) = findings(f"```bash\n{line}\n```\n", rule)
    return found.replacement.applied_to(line) if found.replacement else None


@pytest.mark.parametrize("rule", EDITED, ids=lambda rule: rule.id)
def test_an_edit_mends_what_it_is_for(rule: Rule) -> None:
    document, identity = rule.trips, rule.id
    for _ in range(len(findings(document, identity))):
        edit = findings(document, identity)[0].replacement
        assert edit is not None
        lines = document.split("\n")
        lines[edit.line - 1] = edit.applied_to(lines[edit.line - 1])
        document = "\n".join(lines)
    assert findings(document, identity) == ()


def test_every_edit_is_of_a_rule_that_exists() -> None:
    assert set(_MAKERS) == {rule.id for rule in EDITED}


@pytest.mark.parametrize(
    ("rule", "line", "edited"),
    [
        ("RB012", 'slack-notify #ops "it is down"', "slack-notify '#ops' \"it is down\""),
        ("RB012", "slack-notify #ops \"it's down", None),
        ("RB022", "kubectl exec -it -n a web-0 -- ps", "kubectl exec -n a web-0 -- ps"),
        ("RB022", "cat x | kubectl exec -it -n a web-0 -- sort", "cat x | kubectl exec -i -n a web-0 -- sort"),
        ("RB022", "kubectl exec -it -n a web-0 -- sort < x", "kubectl exec -i -n a web-0 -- sort < x"),
        ("RB022", "kubectl exec -itn a web-0 -- ps", None),
        ("RB026", "sudo curl -f http://a/b", "sudo curl --max-time 5 -f http://a/b"),
        ("RB042", "kubectl delete pod a -n b --force --grace-period=0", "kubectl delete pod a -n b"),
        ("RB042", "kubectl delete --force pod a -n b --grace-period 0", "kubectl delete pod a -n b"),
        ("RB042", "kubectl delete --force pod a -n b", "kubectl delete pod a -n b"),
        ("RB045", "ls | xargs -n 1 rm", "ls | xargs -r -n 1 rm"),
    ],
)
def test_a_line_and_what_it_becomes(rule: str, line: str, edited: str | None) -> None:
    assert after(line, rule) == edited


def test_text_shows_the_line_as_it_could_be_only_if_it_is_asked_to() -> None:
    document = "```bash\nls | xargs rm\n```\n"
    checked = Checked(path="a.md", lines=tuple(document.split("\n")), findings=findings(document, "RB045"))
    assert "  - 2 | ls | xargs rm\n  + 2 | ls | xargs -r rm\n" in "".join(text.render([checked], with_edits=True))
    assert "xargs -r rm" not in "".join(text.render([checked]))
