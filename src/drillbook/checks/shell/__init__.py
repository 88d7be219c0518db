"""A shell view of a runbook's commands: calls, words, redirections and expansions, each with its place."""

from drillbook.checks.shell.model import (
    Assignment,
    Call,
    Expansion,
    ExpansionKind,
    Place,
    Redirect,
    Remark,
    Syntax,
    Word,
)
from drillbook.checks.shell.read import Commands, read_each

__all__ = [
    "Assignment",
    "Call",
    "Commands",
    "Expansion",
    "ExpansionKind",
    "Place",
    "Redirect",
    "Remark",
    "Syntax",
    "Word",
    "read_each",
]
