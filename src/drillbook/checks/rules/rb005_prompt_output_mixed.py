"""RB005: a shell block that shows a terminal: prompts, and what the commands answered."""

import re
from collections.abc import Iterator

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import View
from drillbook.runbook import Block

_PROMPT = re.compile(r"(?:[\w.-]+@[\w.-]+[: ][^\s$#]{0,80}[$#]|\$)[ \t]+(?=[A-Za-z./~(])", re.ASCII)


def _check(view: View) -> Iterator[Finding]:
    for block in view.runbook.blocks:
        shell = block.commands or block.syntax_fault is not None
        found = _first_prompt(block) if shell else None
        if found is None:
            continue
        line, text, prompt = found
        yield RULE.at(
            view.line_spot(line, text),
            f"“{prompt}” is a prompt: carried out as it stands, it is taken for a program's name",
            suggestion="leave the prompt out, and put the output into a block of its own with the language text",
        )


def _first_prompt(block: Block) -> tuple[int, str, str] | None:
    """The line, its text and the prompt of a block that begins with one; in its middle it may be a text's."""
    for index, text in enumerate(block.text.split("\n")):
        stripped = text.strip()
        found = _PROMPT.match(stripped)
        if found is not None:
            return block.text_line + index, stripped, found[0].strip()
        if stripped and not stripped.startswith("#"):
            return None
    return None


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
