"""RB042: something is deleted by force, without the time to end by itself."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

# Force is the way to be rid of what does not end by itself; the risk is the same, but the author knows why.
_STUCK = re.compile(r"\b(?:stuck|terminating|unresponsive)\b", re.IGNORECASE)


def _check(view: View) -> Iterator[Finding]:
    for call, kubectl in view.kubectl:
        arguments = kubectl.arguments
        if kubectl.verb != "delete" or kubectl.dry_run:
            continue
        if not arguments.has("--force") or arguments.text("--force") == "false":
            continue
        what = kubectl.kinds[0] if kubectl.kinds and kubectl.kinds[0] else "object"
        yield RULE.at(
            kubectl.spot,
            f"this kills without warning: the {what} has no time to finish and save, and may go on running unseen",
            suggestion="leave out --force and --grace-period=0; force only what does not end by itself",
            severity=Severity.NOTE if _STUCK.search(_said(view, call)) else None,
        )


def _said(view: View, call: CallView) -> str:
    """The document's title and the words around a command: of its comments, its step and its procedure."""
    command = call.command
    titles = [view.runbook.title, *(each.title for each in (command.step, command.procedure) if each)]
    comments = (*command.command.comments_before, *command.command.comments_behind)
    return "\n".join([*titles, *(comment.text for comment in comments)])


RULE = Rule(
    id="RB042",
    name="forced-delete",
    severity=Severity.WARNING,
    reason="A forced delete gives no time to finish requests and save data, and does not wait for the end.",
    trips="""\
## Web hangs

1. **Start it anew**

   ```bash
   kubectl delete pods -n shop -l app=web --force --grace-period=0
   ```
""",
    passes="""\
## Web hangs

1. **Start it anew**

   ```bash
   kubectl delete pods -n shop -l app=web --timeout=60s
   kubectl rollout restart deployment/web -n shop
   ```
""",
    check=_check,
)
