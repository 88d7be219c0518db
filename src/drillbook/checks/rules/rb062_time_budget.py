"""RB062: the waits of some steps do not fit into the time that their heading gives them."""

import re
from collections.abc import Iterator

from msgspec import Struct

from drillbook.checks.durations import seconds_of, spoken
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View
from drillbook.runbook import ConditionKind, Step, TimeBudget, Wait

_SPENT = frozenset({"wait", "sleep", "pause", "soak", "monitor", "watch", "observe"})
_AT_MOST = re.compile(
    r"\b(?:up to|at most|no (?:more|longer)|within|until|unless|less than|usually|may|can)\b", re.IGNORECASE
)
_NOT = re.compile(r"(?:\bnot|n['\u2019]t|\bnever|\bno need to)\s*$", re.IGNORECASE)
_TIMEOUTS = frozenset({"timeout", "gtimeout"})


class _Time(Struct, frozen=True, kw_only=True):
    """What some steps spend in waiting."""

    surely_s: float = 0.0
    at_most_s: float = 0.0  # every timeout used up, what is spent surely included


def _check(view: View) -> Iterator[Finding]:
    for budget, steps in _by_budget(view):
        limit_s = budget.upper_s
        if limit_s is None:
            continue
        spent = [_of_step(view, step) for step in steps]
        surely_s, at_most_s = sum(each.surely_s for each in spent), sum(each.at_most_s for each in spent)
        if max(surely_s, at_most_s) <= limit_s:
            continue
        sure = surely_s > limit_s
        yield RULE.at(
            view.line_spot(budget.line, budget.text),
            f"the steps under “{budget.text}” wait for {spoken(surely_s)}: they cannot be done in time"
            if sure
            else f"the waits under “{budget.text}” may last {spoken(at_most_s)} in all if each uses its timeout up",
            suggestion="shorten the waits, or give the steps the time that they take",
            severity=Severity.WARNING if sure else Severity.NOTE,
        )


def _by_budget(view: View) -> Iterator[tuple[TimeBudget, list[Step]]]:
    """Each time budget of a heading, with its steps; steps that are only for when others failed are left out."""
    groups: dict[tuple[int, int], tuple[TimeBudget, list[Step]]] = {}
    for procedure in view.runbook.procedures:
        for step in procedure.steps:
            failed = step.condition is not None and step.condition.kind is ConditionKind.AFTER_FAILURE
            if step.budget is not None and not failed:
                groups.setdefault((step.budget.line, step.budget.column), (step.budget, []))[1].append(step)
    yield from groups.values()


def _of_step(view: View, step: Step) -> _Time:
    spent = [_of_call(call) for call in view.calls_of(step)]
    surely_s, at_most_s = sum(each.surely_s for each in spent), sum(each.at_most_s for each in spent)
    lines = _lines_of(view, step)
    said_s = sum(_said_s(view, wait) for wait in view.runbook.waits if wait.line in lines)
    # "Wait 30 seconds" above a sleep of as long is the same wait.
    return _Time(surely_s=max(surely_s, said_s), at_most_s=max(at_most_s, said_s))


def _lines_of(view: View, step: Step) -> frozenset[int]:
    lines = {step.line}
    for prose in step.prose:
        lines.update(range(prose.line, prose.line + prose.text.count("\n") + 1))
    for block in step.blocks:
        lines.update(range(block.line, view.block_lines[block.line] + 1))
    return frozenset(lines)


def _said_s(view: View, wait: Wait) -> float:
    before = view.lines[wait.line - 1][: wait.column - 1] if wait.line <= len(view.lines) else ""
    sure = wait.action in _SPENT and not _AT_MOST.search(wait.text) and not _NOT.search(before)
    return wait.duration_s if sure else 0.0


def _of_call(call: CallView) -> _Time:
    place = call.call.place
    if place.background or place.function or call.in_pod:
        return _Time()
    limit_s = _limit_s(call)
    if limit_s is not None:
        return _Time(at_most_s=limit_s)
    # How often a loop until something is so goes round cannot be known.
    slept_s = 0.0 if place.loop in ("while", "until") else _slept_s(call)
    perhaps = place.previous == "||" or place.condition
    return _Time(surely_s=0.0 if perhaps else slept_s, at_most_s=slept_s)


def _slept_s(call: CallView) -> float:
    if call.name != "sleep":
        return 0.0
    return sum(seconds_of(word.value) or 0.0 for word in call.arguments)


def _limit_s(call: CallView) -> float | None:
    """The time after which it is ended: by a timeout around it, else by its own."""
    if _TIMEOUTS.intersection(call.wrappers):
        outer = call.call.words
        while outer and outer[0].value.rpartition("/")[2] not in _TIMEOUTS:
            outer = outer[1:]
        found = (seconds_of(word.value) for word in outer[1:] if not word.value.startswith("-"))
        return next((each for each in found if each is not None), None)
    if call.kubectl is not None:
        return seconds_of(call.kubectl.arguments.text("--timeout"))
    return call.curl.max_time_s if call.curl is not None else None


RULE = Rule(
    id="RB062",
    name="time-budget",
    severity=Severity.WARNING,
    reason="Steps that wait longer than their heading allows are late by design.",
    trips="""\
## Web is down

### Immediate actions (< 2 minutes)

1. **Start it anew**

   ```bash
   kubectl rollout restart deployment/web -n shop
   sleep 180
   ```
""",
    passes="""\
## Web is down

### Immediate actions (< 2 minutes)

1. **Start it anew**

   Wait 60 seconds before you look.

   ```bash
   kubectl rollout restart deployment/web -n shop
   sleep 60
   kubectl rollout status deployment/web -n shop --timeout=50s
   ```

2. **Send users away if the restart fails**

   ```bash
   kubectl rollout status deployment/other -n shop --timeout=90s
   ```
""",
    check=_check,
)
