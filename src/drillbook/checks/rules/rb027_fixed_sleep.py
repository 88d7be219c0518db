"""RB027: a fixed time is waited for, whatever the system does meanwhile."""

import re
from collections.abc import Iterator, Sequence

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, CommandView, View

_TRAFFIC = re.compile(r"\bload|traffic|\b(?:k6|wrk|hey|vegeta|locust)\b|let (?:it|them) run|sampl", re.IGNORECASE)


def _check(view: View) -> Iterator[Finding]:
    calls = [call for call in view.calls if not call.call.place.substitution]
    places = {command: place for place, command in enumerate(view.commands)}
    for index, call in enumerate(calls):
        place = call.call.place
        if call.name != "sleep" or call.in_pod or not call.arguments or place.loop or place.background:
            continue
        duration = " ".join(word.value for word in call.arguments)
        if duration == "infinity" or _samples(calls, index) or _lets_run(calls, index):
            continue
        if _measures(view, places[call.command]):
            continue
        yield RULE.at(
            call.spot,
            f"after {duration}{' s' if duration.isdecimal() else ''} nobody knows whether it is so far: "
            "under load it takes longer",
            suggestion="wait for the state itself, with a limit: kubectl wait --for=… --timeout=…",
            severity=Severity.NOTE if _is_followed_by_a_wait(calls, index) else None,
        )


def _samples(calls: Sequence[CallView], index: int) -> bool:
    """Whether the same call stands before and after it, to compare two moments."""
    if not 0 < index < len(calls) - 1:
        return False
    before, after = calls[index - 1], calls[index + 1]
    return [word.value for word in before.call.words] == [word.value for word in after.call.words]


def _measures(view: View, place: int) -> bool:
    """Whether variables take the same value before and after it, as for a rate."""
    if not 0 < place < len(view.commands) - 1:
        return False
    before, after = (_values_set(view.commands[each]) for each in (place - 1, place + 1))
    return bool(before) and before == after


def _values_set(command: CommandView) -> list[str]:
    return [each.value.text for call in command.syntax.calls for each in call.assignments if each.value]


def _lets_run(calls: Sequence[CallView], index: int) -> bool:
    """Whether time passes on purpose, for traffic that is to be measured."""
    command = calls[index].command.command
    said = [comment.text for comment in (*command.comments_before, *command.comments_behind)]
    before = [word.value for word in calls[index - 1].call.words] if index else []
    return any(_TRAFFIC.search(each) for each in (*said, *before))


def _is_followed_by_a_wait(calls: Sequence[CallView], index: int) -> bool:
    if index + 1 >= len(calls):
        return False
    call = calls[index + 1]
    kubectl = call.kubectl
    waits = kubectl is not None and (kubectl.verb == "wait" or kubectl.subverb == "status")
    return waits or call.call.place.loop in ("while", "until")


RULE = Rule(
    id="RB027",
    name="fixed-sleep",
    severity=Severity.WARNING,
    reason="A fixed time is too short under load, and wasted where it is too long.",
    trips="""\
## Start again

1. **Restart**

   ```bash
   kubectl rollout restart deployment/web -n shop
   sleep 30
   curl --fail --max-time 5 http://web.shop/health
   ```
""",
    passes="""\
## Start again

1. **Restart**

   ```bash
   kubectl rollout restart deployment/web -n shop
   kubectl rollout status deployment/web -n shop --timeout=120s
   for try in 1 2 3 4 5; do curl --fail --max-time 5 http://web.shop/health && break; sleep 2; done
   kubectl top pods -n shop
   sleep 60
   kubectl top pods -n shop
   ```
""",
    check=_check,
)
