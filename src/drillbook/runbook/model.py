"""A runbook as frozen values, each of which knows its line and column in the document.

Lines and columns count from 1; a column counts characters of the line as it stands in the document (a byte order mark
is not one). Line ends are always a line feed in texts, whatever they are in the document.
"""

from enum import StrEnum
from functools import cached_property
from itertools import chain

from msgspec import Struct


class Located(Struct, frozen=True, kw_only=True):
    """A text and where it begins."""

    text: str
    line: int
    column: int


class Heading(Struct, frozen=True, kw_only=True):
    """A heading without its markup; level 1 is the highest."""

    title: str
    level: int
    line: int
    column: int


class TimeBudget(Located, frozen=True, kw_only=True):
    """How long something may take: "(< 5 minutes)", "(5-15 minutes)", "30+ min"."""

    lower_s: float
    upper_s: float | None  # None where it is open, as in "30+ min"


class StatedThreshold(Located, frozen=True, kw_only=True):
    """A figure that the document names a bound of, in the document's own unit: "P99 latency > 10ms"."""

    subject: str
    operator: str  # one of < <= > >= =
    value: float
    unit: str  # "" for a bare number


class Cadence(Located, frozen=True, kw_only=True):
    """Something to be repeated: "Every 15 minutes during SEV1"."""

    every_s: float
    during: str  # "" where it is not said


class Wait(Located, frozen=True, kw_only=True):
    """Time to be spent on purpose: "Monitor for 30 minutes"."""

    action: str
    duration_s: float


class Escalation(Located, frozen=True, kw_only=True):
    """A row of an escalation table: from when until when, and its other cells."""

    lower_s: float
    upper_s: float | None
    cells: tuple[str, ...]


class ConditionKind(StrEnum):
    """What a condition hangs on."""

    AFTER_FAILURE = "after_failure"  # only when the step before failed or the system has not recovered
    OTHER = "other"


class Condition(Located, frozen=True, kw_only=True):
    """Words that make a step or a command conditional: "Divert traffic if rollback fails"."""

    kind: ConditionKind


class Comment(Located, frozen=True, kw_only=True):
    """A shell comment outside of any command; the text has no hash sign."""


class SyntaxFault(Struct, frozen=True, kw_only=True):
    """Why a shell block could not be split into commands."""

    message: str
    line: int
    column: int


class Command(Located, frozen=True, kw_only=True):
    """One top-level shell command, here-documents and continuation lines included.

    The text is what stands in the document, less the indentation that Markdown takes away.
    """

    end_line: int
    block: int  # place of its block in Runbook.blocks
    comments_before: tuple[Comment, ...] = ()
    comments_behind: tuple[Comment, ...] = ()  # on the line on which it ends
    condition: Condition | None = None  # said by its own comments


class Block(Struct, frozen=True, kw_only=True):
    """A code block. Only one in a shell language has commands."""

    index: int  # place in Runbook.blocks
    language: str  # first word of the info string in small letters, "" where there is none
    info: str  # all that stands behind the opening fence
    text: str
    line: int  # of the opening fence; of the first line where the block is only indented
    column: int
    text_line: int  # of the first line of the text
    fenced: bool = True
    commands: tuple[Command, ...] = ()
    comments: tuple[Comment, ...] = ()
    syntax_fault: SyntaxFault | None = None


class Phase(Struct, frozen=True, kw_only=True):
    """The section right above a step: a sub-section of its procedure, or the procedure itself."""

    title: str
    line: int
    budget: TimeBudget | None = None


class Step(Struct, frozen=True, kw_only=True, dict=True):
    """A titled item of a procedure, with its prose and blocks in the document's order."""

    title: str
    number: int  # as a reader sees it; counted within the section where the document gives none
    line: int
    prose: tuple[Located, ...] = ()
    blocks: tuple[Block, ...] = ()
    phase: Phase
    budget: TimeBudget | None = None  # its own, else that of the nearest heading above it
    condition: Condition | None = None  # said by its title, its prose or the comments of its first command

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """The commands of all its blocks, in the document's order."""
        return tuple(chain.from_iterable(block.commands for block in self.blocks))

    @property
    def budget_s(self) -> float | None:
        """The upper bound of its time budget in seconds, None where there is none."""
        return self.budget.upper_s if self.budget else None


class Procedure(Struct, frozen=True, kw_only=True, dict=True):
    """A section that holds steps; line 1 and level 0 where steps stand under no heading at all."""

    title: str
    line: int
    level: int
    path: tuple[str, ...]  # titles of the headings from the highest down to its own
    steps: tuple[Step, ...]
    prose: tuple[Located, ...] = ()  # what belongs to no step
    budget: TimeBudget | None = None

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """The commands of all its steps, in the document's order."""
        return tuple(chain.from_iterable(step.commands for step in self.steps))


class Runbook(Struct, frozen=True, kw_only=True):
    """A whole document."""

    path: str
    sha256: str  # of the document's bytes
    title: str
    headings: tuple[Heading, ...]
    blocks: tuple[Block, ...]  # every one, also those that belong to no step
    procedures: tuple[Procedure, ...]  # they do not overlap
    sections: tuple[Procedure, ...]  # every section that holds steps, at any depth: what can be found by its heading
    time_budgets: tuple[TimeBudget, ...] = ()
    thresholds: tuple[StatedThreshold, ...] = ()
    cadences: tuple[Cadence, ...] = ()
    waits: tuple[Wait, ...] = ()
    escalations: tuple[Escalation, ...] = ()
