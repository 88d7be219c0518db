"""RB065: a procedure sets things, and does not say how they are set back."""

import re
from collections.abc import Iterator

from drillbook.checks.changes import leaves_a_setting
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View
from drillbook.runbook import Procedure

_GOES_BACK = re.compile(
    r"\bback\b|\broll(?:s|ed|ing)?[ -]?backs?\b|\brevert\w*|\bundo\w*|\brestor(?:e|es|ed|ing)\b|\bback-?out\b|\bre-?enable"
    r"|\bas (?:it was )?before\b|\bprevious (?:value|state|version|revision|release)|\boriginal\b|\bpermanent\w*",
    re.IGNORECASE,
)


def _check(view: View) -> Iterator[Finding]:
    if any(_GOES_BACK.search(heading.title) for heading in view.runbook.headings):
        return
    for procedure in view.runbook.procedures:
        first = next((call for call in view.calls_in(view.lines_of(procedure)) if leaves_a_setting(call)), None)
        if first is None or _says_how(view, procedure):
            continue
        yield RULE.at(
            view.line_spot(procedure.line, procedure.title),
            f"this procedure changes what stays changed (line {first.spot.line}), and does not say how to take that back",
            suggestion="save the state before, and add the step that puts it back",
        )


def _says_how(view: View, procedure: Procedure) -> bool:
    return any(_GOES_BACK.search(view.lines[line - 1]) for line in view.lines_of(procedure))


RULE = Rule(
    id="RB065",
    name="no-rollback",
    severity=Severity.NOTE,
    reason="A change that does not help has to be taken back, and nobody invents the way in an incident.",
    trips="""\
## Memory is short

1. **Raise the limit**

   ```bash
   kubectl set resources deployment/web -n shop --limits=memory=2Gi
   ```
""",
    passes="""\
## Memory is short

1. **Raise the limit**

   ```bash
   kubectl set resources deployment/web -n shop --limits=memory=2Gi
   ```

2. **Take it back if that does not help**

   ```bash
   kubectl rollout undo deployment/web -n shop
   ```

## Web hangs

1. **Start it anew**

   ```bash
   kubectl rollout restart deployment/web -n shop
   ```
""",
    check=_check,
)
