"""The runbook as a frozen value: parsed from Markdown, procedures found by their headings."""

from drillbook.runbook.find import find_procedure
from drillbook.runbook.model import (
    Block,
    Cadence,
    Command,
    Comment,
    Condition,
    ConditionKind,
    Escalation,
    Heading,
    Located,
    Phase,
    Procedure,
    Runbook,
    StatedThreshold,
    Step,
    SyntaxFault,
    TimeBudget,
    Wait,
)
from drillbook.runbook.parse import load_runbook, parse_runbook

__all__ = [
    "Block",
    "Cadence",
    "Command",
    "Comment",
    "Condition",
    "ConditionKind",
    "Escalation",
    "Heading",
    "Located",
    "Phase",
    "Procedure",
    "Runbook",
    "StatedThreshold",
    "Step",
    "SyntaxFault",
    "TimeBudget",
    "Wait",
    "find_procedure",
    "load_runbook",
    "parse_runbook",
]
