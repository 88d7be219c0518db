"""RB064: whether a command is to be run is left to the responder's feeling."""

import re
from collections.abc import Iterator

from drillbook.checks.changes import changes
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CommandView, View
from drillbook.runbook import Step

_VAGUE = re.compile(
    r"\b(?:(?:if|where|when|whenever|as|unless) (?:it is |it's |this is |that is |deemed )?(?:un|in)?"
    r"(?:possible|safe|needed|necessary|required|appropriate|applicable|available|feasible|desired|sensible|practical)"
    r"|if in doubt|if you (?:feel|think|want|like)|at your (?:own )?discretion|use (?:your )?(?:best )?judge?ment)\b"
    # What follows may say when that is: "if needed, that is when …", "if available in the cluster".
    r"(?=[\W_]*$)",
    re.IGNORECASE,
)
_TESTS = frozenset({"test", "[", "[["})


def _check(view: View) -> Iterator[Finding]:
    for command in view.commands:
        for comment in command.command.comments_before:
            found = _VAGUE.search(comment.text)
            if found is not None and not _decides_itself(command):
                yield _at(view, comment.line, found[0], changes_something=any(map(changes, command.calls)))
    for procedure in view.runbook.procedures:
        for step in procedure.steps:
            found = _VAGUE.search(step.title)
            if found is not None:
                yield _at(view, step.line, found[0], changes_something=_changes(view, step))


def _at(view: View, line: int, words: str, *, changes_something: bool) -> Finding:
    return RULE.at(
        view.line_spot(line, words),
        f"“{words}” leaves it to the responder: two people will do two things here",
        suggestion="say what to look at and which answer means yes, such as the command that shows it",
        severity=Severity.WARNING if changes_something else Severity.NOTE,
    )


def _decides_itself(command: CommandView) -> bool:
    """Whether the command finds out by itself whether it applies."""
    return any(call.call.place.condition or call.name in _TESTS for call in command.calls)


def _changes(view: View, step: Step) -> bool:
    blocks = {block.index for block in step.blocks}
    return any(changes(call) for call in view.calls if call.command.block.index in blocks)


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
