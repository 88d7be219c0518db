"""A document that was checked, and the order of severities."""

from msgspec import Struct

from drillbook.checks.model import Finding, Severity

_RANK = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class Checked(Struct, frozen=True, kw_only=True):
    """One document: its lines without line ends (none where it cannot be read), and what was found in it."""

    path: str
    lines: tuple[str, ...]
    findings: tuple[Finding, ...]
    fail_on: Severity = Severity.ERROR  # the least severity that is a failure

    def line(self, number: int) -> str:
        """A line by its number, "" where there is none."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    def fails(self, finding: Finding) -> bool:
        """Whether a finding is as severe as a failure."""
        return _RANK[finding.severity] >= _RANK[self.fail_on]

    @property
    def failed(self) -> bool:
        """Whether any finding is."""
        return any(self.fails(finding) for finding in self.findings)
