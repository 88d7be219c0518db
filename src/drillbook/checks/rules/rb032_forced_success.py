"""RB032: a failure is turned into a success."""

from collections.abc import Iterator, Sequence

from drillbook.checks.arguments import words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.shell import Call
from drillbook.checks.view import View

_SUCCEEDS = frozenset({"true", ":", "echo", "printf"})
_LEAVES = frozenset({"exit", "return"})
_ANSWERS_BY_STATUS = words("grep egrep zgrep diff cmp pgrep test [ [[ read")  # 1 is an answer, no failure


def _check(view: View) -> Iterator[Finding]:
    for command in view.commands:
        calls = command.syntax.calls
        for index, call in enumerate(calls):
            if not _forces(call) or not _ends_its_group(calls, index) or _left(calls, index) in _ANSWERS_BY_STATUS:
                continue
            yield RULE.at(
                call.spot,
                f"with “|| {call.name}” this exits 0 even if the command before it fails: nobody learns of it",
                suggestion=f"leave out “|| {call.name}”, or let it fail after the message: || {{ echo …; exit 1; }}",
            )


def _forces(call: Call) -> bool:
    place = call.place
    if place.previous != "||" or place.stages > 1 or place.substitution or place.condition or place.background:
        return False
    leaves = call.name in _LEAVES and [word.value for word in call.arguments] == ["0"]
    return call.name in _SUCCEEDS or leaves


def _ends_its_group(calls: Sequence[Call], index: int) -> bool:
    """Whether nothing follows in the same braces, such as the exit in { echo …; exit 1; }."""
    following = calls[index + 1] if index + 1 < len(calls) else None
    return following is None or following.place.previous not in ("||", "&&")


def _left(calls: Sequence[Call], index: int) -> str:
    """The program whose failure it is about; for a && b || c the first one."""
    at = index - 1
    while at > 0 and (calls[at].place.previous or calls[at].place.substitution):
        at -= 1
    return calls[at].name if at >= 0 else ""


RULE = Rule(
    id="RB032",
    name="forced-success",
    severity=Severity.WARNING,
    reason="A command that cannot fail tells nobody that it did nothing.",
    trips="""\
## Memory is short

1. **Empty the cache**

   ```bash
   kubectl exec -n shop deployment/web -- ./clear-cache || true
   ```
""",
    passes="""\
## Memory is short

1. **Empty the cache**

   ```bash
   kubectl exec -n shop deployment/web -- ./clear-cache
   kubectl get service web -n shop || { echo "no service"; exit 1; }
   colour=$([ "$selected" = blue ] && echo green || echo blue)
   grep -c ERROR web.log || true
   ```
""",
    check=_check,
)
