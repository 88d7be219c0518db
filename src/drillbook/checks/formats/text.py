"""Findings for a person: the line with carets under the piece, and what to write instead."""

from collections import Counter
from collections.abc import Iterable, Iterator

import click

from drillbook.checks.checked import Checked
from drillbook.checks.model import Finding, Severity

_COLOURS = {Severity.NOTE: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "red"}


def render(documents: Iterable[Checked], *, with_edits: bool = False) -> Iterator[str]:
    """A paragraph for each finding, and their number at the end; ``with_edits`` shows lines as they could be."""
    counts: Counter[Severity] = Counter()
    number = 0
    for checked in documents:
        number += 1
        counts.update(finding.severity for finding in checked.findings)
        for finding in checked.findings:
            yield "".join(f"{line}\n" for line in _shown(checked, finding, with_edits=with_edits))
    told = ", ".join(_several(counts[severity], severity) for severity in Severity if counts[severity])
    yield f"{_several(number, 'runbook')}: {told or 'nothing found'}\n"


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _shown(checked: Checked, finding: Finding, *, with_edits: bool) -> Iterator[str]:
    severity = click.style(finding.severity.value, fg=_COLOURS[finding.severity], bold=True)
    place = f"{_visible(checked.path)}:{finding.line}:{finding.column}"
    yield f"{place}: {severity} {finding.rule} {finding.name}: {_visible(finding.message)}"
    if finding.line <= len(checked.lines):
        yield from _pointed_at(checked.line(finding.line), finding)
    if finding.suggestion:
        yield f"    = {_visible(finding.suggestion)}"
    if with_edits and finding.replacement is not None:
        line = checked.line(finding.replacement.line)
        yield f"  - {finding.replacement.line} | {_visible(line)}"
        yield f"  + {finding.replacement.line} | {_visible(finding.replacement.applied_to(line))}"
    yield ""


def _pointed_at(raw: str, finding: Finding) -> Iterator[str]:
    line = _visible(raw.rstrip("\n"))
    end = finding.end_column if finding.end_line == finding.line else len(line) + 1
    carets = "^" * max(1, min(end, len(line) + 1) - finding.column)
    gutter = " " * len(str(finding.line))
    yield f"  {finding.line} | {line}"
    yield f"  {gutter} | {' ' * (finding.column - 1)}{click.style(carets, fg=_COLOURS[finding.severity])}"


def _visible(text: str) -> str:
    """Without what moves the cursor or turns the reading direction: a tab is a space, all else a replacement sign."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else " " if each == "\t" else "\N{REPLACEMENT CHARACTER}" for each in text
    )
