"""Writes what is made from the evidence: ``verdict.json`` and ``report.html``. Both may be made again at any time."""

from pathlib import Path

from drillbook.evidence import REPORT, VERDICT
from drillbook.record import RunRecord
from drillbook.report import html
from drillbook.verdict import RunVerdict, encode


def write_results(directory: Path, record: RunRecord, verdict: RunVerdict) -> Path:
    """Write both into the evidence; returns the report's path."""
    outputs = {name: text for drill in record.drills for name, text in drill.outputs.items()}
    (directory / VERDICT).write_bytes(encode(verdict))
    report = directory / REPORT
    report.write_text(html.render(record, verdict, outputs=outputs), encoding="utf-8")
    return report
