"""RB064: whether a command is to be run is left to the responder's feeling."""

import re
from collections.abc import Iterator

from drillbook.checks.changes import changes
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.orders import is_order
from drillbook.checks.view import CommandView, View
from drillbook.runbook import Step

_STATE = "possible|safe|needed|necessary|required|appropriate|applicable|available|feasible|desired|sensible|practical"
_VAGUE = re.compile(
    rf"\b(?:(?:if|where|when|whenever|unless) (?:(?:it|this|that) is |deemed )?(?:{_STATE})"
    r"|as (?:needed|appropriate)|if in doubt|if you (?:feel|think|like)"
    r"|at your (?:own )?discretion|use (?:your )?(?:best )?judge?ment)\b"
    # What follows may say when that is: "if needed, that is when …", "if available in the cluster".
    r"(?=[\W_]*$)",
    re.IGNORECASE,
)
_WHEN = re.compile(r"\b(?:if|when|unless)\b", re.IGNORECASE)
_TESTS = frozenset({"test", "[", "[["})
_TITLE_WORDS = 8  # a longer one tells more than a title


def _check(view: View) -> Iterator[Finding]:
    if not view.commands:  # no runbook, but a policy
        return
    for command in view.commands:
        for comment in command.command.comments_before:
            found = _VAGUE.search(comment.text)
            if found is not None and not _decides_itself(command) and any(map(changes, command.calls)):
                yield _at(view, comment.line, found[0], Severity.WARNING)
    for procedure in view.runbook.procedures:
        for step in procedure.steps:
            found = _VAGUE.search(step.title)
            severity = _severity(view, step)
            if found is not None and severity is not None and not _is_explained(step):
                named = step.title == step.phase.title  # a step without a title has that of its section
                yield _at(view, step.phase.line if named else step.line, found[0], severity)


def _at(view: View, line: int, words: str, severity: Severity) -> Finding:
    return RULE.at(
        view.line_spot(line, words),
        f"“{words}” leaves it to the responder: two people will do two things here",
        suggestion="say what to look at and which answer means yes, such as the command that shows it",
        severity=severity,
    )


def _is_explained(step: Step) -> bool:
    """Whether its own words say when that is: "Roll back if needed", and below "if users still see errors: …"."""
    comments = (comment.text for block in step.blocks for comment in block.comments)
    said = (*(prose.text for prose in step.prose), *comments)
    return any(_WHEN.search(text) and not _VAGUE.search(text) for text in said)


def _severity(view: View, step: Step) -> Severity | None:
    """What harm a vague title does: none where the commands only look."""
    if not step.commands:
        short = len(step.title.split()) <= _TITLE_WORDS
        return Severity.NOTE if short and is_order(step.title) else None
    return Severity.WARNING if any(map(changes, view.calls_of(step))) else None


def _decides_itself(command: CommandView) -> bool:
    """Whether the command finds out by itself whether it applies."""
    return any(call.call.place.condition or call.name in _TESTS for call in command.calls)


RULE = Rule(
    id="RB064",
    name="vague-condition",
    severity=Severity.WARNING,
    reason="In an incident nobody can tell what “if possible” means, and everybody thinks something else.",
    trips="""\
## Web is slow

1. **Make room**

   ```bash
   # Empty the cache if possible
   kubectl exec -n shop deployment/web -- curl --fail --max-time 5 -X POST http://localhost:8080/cache/clear
   ```

2. **Train people as needed**
""",
    passes="""\
## Web is slow

1. **Make room**

   ```bash
   # Empty the cache if more than 80 % of it is used
   kubectl exec -n shop deployment/web -- curl --fail --max-time 5 -X POST http://localhost:8080/cache/clear
   # Restore the copy if available
   [ ! -f copy.json ] || kubectl replace -n shop -f copy.json
   ```
""",
    check=_check,
)
