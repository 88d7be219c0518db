"""RB057: an incident is closed by a key that none was opened by."""

import re
from collections.abc import Iterator

from drillbook.checks.events import IncidentKey
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View

_RUNS = re.compile(r"\$\([^(]|`")  # what is run anew each time that it is written
_VARIABLE = re.compile(r"\$\{?\w")


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
    runs = _RUNS.search(opened.key) or _RUNS.search(closed.key)
    if runs:
        # The clock has moved on, and what was run to make the key gives another one.
        return not _is_clock(opened.key, closed.key)
    if _VARIABLE.search(opened.key) or _VARIABLE.search(closed.key):
        return True
    return opened.key == closed.key


def _is_clock(opened: str, closed: str) -> bool:
    """Whether one is made of the time, and the other not read from somewhere."""
    made = re.compile(r"(?:\$\(|`)\s*(?:date|uuidgen)\b")
    if made.search(opened):
        return made.search(closed) is not None or "$" not in closed.replace("`", "$")
    return made.search(closed) is not None


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
