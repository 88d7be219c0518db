"""Findings that the document says to ignore, by ``<!-- drillbook-ignore RB012: reason -->``.

It holds for the line that it stands on, and for what comes next: a whole code block, or one line.
"""

import re

from msgspec import Struct

from drillbook.checks.model import Finding, Severity
from drillbook.checks.view import View

BAD_IGNORE = "RB099"
_COMMENT = re.compile(r"<!--[ \t]*drillbook-ignore\b(?P<body>[^\n]{0,1000}?)-->")
_BODY = re.compile(r"[ \t]+(?P<ids>RB\d{3}(?:[ \t]*,[ \t]*RB\d{3})*)[ \t]*:[ \t]*(?P<reason>\S.*)")
_FORM = "<!-- drillbook-ignore RB012: why it is right here -->"


class Ignore(Struct, frozen=True, kw_only=True):
    """Rules that are ignored between two lines, both included."""

    rules: frozenset[str]
    line: int
    first: int
    last: int
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this finding."""
        within = self.first <= finding.line <= self.last or finding.line == self.line
        return within and finding.rule in self.rules


def ignores_of(view: View) -> tuple[list[Ignore], list[Finding]]:
    """What is to be ignored, and a finding for each comment that lacks a rule's id or a reason."""
    comments = [
        (line, match)
        for line, text in enumerate(view.lines, start=1)
        if "drillbook-ignore" in text
        for match in _COMMENT.finditer(text)
    ]
    if not comments:
        return [], []
    ignores: list[Ignore] = []
    faults: list[Finding] = []
    for line, match in comments:
        if line in view.code_lines:
            continue
        body = _BODY.match(match["body"].rstrip())
        if body is None:
            faults.append(_fault(line, match))
            continue
        first, last = _next_after(view, line)
        rules = frozenset(re.findall(r"RB\d{3}", body["ids"]))
        ignores.append(Ignore(rules=rules, line=line, first=first, last=last, reason=body["reason"].strip()))
    return ignores, faults


def _next_after(view: View, line: int) -> tuple[int, int]:
    """The next line that is neither empty nor another such comment, or the whole block that begins there."""
    following = line + 1
    while following <= len(view.lines) and _says_nothing(view.lines[following - 1]):
        following += 1
    return following, view.block_ends.get(following, following)


def _says_nothing(text: str) -> bool:
    return not text.strip() or _COMMENT.fullmatch(text.strip()) is not None


def _fault(line: int, match: re.Match[str]) -> Finding:
    return Finding(
        rule=BAD_IGNORE,
        name="bad-ignore",
        severity=Severity.WARNING,
        line=line,
        column=match.start() + 1,
        end_line=line,
        end_column=match.end() + 1,
        message="this comment ignores nothing: it needs the rule's id and a reason",
        suggestion=f"write {_FORM}",
    )
