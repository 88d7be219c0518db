"""One faulty variant of a runbook, and what became of it."""

from enum import StrEnum

from msgspec import Struct


class Operator(StrEnum):
    """How a runbook is made faulty, in the order in which they are reported."""

    DROP = "drop a command"
    NAMESPACE = "wrong namespace"
    NAME = "wrong name"
    SELECTOR = "selector typo"
    SWAP = "swap two steps"
    PLACEHOLDER = "placeholder put back"
    OR_TRUE = "|| true added"
    DEADLINE = "deadline shortened"
    CHANNEL = "wrong channel"
    PATCH = "patch made invalid"


class Edit(Struct, frozen=True, kw_only=True):
    """New lines in place of some of the document's; lines count from 1, the last one included."""

    first_line: int
    last_line: int
    lines: tuple[str, ...]


class Mutant(Struct, frozen=True, kw_only=True):
    """A variant. Lines of the document keep their numbers, but for those of two swapped steps."""

    operator: Operator
    procedure: str
    line: int  # of the command that is changed, or of the first of two steps
    change: str  # what was done, in words
    edits: tuple[Edit, ...]


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED_BY_CHECK = "killed by check"  # a finding, warning or worse, that the real runbook does not have
    KILLED_BY_DRILL = "killed by drill"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"  # it does the same, so nothing can tell it apart
    UNTOLD = "untold"  # its drill was inconclusive
    NOT_RUN = "not run"  # the time budget was used up before


class Outcome(Struct, frozen=True, kw_only=True):
    """A mutant and its fate, with the reason in one sentence."""

    mutant: Mutant
    fate: Fate
    reason: str
    took_s: float = 0.0  # of drills


def mutated(lines: tuple[str, ...], mutant: Mutant) -> str:
    """The whole faulty document, line feeds at its line ends."""
    changed = list(lines)
    for edit in sorted(mutant.edits, key=lambda each: each.first_line, reverse=True):
        changed[edit.first_line - 1 : edit.last_line] = edit.lines
    return "\n".join(changed) + "\n"
