"""What can be said of a mutant without running it: killed by a check, the same in effect, or beyond any drill."""

import re
from collections import Counter
from itertools import pairwise

from drillbook.checks.engine import check_document
from drillbook.checks.model import Finding, Severity
from drillbook.mutation.mutant import Fate, Mutant, Operator, Outcome, mutated
from drillbook.runbook.model import Command, ConditionKind, Runbook

_ONLY_SHOWS = re.compile(
    r"^\s*(?:kubectl\s+(?:get|describe|logs|top|rollout history|version|explain)|cat|echo|date|ls|jq|head|tail)\b"
)
_HAS_AN_EFFECT = re.compile(r">|\|\||&&|=\$\(|\btee\b|\bxargs\b")

Alarms = Counter[tuple[str, str]]
"""How often each rule says what, at warning or worse."""


def alarms(document: bytes, path: str) -> Alarms:
    """What checks say of a document; style does not count."""
    found: tuple[Finding, ...] = check_document(document, path)
    return Counter((each.rule, each.message) for each in found if each.severity is not Severity.NOTE)


def killed_by_check(mutant: Mutant, lines: tuple[str, ...], path: str, usual: Alarms) -> Outcome | None:
    """The outcome of a mutant in which checks find more than in the real runbook."""
    more = alarms(mutated(lines, mutant).encode(), path) - usual
    if not more:
        return None
    rule, message = min(more)
    return Outcome(mutant=mutant, fate=Fate.KILLED_BY_CHECK, reason=f"{rule}: {message}")


def beyond_drills(mutant: Mutant, runbook: Runbook, lasted_s: dict[int, float]) -> Outcome | None:
    """The outcome of a mutant that no drill can tell; ``lasted_s`` is by line, from runs of the real runbook.

    A deadline that is still longer than the command ever took is the same in effect. A command that only shows
    something to a person, and on whose end nothing hangs, is missed by that person and by no drill.
    """
    command = next((each for each in _commands(runbook) if each.line == mutant.line), None)
    if command is None or mutant.operator is Operator.SWAP:
        return None
    if mutant.operator is Operator.DEADLINE and 0 < lasted_s.get(mutant.line, 0.0) < 1:
        fate, reason = Fate.EQUIVALENT, f"the command took {lasted_s[mutant.line]:.1f} s"
    elif _only_shows(command) and not _decides(command, runbook):
        fate, reason = Fate.SURVIVED, "the command only shows something to a person"
    else:
        return None
    return Outcome(mutant=mutant, fate=fate, reason=reason)


def _commands(runbook: Runbook) -> tuple[Command, ...]:
    return tuple(command for procedure in runbook.procedures for command in procedure.commands)


def _only_shows(command: Command) -> bool:
    return bool(_ONLY_SHOWS.search(command.text)) and not _HAS_AN_EFFECT.search(command.text)


def _decides(command: Command, runbook: Runbook) -> bool:
    """Whether the next step is only for the case that this command's step fails."""
    for procedure in runbook.procedures:
        steps = [step for step in procedure.steps if step.commands]
        for step, following in pairwise(steps):
            if command in step.commands:
                condition = following.condition
                return condition is not None and condition.kind is ConditionKind.AFTER_FAILURE
    return False
