"""RB061: something is to be done again and again, and nothing does it."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.orders import is_order
from drillbook.checks.view import View

_LONGEST_S = 3_600.0  # what is rarer than that is no part of an incident
_MARKUP = re.compile(r"^[\s>*_\-+]*(?:\d+[.)]\s*)?[*_\s]*")
_REPEATS = frozenset({"crontab", "at", "systemd-run"})


def _check(view: View) -> Iterator[Finding]:
    if _is_automated(view):
        return
    for cadence in view.runbook.cadences:
        line = view.lines[cadence.line - 1] if cadence.line <= len(view.lines) else ""
        said = _MARKUP.sub("", line, count=1)
        is_to_be_done = said.startswith(cadence.text) or is_order(said)
        if cadence.every_s > _LONGEST_S or not cadence.during or not is_to_be_done:
            continue
        yield RULE.at(
            view.line_spot(cadence.line, cadence.text),
            f"nobody is reminded of this: “{cadence.text}” stands in prose alone, and no command does it or checks it",
            suggestion="give the command that does it, and have it started by a timer when the incident is opened",
        )


def _is_automated(view: View) -> bool:
    for call in view.calls:
        if call.name in _REPEATS:
            return True
        if call.kubectl is not None and "cronjob" in call.kubectl.kinds:
            return True
    return False


RULE = Rule(
    id="RB061",
    name="cadence-without-automation",
    severity=Severity.WARNING,
    reason="In an incident nobody watches the clock, so what is only said to be repeated is not.",
    trips="""\
## Tell the users

1. **Every 15 minutes during an outage**
2. **Hourly during an incident that users do not see**
""",
    passes="""\
## Tell the users

1. **Start the reminders**

   A job in the cluster asks for news every 15 minutes during an outage.

   ```bash
   kubectl create cronjob remind -n shop --image=reminder:1.4 --schedule='*/15 * * * *'
   ```
""",
    check=_check,
)
