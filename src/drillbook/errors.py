"""The two ways in which drillbook cannot do what it was asked, each with its exit code.

"Could not run" is not "ran and failed": neither of these is ever a verdict.
"""

from pathlib import Path
from typing import ClassVar


class DrillbookError(Exception):
    """Anything that ends a command before it could give a verdict."""

    exit_code: ClassVar[int] = 4


class InputError(DrillbookError):
    """Something the user wrote is wrong: says where, what was expected, what was found, and how to mend it."""

    exit_code: ClassVar[int] = 2

    def __init__(  # noqa: PLR0913 - every part of a helpful error has a name
        self,
        what: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        column: int | None = None,
        expected: str | None = None,
        got: str | None = None,
        mend: str | None = None,
    ) -> None:
        """Keep every part, so that a report can show them apart (lines and columns count from 1)."""
        self.what, self.path, self.line, self.column = what, path, line, column
        self.expected, self.got, self.mend = expected, got, mend
        super().__init__(what)

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        lines = [f"{where}: {self.what}" if where else self.what]
        parts = (("expected", self.expected), ("got", self.got), ("mend", self.mend))
        lines += [f"  {name + ':':<9} {text}" for name, text in parts if text]
        return "\n".join(lines)


class CannotRunError(DrillbookError):
    """The machine or the cluster could not run it: says what is missing and the command that mends it."""

    exit_code: ClassVar[int] = 4

    def __init__(self, what: str, *, mend: str | None = None) -> None:
        """Keep the mending command apart from the sentence (``drillbook doctor`` shows it in a column)."""
        self.what, self.mend = what, mend
        super().__init__(what if mend is None else f"{what}\n  mend:     {mend}")
