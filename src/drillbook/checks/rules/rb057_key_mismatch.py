"""RB057: an incident is closed by a key that none was opened by."""

import re
from collections.abc import Iterator

from drillbook.checks.events import IncidentKey
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

# Another value each time that it is carried out; a date without the time of day is not.
_NEW_EACH_TIME = re.compile(r"(?:\$\(|`)\s*(?:uuidgen\b|date\b(?:[^)`]*%[sSMNTR]|[^)`+]*[)`]))")
_EXPANDS = re.compile(r"\$[\w({]|`")


def _check(view: View) -> Iterator[Finding]:
    keys = view.trail.of(IncidentKey)
    opened = [each for each in keys if each.opens]
    for closed in keys:
        if closed.opens or not opened or any(_may_be_same(each, closed) for each in opened):
            continue
        line = opened[-1].spot.line
        yield RULE.at(
            closed.spot,
            f"“{closed.key}” is not the key that line {line} opened the incident by, so it stays open",
            suggestion=f"keep the key of line {line} in a file when the incident is opened, and read it here",
        )


def _may_be_same(opened: IncidentKey, closed: IncidentKey) -> bool:
    if _NEW_EACH_TIME.search(closed.key):
        return False
    if _EXPANDS.search(closed.key):
        return True
    if _NEW_EACH_TIME.search(opened.key):
        return False
    return opened.key == closed.key or _EXPANDS.search(opened.key) is not None


RULE = Rule(
    id="RB057",
    name="key-mismatch",
    severity=Severity.ERROR,
    reason="An incident is closed only by the key that it was opened by.",
    trips="""\
## Call for help

1. **Open an incident**

   ```bash
   pagerduty-trigger --incident-key=web-$(date +%s) --description="Web is down"
   ```

2. **Close it**

   ```bash
   pagerduty-resolve --incident-key=web-NUMBER
   ```
""",
    passes="""\
## Call for help

1. **Open an incident**

   ```bash
   date +web-%s > incident/key
   pagerduty-trigger --incident-key="$(cat incident/key)" --description="Web is down"
   ```

2. **Close it**

   ```bash
   pagerduty-resolve --incident-key="$(cat incident/key)"
   ```
""",
    check=_check,
)
