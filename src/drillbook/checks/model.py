"""What a rule is and what it finds, as frozen values.

Lines and columns count from 1 and are the document's own; an end is the place right behind the last character.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from drillbook.checks.view import View


class Severity(StrEnum):
    """How much harm a finding stands for."""

    ERROR = "error"  # the procedure will not do what it says
    WARNING = "warning"  # it may mislead or hang
    NOTE = "note"  # style


class Spot(Struct, frozen=True, kw_only=True, gc=False):
    """A piece of the document."""

    line: int
    column: int
    end_line: int
    end_column: int

    def up_to(self, last: "Spot") -> "Spot":
        """From here to the end of another piece."""
        return Spot(line=self.line, column=self.column, end_line=last.end_line, end_column=last.end_column)

    def holds(self, other: "Spot") -> bool:
        """Whether the other piece lies wholly in this one."""
        begins = (self.line, self.column) <= (other.line, other.column)
        return begins and (other.end_line, other.end_column) <= (self.end_line, self.end_column)


class Edit(Struct, frozen=True, kw_only=True, gc=False):
    """What a program could write in the place of a piece of one line."""

    line: int
    column: int
    end_column: int
    text: str

    def applied_to(self, line: str) -> str:
        """The line as it is afterwards."""
        return line[: self.column - 1] + self.text + line[self.end_column - 1 :]


class Finding(Struct, frozen=True, kw_only=True, gc=False):
    """Something wrong with the runbook; whose document it is stands outside."""

    rule: str
    name: str
    severity: Severity
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    suggestion: str = ""  # what to write or do instead, "" where the rule knows nothing better
    procedure: str = ""  # title of the procedure that it stands in, "" outside of any; the engine fills it in
    replacement: Edit | None = None  # the suggestion as an edit, where ``replacements`` knows one


class Rule(Struct, frozen=True, kw_only=True):
    """A rule of the catalogue. ``check`` is pure and total: it gives findings for any view and raises nothing."""

    id: str
    name: str
    severity: Severity
    reason: str  # one line: why it matters
    trips: str  # a Markdown runbook with at least one finding of this rule
    passes: str  # a Markdown runbook, close to the other one, with none
    check: Callable[["View"], Iterable[Finding]]

    def at(self, spot: Spot, message: str, *, suggestion: str = "", severity: Severity | None = None) -> Finding:
        """A finding of this rule; ``severity`` where this one does more or less harm than usual."""
        return Finding(
            rule=self.id,
            name=self.name,
            severity=self.severity if severity is None else severity,
            line=spot.line,
            column=spot.column,
            end_line=spot.end_line,
            end_column=spot.end_column,
            message=message,
            suggestion=suggestion,
        )
