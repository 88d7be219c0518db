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
        line = _first_prompt(block) if shell else None
        if line is None:
            continue
        raw = view.lines[line - 1] if line <= len(view.lines) else ""
        found = _PROMPT.search(raw)
        if found is None:
            continue
        yield RULE.at(
            view.spot(line, found.start(), len(raw.rstrip())),
            f"“{found[0].strip()}” is a prompt: carried out as it stands, it is taken for a program's name",
            suggestion="leave the prompt out, and put the output into a block of its own with the language text",
        )


def _first_prompt(block: Block) -> int | None:
    """Where the block begins with a prompt, comments left out; in its middle it may be a text's."""
    for index, text in enumerate(block.text.split("\n")):
        stripped = text.strip()
        if stripped and (_PROMPT.match(stripped) or not stripped.startswith("#")):
            return block.text_line + index if _PROMPT.match(stripped) else None
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
