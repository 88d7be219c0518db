"""RB025: a loop that nothing ends."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity, Spot
from drillbook.checks.view import CommandView, View

_LEAVES = frozenset({"break", "exit", "return", "exec", "kill"})
_ALWAYS = {"while": frozenset({"true", ":"}), "until": frozenset({"false"})}
_IDLE = frozenset({"sleep", "echo", "printf", "date", "true", ":"})
_ENDLESS_FOR = re.compile(r"(?:^|[\s;])for[ \t]*\(\([ \t]*;[ \t]*;")


def _check(view: View) -> Iterator[Finding]:
    for command in view.commands:
        calls = command.syntax.calls
        if any(call.name in _LEAVES or call.place.background or call.place.function for call in calls):
            continue
        spot = _endless(command)
        if spot is not None:
            yield RULE.at(
                spot,
                "nothing ends this loop: what follows is never reached",
                suggestion="count the rounds: for round in 1 2 3 4 5; do …; done",
            )
            continue
        spot = _waits(command)
        if spot is not None:
            yield RULE.at(
                spot,
                "this loop waits for as long as it takes: if the condition is never met, it never ends",
                suggestion="bound it: timeout 60 bash -c 'until …; do sleep 1; done'",
            )


def _endless(command: CommandView) -> Spot | None:
    """The condition that always holds."""
    conditions = [call for call in command.syntax.calls if call.place.condition]
    for call in conditions:
        alone = not call.place.previous and call.place.operator not in ("&&", "||") and call.place.stages == 1
        if alone and not call.place.negated and call.name in _ALWAYS.get(call.place.loop, ()):
            return call.spot
    if _ENDLESS_FOR.match(command.command.text):
        return command.spot
    return None


def _waits(command: CommandView) -> Spot | None:
    """The condition of an until that does nothing but wait; a test may hold a count."""
    waits = [call for call in command.syntax.calls if call.place.loop == "until"]
    if not command.command.text.startswith("until"):
        return None
    conditions = [call for call in waits if call.place.condition]
    body = [call for call in waits if not call.place.condition and not call.place.substitution]
    names = {call.name for call in conditions}
    if (
        not conditions
        or not body
        or names & {"[", "[[", "test", "((", "timeout", ""}
        or any(call.name not in _IDLE or call.assignments for call in body)
    ):
        return None
    return conditions[0].spot


RULE = Rule(
    id="RB025",
    name="unbounded-loop",
    severity=Severity.WARNING,
    reason="A loop that nothing ends hangs the procedure.",
    trips="""\
## Wait

1. **Look again and again**

   ```bash
   while true; do
     kubectl get pods -n shop
     sleep 5
   done
   ```
""",
    passes="""\
## Wait

1. **Look again and again**

   ```bash
   for look in 1 2 3; do
     kubectl get pods -n shop
     sleep 5
   done
   while true; do
     kubectl get pods -n shop | grep Running && break
     sleep 5
   done
   ```
""",
    check=_check,
)
