"""Findings as JUnit XML, as GitLab and Jenkins read it: a suite for each document, a case for each finding."""

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

from drillbook.checks.checked import Checked
from drillbook.checks.fingerprints import numbered
from drillbook.checks.model import Finding

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME_LENGTH = 120


def render(documents: Iterable[Checked]) -> Iterator[str]:
    """One document of XML; what is below ``fail_on`` is a case that passes and says what was found."""
    suites = [_suite(each) for each in documents]
    counts = {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in ("tests", "failures")}
    whole = Element("testsuites", {"name": "drillbook check", "errors": "0", **counts})
    whole.extend(suites)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield tostring(whole, encoding="unicode") + "\n"


def _suite(checked: Checked) -> Element:
    failures = sum(checked.fails(finding) for finding in checked.findings)
    tests = str(len(checked.findings) or 1)
    suite = Element("testsuite", name=_legal(checked.path), tests=tests, failures=str(failures), errors="0")
    if not checked.findings:
        _case(suite, checked.path, "nothing found")
    for finding, words, occurrence in numbered(checked):
        case = _case(suite, checked.path, _name(finding, words, occurrence))
        case.set("line", str(finding.line))
        if checked.fails(finding):
            told = SubElement(case, "failure", type=finding.severity.value, message=_legal(finding.message))
        else:
            told = SubElement(case, "system-out")
        told.text = _legal(_told(checked, finding))
    return suite


def _case(suite: Element, path: str, name: str) -> Element:
    return SubElement(suite, "testcase", classname=_legal(path), name=_legal(name), file=_legal(path))


def _name(finding: Finding, words: str, occurrence: int) -> str:
    """Without the line's number: both compare the cases of two runs by their names."""
    again = f" ({occurrence})" if occurrence > 1 else ""
    shown = words if len(words) <= _NAME_LENGTH else f"{words[: _NAME_LENGTH - 1]}…"
    return f"{finding.rule} {finding.name}: {shown}{again}"


def _told(checked: Checked, finding: Finding) -> str:
    lines = (
        f"{checked.path}:{finding.line}:{finding.column}: {finding.severity.value}: {finding.message}",
        f"  {checked.line(finding.line)}",
        finding.suggestion,
    )
    return "\n".join(line for line in lines if line.strip())


def _legal(text: str) -> str:
    """XML has no way at all to write most control characters."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
