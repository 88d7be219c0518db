"""RB009: a variable that another block sets, which is gone in a new shell."""

import re
from collections.abc import Iterator

from drillbook.checks.events import VariableSet
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.variables import readings
from drillbook.checks.view import View

_ONE_SHELL = re.compile(r"\b(?:same|one|single)\s+(?:shell|terminal)\b", re.IGNORECASE)
_SETS = re.compile(
    r"(?:export\s|[A-Za-z_]\w*=(?:\$\(.*\)|\"[^\"]*\"|'[^']*'|\S)*$|[\w-]+\s*\(\)\s*\{)", re.ASCII | re.DOTALL
)  # or defines a function


def _check(view: View) -> Iterator[Finding]:
    found = [
        (each.used, each.setter)
        for each in readings(view.trail)
        if each.setter and each.setter.name and not each.setter.guards and each.setter.block != each.used.block
    ]
    if not found or any(_ONE_SHELL.search(line) for line in view.lines):
        return
    reported: set[tuple[str, int, int]] = set()
    for used, setter in found:
        here = view.commands[used.command]
        place = (used.name, here.procedure_line, setter.block)
        if place in reported:
            continue
        reported.add(place)
        elsewhere = view.commands[setter.command].procedure_line != here.procedure_line
        yield RULE.at(
            used.spot,
            f"“${used.name}” is set in line {setter.spot.line}, in another "
            + ("procedure: for whoever does only this one" if elsewhere else "block: in a new shell")
            + " it is empty",
            suggestion=f'set it in this block too, or stop without it: "${{{used.name}:?}}"',
            severity=Severity.WARNING if elsewhere and not _is_setup(view, setter) else None,
        )


def _is_setup(view: View, setter: VariableSet) -> bool:
    """Whether it is exported, or its block does nothing but set variables: that is there to be done first."""
    block = view.runbook.blocks[setter.block]
    return setter.exported or all(_SETS.match(command.text) for command in block.commands)


RULE = Rule(
    id="RB009",
    name="cross-block-state",
    severity=Severity.NOTE,
    reason="A variable of another block is empty for whoever carries out each block in a shell of its own.",
    trips="""\
## A pod hangs

1. **Find it**

   ```bash
   pod=$(cat incident/pod)
   ```

2. **Delete it**

   ```bash
   kubectl delete pod "$pod" -n shop
   ```
""",
    passes="""\
## A pod hangs

1. **Find it**

   ```bash
   pod=$(cat incident/pod)
   kubectl describe pod "$pod" -n shop
   ```

2. **Delete it**

   ```bash
   kubectl delete pod "${pod:?}" -n shop
   ```
""",
    check=_check,
)
