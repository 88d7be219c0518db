"""RB001: a block that is no shell, though it says so."""

from collections.abc import Iterator

from drillbook.checks.angled import ERB, angled_at_fault
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.terminal import prompt_of
from drillbook.checks.view import View
from drillbook.runbook import Block

_NOT_TRIED = "split"  # too long, too deep or behind too many errors: nobody knows whether it is right


def _check(view: View) -> Iterator[Finding]:
    for block in view.runbook.blocks:
        fault = block.syntax_fault
        if fault is None or _NOT_TRIED in fault.message or _is_said_already(view, block):
            continue
        raw = view.lines[fault.line - 1] if fault.line <= len(view.lines) else ""
        inside = 0 < fault.column <= len(raw)
        yield RULE.at(
            view.spot(fault.line, fault.column - 1, max(len(raw.rstrip()), fault.column))
            if inside
            else view.spot(fault.line, 0, max(len(raw), 1)),
            f"the shell cannot read this block, so none of its commands can be relied on: {fault.message}",
            suggestion=f"mend it, or give the block of line {block.line} the language that it is in",
        )


def _is_said_already(view: View, block: Block) -> bool:
    """Whether another rule names the cause: a terminal's prompt, a template's remnant, or a placeholder in angle brackets."""
    return prompt_of(block) is not None or ERB.search(block.text) is not None or any(angled_at_fault(view, block))


RULE = Rule(
    id="RB001",
    name="syntax",
    severity=Severity.ERROR,
    reason="A block that the shell cannot read cannot be carried out.",
    trips="""\
## A pod hangs

1. **Delete all of them**

   ```bash
   for pod in web-1 web-2; do
     kubectl delete pod "$pod" -n shop
   ```
""",
    passes="""\
## A pod hangs

1. **Delete all of them**

   ```bash
   for pod in web-1 web-2; do
     kubectl delete pod "$pod" -n shop
   done
   ```

   ```text
   for pod in
   ```
""",
    check=_check,
)
