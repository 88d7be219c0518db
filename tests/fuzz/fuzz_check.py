"""Coverage-guided fuzzing of the parser, the rules and the formats: ``make fuzz``, or with libFuzzer's own options.

Any document must give findings that every format takes; whatever is raised is a bug, and libFuzzer keeps the document.
"""

import sys

import atheris

with atheris.instrument_imports(include=["drillbook", "markdown_it"]):
    from drillbook.checks.checked import Checked
    from drillbook.checks.engine import check_document
    from drillbook.checks.formats import github, junit, report, sarif, text
    from drillbook.errors import InputError
    from drillbook.runbook.source import decode


def one(source: bytes) -> None:
    """Check one document."""
    found = check_document(source, "runbook.md")
    try:
        lines = decode(source, "runbook.md").lines
    except InputError:
        lines = ()
    checked = Checked(path="runbook.md", lines=lines, findings=found)
    for form in (github, junit, report, sarif, text):
        "".join(form.render([checked]))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
