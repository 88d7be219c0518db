"""RB002: a placeholder in angle brackets, which the shell takes for redirections."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.shell import Redirect
from drillbook.checks.view import View

# In a line: <pod>, <pod-name>, <your pod>, each with nothing like a file's path in it, and not the << of a document.
_ANGLED = re.compile(r"(?<![<\w(&$])<([A-Za-z][\w-]*(?:[ ][A-Za-z][\w-]*){0,4})>(?![&(>])", re.ASCII)
_QUOTE = frozenset("'\"")


def _check(view: View) -> Iterator[Finding]:
    for command in view.commands:
        for redirect in command.syntax.redirects:
            if redirect.operator != "<" or redirect.descriptor is not None:
                continue
            raw = view.lines[redirect.spot.line - 1]
            match = _ANGLED.match(raw, redirect.spot.column - 1)
            if match is None or not _closed_by_another(redirect, command.syntax.redirects, match):
                continue
            yield RULE.at(
                view.spot(redirect.spot.line, match.start(), match.end()),
                f"the shell reads “{match[0]}” as redirections: it looks for a file “{match[1].split()[0]}”, "
                "and writes to whatever comes next",
                suggestion=f'take it from a variable that an earlier command sets: "${_variable(match[1])}"',
            )
    yield from _in_faulty_blocks(view)


def _closed_by_another(opening: Redirect, others: tuple[Redirect, ...], match: re.Match[str]) -> bool:
    """Whether the bracket at the end is a redirection too, and not a part of a word."""
    return any(
        other.operator == ">" and (other.spot.line, other.spot.column) == (opening.spot.line, match.end())
        for other in others
    )


def _in_faulty_blocks(view: View) -> Iterator[Finding]:
    """Where the bracket stands at a line's end, nothing is left to write to: the block is no shell at all."""
    for block in view.runbook.blocks:
        if block.syntax_fault is None:
            continue
        line = block.syntax_fault.line
        raw = view.lines[line - 1] if line <= len(view.lines) else ""
        for match in _ANGLED.finditer(raw):
            before = raw[: match.start()]
            if "#" in before or any(before.count(quote) % 2 for quote in _QUOTE):
                continue
            yield RULE.at(
                view.spot(line, match.start(), match.end()),
                f"the shell reads “{match[0]}” as redirections, and then cannot read the rest",
                suggestion=f'take it from a variable that an earlier command sets: "${_variable(match[1])}"',
            )


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", name, flags=re.ASCII).lower()


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
