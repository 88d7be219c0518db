"""RB013: a shell block in which nothing is to be carried out."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CommandView, View
from drillbook.runbook import Block
from drillbook.runbook.blocks import SHELL_LANGUAGES

_TABLE_HEAD = re.compile(r"[A-Z][A-Z0-9()/%_-]*(?: [A-Z0-9()/%_-]+)*(?:[ \t]{2,}[A-Z0-9()/%_-]+(?: [A-Z0-9()/%_-]+)*)+")
_SAYS = frozenset({"echo", "printf"})


def _check(view: View) -> Iterator[Finding]:
    commands: dict[int, list[CommandView]] = {}
    for command in view.commands:
        commands.setdefault(command.block.index, []).append(command)
    others_run = _blocks_beside_others(view)
    for block in view.runbook.blocks:
        if block.language not in SHELL_LANGUAGES or block.syntax_fault is not None:
            continue
        what, suggestion = _what_it_is(block, commands.get(block.index, []))
        if what:
            severity = Severity.NOTE if block.index in others_run else None
            yield RULE.at(view.line_spot(block.line), what, suggestion=suggestion, severity=severity)


def _what_it_is(block: Block, commands: list[CommandView]) -> tuple[str, str]:
    """Why nothing runs, and what to do about it; "" where something does."""
    if not block.commands:
        if any(comment.text.startswith("!") for comment in block.comments):  # shows how a script begins
            return "", ""
        held = "only comments" if block.comments else "nothing"
        return (
            f"this block holds {held}: whoever carries it out does nothing",
            "give the command with no # in front, or write it as prose",
        )
    first = next(line.strip() for line in block.text.split("\n") if line.strip())
    if _TABLE_HEAD.fullmatch(first):
        return "this block holds what a command printed, and no command", "give it the language text"
    if all(_only_says(command) for command in commands):
        return "this block only prints words: nothing is done and nothing is looked at", "give the command that does it"
    return "", ""


def _only_says(command: CommandView) -> bool:
    calls = command.syntax.calls
    return bool(calls) and all(
        call.name in _SAYS and not call.redirects and call.place.stages == 1 and all(w.literal for w in call.words)
        for call in calls
    )


def _blocks_beside_others(view: View) -> set[int]:
    """Blocks of steps in which another block runs something."""
    found: set[int] = set()
    for procedure in view.runbook.procedures:
        for step in procedure.steps:
            running = [block.index for block in step.blocks if block.commands]
            found.update(block.index for block in step.blocks if any(each != block.index for each in running))
    return found


RULE = Rule(
    id="RB013",
    name="nothing-runs",
    severity=Severity.WARNING,
    reason="A block of comments looks like a step that was done, and nothing was.",
    trips="""\
## The disk is full

1. **Make room**

   ```bash
   # Delete old snapshots on the storage console
   ```
""",
    passes="""\
## The disk is full

1. **Make room**

   ```bash
   # Old snapshots
   kubectl delete volumesnapshots -n shop -l age=old
   ```

   ```text
   NAME    READY   STATUS
   web-1   1/1     Running
   ```
""",
    check=_check,
)
