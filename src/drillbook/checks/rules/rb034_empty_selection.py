"""RB034: a selection by label that matches nothing and is taken for a success."""

import re
from collections.abc import Iterator

from drillbook.checks.kubectl import Kubectl
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.outcome import around, mentioned_later, pipelines, status_is_used, written_file
from drillbook.checks.view import CallView, View

_VERIFIES = re.compile(r"\b(?:verif\w*|confirm\w*|ensure|make sure)\b", re.IGNORECASE)
_LOOP_HEAD = re.compile(r"\bfor\s+\w+\s+in\s[^;]*$")


def _check(view: View) -> Iterator[Finding]:
    seen: set[tuple[int, str]] = set()  # what a person has read already in this procedure
    for call, kubectl in view.kubectl:
        selector = kubectl.selector or kubectl.arguments.text("--field-selector")
        if not selector or call.in_pod or kubectl.dry_run or kubectl.watches:
            continue
        place = call.call.place
        key = (call.command.procedure_line, selector)
        what = _what_happens(view, call, kubectl)
        if what and (key not in seen or status_is_used(call)):
            yield RULE.at(
                call.spot,
                f"if “{selector}” matches nothing, {what}",
                suggestion="test that there is something first: "
                f'test -n "$(kubectl get {" ".join(kubectl.kinds) or "pods"} -l … -o name)"',
                severity=Severity.WARNING if status_is_used(call) else None,
            )
        if kubectl.verb in ("get", "describe") and not place.substitution and place.stages == 1:
            seen.add(key)


def _what_happens(view: View, call: CallView, kubectl: Kubectl) -> str:
    """What follows from an empty answer, "" where it is noticed."""
    place = call.call.place
    if kubectl.verb == "delete":
        ignored = kubectl.arguments.has("--ignore-not-found")
        return "" if ignored or place.substitution else "this deletes nothing and exits 0"
    asks_for_one = "items[" in kubectl.arguments.text("-o", "--output").replace("items[*]", "")  # fails without
    if kubectl.verb != "get" or kubectl.arguments.has("--ignore-not-found") or asks_for_one:
        return ""
    if _is_looped_over(view, call):
        file = written_file(call.command)
        noticed = file and mentioned_later(view, call.command, file)
        return "" if noticed else "the loop does nothing and exits 0"
    if place.substitution or not place.last_stage:
        return ""
    if status_is_used(call) and place.stages == 1:
        return "this exits 0 all the same, and what hangs on it goes on"
    return "this exits 0 all the same, and nothing is verified" if _is_the_verdict(call) else ""


def _is_looped_over(view: View, call: CallView) -> bool:
    place = call.call.place
    if place.substitution:
        line = view.lines[call.spot.line - 1]
        return around(call) is None and _LOOP_HEAD.search(line[: call.spot.column - 1]) is not None
    behind = [
        each
        for calls in pipelines(call.command)
        for each in calls
        if each.call.place.pipeline == place.pipeline and each.call.place.stage > place.stage
    ]
    return any(each.name == "read" and each.call.place.condition for each in behind)


def _is_the_verdict(call: CallView) -> bool:
    """Whether it is the last command of a step that is there to verify something."""
    step = call.command.step
    said = [comment.text for comment in call.command.command.comments_before]
    verifies = any(_VERIFIES.search(each) for each in (step.title if step else "", *said))
    return verifies and call.command.command is call.command.block.commands[-1]


RULE = Rule(
    id="RB034",
    name="empty-selection",
    severity=Severity.NOTE,
    reason="A selector that matches nothing is no failure to kubectl, so a typing error in it looks like a success.",
    trips="""\
## The caches are full

1. **Empty them**

   ```bash
   for pod in $(kubectl get pods -n shop -l app=web -o name); do
     kubectl exec -n shop "$pod" -- ./clear-cache
   done
   ```

2. **Verify the gateway**

   ```bash
   if kubectl get pods -n shop -l app=gateway; then echo "the gateway is there"; fi
   ```
""",
    passes="""\
## The caches are full

1. **Empty them**

   ```bash
   kubectl get pods -n shop -l app=web
   for pod in $(kubectl get pods -n shop -l app=web -o name); do
     kubectl exec -n shop "$pod" -- ./clear-cache
   done
   ```

2. **Verify the gateway**

   ```bash
   test -n "$(kubectl get pods -n shop -l app=gateway -o name)"
   kubectl wait pods -n shop -l app=gateway --for=condition=Ready --timeout=60s
   ```
""",
    check=_check,
)
