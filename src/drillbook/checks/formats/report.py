"""Findings as JSON, in a form that has a schema.

``python -m drillbook.checks.formats.report`` prints that schema.
"""

import sys
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from drillbook.checks.checked import Checked
from drillbook.checks.model import Finding

SCHEMA_ID = "drillbook.check/1"


class CheckedFile(Struct, frozen=True, kw_only=True):
    """One document and its findings."""

    path: str
    findings: tuple[Finding, ...]


class CheckReport(Struct, frozen=True, kw_only=True):
    """What ``--format json`` prints."""

    schema: str = SCHEMA_ID
    files: tuple[CheckedFile, ...]


def render(documents: Iterable[Checked]) -> Iterator[str]:
    """One ``CheckReport``, indented."""
    files = tuple(CheckedFile(path=each.path, findings=each.findings) for each in documents)
    yield msgspec.json.format(msgspec.json.encode(CheckReport(files=files)), indent=2).decode() + "\n"


def schema_file() -> bytes:
    """``schemas/check.schema.json``: the JSON Schema of the report, indented, with a final newline."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA_ID,
        **msgspec.json.schema(CheckReport),
    }
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(schema_file())
