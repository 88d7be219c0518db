"""RB063: a list of things to do, none of which comes with a command or tells where it is done."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.orders import is_order
from drillbook.checks.view import View
from drillbook.runbook import Step

_TELLS_WHERE = re.compile(
    r"`|https?://|\]\(|\]\[|[\w.+-]+@[\w-]+\.|(?:^|\s)#[a-z]|\b(?:in|with|via|using) (?:the )?[A-Z]\w+"
)
_LEAST = 2  # one thing to do is a sentence


def _check(view: View) -> Iterator[Finding]:
    if not view.commands:  # no runbook, but a policy
        return
    for steps in _lists(view):
        if len(steps) < _LEAST or any(step.blocks or not _is_bare(view, step) for step in steps):
            continue
        yield RULE.at(
            view.line_spot(steps[0].line),
            f"none of these {len(steps)} steps has a command or says where it is done: nobody can tell whether they were",
            suggestion="give each the command, link or person that does it, and what shows that it is done",
        )


def _lists(view: View) -> Iterator[list[Step]]:
    """The steps of each section."""
    for procedure in view.runbook.procedures:
        by_phase: dict[int, list[Step]] = {}
        for step in procedure.steps:
            by_phase.setdefault(step.phase.line, []).append(step)
        yield from by_phase.values()


def _is_bare(view: View, step: Step) -> bool:
    """Whether a step is a bare order: it says what to do and nothing of how."""
    told = [view.paragraph(step.line), *(prose.text for prose in step.prose)]
    return is_order(step.title) and not any(map(_TELLS_WHERE.search, told))


RULE = Rule(
    id="RB063",
    name="checklist-without-command",
    severity=Severity.NOTE,
    reason="What has neither a command nor a place is ticked off and not done.",
    trips="""\
## Web is down

1. **Start it anew**

   ```bash
   kubectl rollout restart deployment/web -n shop
   ```

### Afterwards

1. **Verify that users are served**
2. **Update the dashboards**
""",
    passes="""\
## Web is down

1. **Start it anew**

   ```bash
   kubectl rollout restart deployment/web -n shop
   ```

### Afterwards

1. **Verify that users are served**

   ```bash
   curl --fail --max-time 5 http://web.shop.svc/health
   ```

2. **Update the dashboards**

### Who decides

1. The engineer on call
2. The team's lead
""",
    check=_check,
)
