"""RB002: a placeholder in angle brackets, which the shell takes for redirections."""

import re
from collections.abc import Iterator

from drillbook.checks.angled import ANGLED, angled_at_fault
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.shell import Redirect
from drillbook.checks.view import View


def _check(view: View) -> Iterator[Finding]:
    answers = view.answer_lines
    for command in view.commands:
        for redirect in command.syntax.redirects:
            if redirect.operator != "<" or redirect.descriptor is not None or redirect.spot.line in answers:
                continue
            raw = view.lines[redirect.spot.line - 1]
            match = ANGLED.match(raw, redirect.spot.column - 1)
            if match is None or not _closed_by_another(redirect, command.syntax.redirects, match):
                continue
            yield RULE.at(
                view.spot(redirect.spot.line, match.start(), match.end()),
                f"the shell reads “{match[0]}” as redirections: it looks for a file “{match[1].split()[0]}”, "
                "and writes to whatever comes next",
                suggestion=f'take it from a variable that an earlier command sets: "${_variable(match[1])}"',
            )
    yield from _in_faulty_blocks(view, answers)


def _closed_by_another(opening: Redirect, others: tuple[Redirect, ...], match: re.Match[str]) -> bool:
    """Whether the bracket at the end is a redirection too, and not a part of a word."""
    return any(
        other.operator == ">" and (other.spot.line, other.spot.column) == (opening.spot.line, match.end())
        for other in others
    )


def _in_faulty_blocks(view: View, answers: frozenset[int]) -> Iterator[Finding]:
    for block in view.runbook.blocks:
        for match in angled_at_fault(view, block):
            line = block.syntax_fault.line if block.syntax_fault else block.line
            if line in answers:
                continue
            yield RULE.at(
                view.spot(line, match.start(), match.end()),
                f"the shell reads “{match[0]}” as redirections, and then cannot read the rest",
                suggestion=f'take it from a variable that an earlier command sets: "${_variable(match[1])}"',
            )


def _variable(name: str) -> str:
    return re.sub(r"\W+", "_", name, flags=re.ASCII).lower().strip("_") or "name"


RULE = Rule(
    id="RB002",
    name="placeholder-redirect",
    severity=Severity.ERROR,
    reason="A placeholder in angle brackets is two redirections, so another command runs than the one that is meant.",
    trips="""\
## A pod hangs

1. **Delete it**

   ```bash
   kubectl delete pod <pod-name> -n shop
   ```
""",
    passes="""\
## A pod hangs

Find <pod-name> first.

1. **Delete it**

   ```bash
   pod=$(kubectl get pods -n shop -l app=web -o jsonpath='{.items[0].metadata.name}')
   kubectl delete pod "$pod" -n shop
   sort < names > sorted
   sort <names >sorted
   echo 'not <pod-name>'
   ```
""",
    check=_check,
)
