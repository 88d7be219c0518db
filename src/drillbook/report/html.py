"""Renders a run and its verdict as one self-contained page: no script, nothing fetched, printable."""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from drillbook.record import RunRecord
from drillbook.report import drawing, view
from drillbook.verdict import RunVerdict

_TEMPLATES = ("report.html.j2", "drill.html.j2", "chart.svg.j2", "badge.html.j2")


def render(record: RunRecord, verdict: RunVerdict, outputs: Mapping[str, str] | None = None) -> str:
    """The page of a run.

    Args:
        record: the run.
        verdict: what ``judge_run`` made of that record.
        outputs: by path in the evidence, the text of commands' stdout and stderr; what is missing is not shown.
    """
    package = files("drillbook.report")
    sources = {name: package.joinpath(name).read_text(encoding="utf-8") for name in _TEMPLATES}
    css = package.joinpath("style.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        run=view.of_run(record, verdict, outputs or {}), css=css, css_digest=digest, frame=drawing
    )
