"""``drillbook check``: reads runbooks, prints what is wrong with them, and gives the exit code. It runs nothing.

``python -m drillbook.check_command`` prints the JSON Schema of ``--format json``.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from msgspec import Struct

from drillbook.checks.engine import Selection, check_document
from drillbook.checks.model import Finding, Severity
from drillbook.errors import InputError
from drillbook.runbook.source import decode

SCHEMA_ID = "drillbook.check/1"
_RANK = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_COLOURS = {Severity.NOTE: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "red"}


class CheckedFile(Struct, frozen=True, kw_only=True):
    """One document and its findings."""

    path: str
    findings: tuple[Finding, ...]


class CheckReport(Struct, frozen=True, kw_only=True):
    """What ``--format json`` prints."""

    schema: str = SCHEMA_ID
    files: tuple[CheckedFile, ...]


def schema_file() -> bytes:
    """``schemas/check.schema.json``: the JSON Schema of the report, indented, with a final newline."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA_ID,
        **msgspec.json.schema(CheckReport),
    }
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--select", metavar="RULES", default="", help="Only these, such as RB012,RB04 (a beginning is enough).")
@click.option("--ignore", metavar="RULES", default="", help="All rules but these.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The least severity that makes the exit code 1.",
)
def check(paths: tuple[Path, ...], form: str, select: str, ignore: str, fail_on: str) -> None:
    """Say what is wrong with Markdown runbooks (files, or directories of them), without running anything."""
    selection = Selection(select=_ids(select), ignore=_ids(ignore))
    files: list[CheckedFile] = []
    sources: dict[str, bytes] = {}
    for path in _documents(paths):
        sources[str(path)] = source = _read(path)
        files.append(CheckedFile(path=str(path), findings=check_document(source, str(path), selection)))
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(CheckReport(files=tuple(files))), indent=2))
    else:
        _print(files, sources)
    least = _RANK[Severity(fail_on)]
    sys.exit(any(_RANK[finding.severity] >= least for file in files for finding in file.findings))


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.replace(" ", "").split(",") if part)


def _documents(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Files as they are named, directories by the Markdown files below them."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.md"))
        else:
            yield path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", path=path) from error


def _print(files: list[CheckedFile], sources: dict[str, bytes]) -> None:
    for file in files:
        lines = _lines(sources[file.path], file.path)
        for finding in file.findings:
            for line in _shown(file.path, finding, lines):
                click.echo(line)
    counts = {severity: sum(f.severity is severity for file in files for f in file.findings) for severity in Severity}
    told = ", ".join(f"{count} {severity}{'s' * (count != 1)}" for severity, count in counts.items() if count)
    documents = f"{len(files)} runbook{'s' * (len(files) != 1)}"
    click.echo(f"{documents}: {told}" if told else f"{documents}: nothing found")


def _lines(source: bytes, path: str) -> tuple[str, ...]:
    try:
        return tuple(decode(source, path).lines)
    except InputError:
        return ()  # the finding says why


def _shown(path: str, finding: Finding, lines: tuple[str, ...]) -> Iterator[str]:
    """The finding, its line with carets under the piece, and what to write instead."""
    severity = click.style(finding.severity.value, fg=_COLOURS[finding.severity], bold=True)
    yield f"{path}:{finding.line}:{finding.column}: {severity} {finding.rule} {finding.name}: {finding.message}"
    if finding.line <= len(lines):
        line = lines[finding.line - 1].rstrip("\n").expandtabs(1)
        end = finding.end_column if finding.end_line == finding.line else len(line) + 1
        carets = "^" * max(1, min(end, len(line) + 1) - finding.column)
        gutter = " " * len(str(finding.line))
        yield f"  {finding.line} | {line}"
        yield f"  {gutter} | {' ' * (finding.column - 1)}{click.style(carets, fg=_COLOURS[finding.severity])}"
    if finding.suggestion:
        yield f"    = {finding.suggestion}"
    yield ""


if __name__ == "__main__":
    sys.stdout.buffer.write(schema_file())
