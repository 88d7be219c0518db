"""Names a finding by what it says and not by where it stands, so that a line put in above changes nothing."""

import hashlib
from collections import Counter
from collections.abc import Iterator

from drillbook.checks.checked import Checked
from drillbook.checks.model import Finding


def numbered(checked: Checked) -> Iterator[tuple[Finding, str, int]]:
    """Each finding with its line's words and how many of its rule on such a line there are up to it, from 1."""
    seen: Counter[tuple[str, str]] = Counter()
    for finding in checked.findings:
        words = " ".join(checked.line(finding.line).split())
        seen[finding.rule, words] += 1
        yield finding, words, seen[finding.rule, words]


def fingerprint(rule: str, words: str, occurrence: int) -> str:
    """The same for the same rule, line and occurrence, whatever stands around it."""
    text = "\n".join((rule, words, str(occurrence)))
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:32]
