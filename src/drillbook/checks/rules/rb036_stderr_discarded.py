"""RB036: what a command says about its failure is thrown away."""

import re
from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.model import Finding, Rule, Severity, Spot
from drillbook.checks.outcome import REMOTE, TESTS, around
from drillbook.checks.shell import Call
from drillbook.checks.view import CallView, View

# Their complaints are about files that may not be read, or there is an answer in the status.
_COMPLAIN = words(
    "find ls du grep egrep zgrep stat df lsof fuser which type command hash kill pkill pgrep wait exec umount rm cat ss"
)
_STANDARD_ERROR = 2
_SOON = 30  # lines
_SWALLOWS = frozenset({"true", ":"})
_MAY_BE_GONE = words("delete create rm stop uninstall add")


def _check(view: View) -> Iterator[Finding]:
    for command in view.commands:
        for call in command.calls:
            spot = _discarded(call.call)
            if spot is None or call.in_pod or _COMPLAIN & {call.name, call.call.name} or _is_tested(view, call):
                continue
            remote = call.kubectl is not None or call.name in REMOTE
            unseen = remote and (_is_swallowed(call) or not call.call.place.last_stage)
            yield RULE.at(
                spot,
                f"if {call.name or 'this'} fails, nobody learns why" + (", nor that it did" if unseen else ""),
                suggestion="leave out the redirection, or send it to a file: 2> incident/errors.txt",
                severity=Severity.WARNING if unseen else None,
            )


def _discarded(call: Call) -> Spot | None:
    """The redirection that throws the standard error away."""
    out = False  # the standard output is thrown away so far
    for each in call.redirects:
        nowhere = each.target is not None and each.target.value == "/dev/null"
        if nowhere and (each.operator in ("&>", "&>>") or each.descriptor == _STANDARD_ERROR):
            return each.spot
        joins = each.operator == ">&" and each.descriptor == _STANDARD_ERROR
        if out and joins and each.target is not None and each.target.value == "1":
            return each.spot
        out = out or (nowhere and each.descriptor in (None, 1))
    return None


def _is_tested(view: View, call: CallView) -> bool:
    """Whether somebody looks whether it failed."""
    place = call.call.place
    if place.background or place.condition or place.negated or place.operator == "&&":
        return True
    if place.operator == "||" and not _is_swallowed(call):
        return True
    if not place.substitution:
        return False
    asker = around(call)
    return (asker is not None and asker.name in TESTS) or _value_is_tested(view, call)


def _value_is_tested(view: View, call: CallView) -> bool:
    """Whether the variable that holds its answer is looked at soon after."""
    holders = (each for other in call.command.syntax.calls for each in other.assignments)
    names = [each.name for each in holders if each.value is not None and each.value.spot.holds(call.call.spot)]
    text = "\n".join(view.lines[call.spot.line - 1 : call.spot.line + _SOON])
    return any(re.search(rf"(?:\[|\btest\b|\bcase\b)[^\n]*\$\{{?{name}\b|\$\{{{name}:?[-=?+]", text) for name in names)


def _is_swallowed(call: CallView) -> bool:
    """Whether "|| true" follows, and what it does need not have been there to be undone."""
    if call.call.place.operator != "||" or any(word.value in _MAY_BE_GONE for word in call.call.words):
        return False
    calls = call.command.syntax.calls
    at = next(index for index, each in enumerate(calls) if each is call.call)
    following = next((each for each in calls[at + 1 :] if each.place.previous == "||"), None)
    return following is not None and following.name in _SWALLOWS


RULE = Rule(
    id="RB036",
    name="stderr-discarded",
    severity=Severity.NOTE,
    reason="Why a command failed stands in its standard error alone.",
    trips="""\
## Web is down

1. **Look**

   ```bash
   kubectl get service web -n shop 2>/dev/null
   kubectl top pods -n shop 2>/dev/null || true
   ```
""",
    passes="""\
## Web is down

1. **Look**

   ```bash
   kubectl get service web -n shop
   if ! kubectl get namespace shop >/dev/null 2>&1; then echo "no namespace"; fi
   address=$(kubectl get service web -n shop -o jsonpath='{.spec.clusterIP}' 2>/dev/null)
   test -n "$address"
   find /var/log -name 'web*' 2>/dev/null
   ```
""",
    check=_check,
)
