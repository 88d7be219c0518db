"""Findings as SARIF 2.1.0, for code scanning."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from urllib.parse import quote

from drillbook.checks.catalogue import CATALOGUE, Entry
from drillbook.checks.checked import Checked
from drillbook.checks.fingerprints import fingerprint, numbered
from drillbook.checks.model import Edit, Finding

VERSION = "2.1.0"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "drillbook/v1"  # a new way to make it needs a new name
_INDICES = {entry.id: index for index, entry in enumerate(CATALOGUE)}

_Json = Mapping[str, object]


def render(documents: Iterable[Checked]) -> Iterator[str]:
    """One log with one run; levels are our severities, which have the same names."""
    results = [result for checked in documents for result in _results(checked)]
    driver = {"name": "drillbook", "rules": [_rule(entry) for entry in CATALOGUE]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    yield json.dumps({"$schema": _SCHEMA, "version": VERSION, "runs": [run]}, indent=2) + "\n"


def _rule(entry: Entry) -> _Json:
    example = f"\n\nTrips:\n\n{entry.trips}\nPasses:\n\n{entry.passes}" if entry.trips else ""
    return {
        "id": entry.id,
        "name": entry.name,
        "shortDescription": {"text": entry.reason},
        "help": {"text": f"{entry.reason}{example}"},
        "defaultConfiguration": {"level": entry.severity.value},
    }


def _results(checked: Checked) -> Iterator[_Json]:
    uri = _uri(checked.path)
    for finding, words, occurrence in numbered(checked):
        suggestion = f"\n{finding.suggestion}" if finding.suggestion else ""
        result: dict[str, object] = {
            "ruleId": finding.rule,
            "ruleIndex": _INDICES[finding.rule],
            "level": finding.severity.value,
            "message": {"text": finding.message + suggestion},
            "locations": [_location(uri, finding)],
            "partialFingerprints": {_FINGERPRINT: fingerprint(finding.rule, words, occurrence)},
        }
        if finding.replacement is not None:
            result["fixes"] = [_fix(uri, finding.replacement)]
        yield result


def _location(uri: str, finding: Finding) -> _Json:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    place: dict[str, object] = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
    if finding.procedure:
        place["logicalLocations"] = [{"name": finding.procedure, "kind": "procedure"}]
    return place


def _fix(uri: str, edit: Edit) -> _Json:
    region = {"startLine": edit.line, "startColumn": edit.column, "endColumn": edit.end_column}
    put_in = {"deletedRegion": region, "insertedContent": {"text": edit.text}}
    return {"artifactChanges": [{"artifactLocation": {"uri": uri}, "replacements": [put_in]}]}


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())
