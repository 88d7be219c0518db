"""Findings as workflow commands of GitHub Actions, which shows them beside the changed lines."""

from collections.abc import Iterable, Iterator

from drillbook.checks.checked import Checked
from drillbook.checks.model import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(documents: Iterable[Checked]) -> Iterator[str]:
    """One line for each finding."""
    for checked in documents:
        for finding in checked.findings:
            yield f"::{_COMMANDS[finding.severity]} {_properties(checked.path, finding)}::{_message(finding)}\n"


def _properties(path: str, finding: Finding) -> str:
    found = {"file": path, "line": str(finding.line), "endLine": str(finding.end_line)}
    if finding.line == finding.end_line:  # GitHub takes columns only within one line
        found |= {"col": str(finding.column), "endColumn": str(finding.end_column)}
    found["title"] = f"{finding.rule} {finding.name}"
    return ",".join(f"{name}={value.translate(_IN_PROPERTY)}" for name, value in found.items())


def _message(finding: Finding) -> str:
    suggestion = f"\n{finding.suggestion}" if finding.suggestion else ""
    return (finding.message + suggestion).translate(_IN_DATA)
