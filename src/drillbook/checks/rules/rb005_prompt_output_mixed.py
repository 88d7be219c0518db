"""RB005: a shell block that shows a terminal: prompts, and what the commands answered."""

from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.terminal import prompt_of, table_of
from drillbook.checks.view import View

_OUTPUT = "put the output into a block of its own with the language text"


def _check(view: View) -> Iterator[Finding]:
    tables = {command.block.index: command for command in reversed(view.commands) if table_of(command)}
    for block in view.runbook.blocks:
        found = prompt_of(block)
        if found is not None:
            yield RULE.at(
                view.line_spot(found.line, found.text),
                f"“{found.prompt}” is a prompt: carried out as it stands, it is taken for a program's name",
                suggestion=f"leave the prompts out, and {_OUTPUT}" if found.answered else "leave the prompts out",
            )
        elif block.index in tables:
            yield RULE.at(
                tables[block.index].spot,
                "this is what a command printed: carried out as it stands, it is taken for a command",
                suggestion=_OUTPUT,
            )


RULE = Rule(
    id="RB005",
    name="prompt-output-mixed",
    severity=Severity.ERROR,
    reason="A prompt is no part of a command, and output is no command: neither can be carried out.",
    trips="""\
## Is it up

1. **Look**

   ```bash
   $ kubectl get pods -n shop
   NAME    READY   STATUS    RESTARTS   AGE
   web-1   1/1     Running   0          5m
   ```
""",
    passes="""\
## Is it up

1. **Look**

   ```bash
   kubectl get pods -n shop
   ```

   ```text
   $ kubectl get pods -n shop
   NAME    READY   STATUS    RESTARTS   AGE
   web-1   1/1     Running   0          5m
   ```
""",
    check=_check,
)
