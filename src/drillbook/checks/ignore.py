"""Findings that the document says to ignore, by ``<!-- drillbook-ignore RB012: reason -->``.

It holds for the line that it stands on, and for what comes next: a whole code block, or one line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable

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


class Ignores:
    """Which findings are ignored, found by their lines."""

    def __init__(self, ignores: Iterable[Ignore]) -> None:
        """What several comments say of one place holds together."""
        self.by_line: dict[int, set[str]] = {}
        self.lasts: dict[int, int] = {}
        for each in ignores:
            self.by_line.setdefault(each.line, set()).update(each.rules)
            self.by_line.setdefault(each.first, set()).update(each.rules)
            self.lasts[each.first] = each.last
        self.firsts = sorted(self.lasts)

    def cover(self, finding: Finding) -> bool:
        """Whether a finding stands on such a comment's own line or on what comes after it."""
        if finding.rule in self.by_line.get(finding.line, ()):
            return True
        index = bisect_right(self.firsts, finding.line) - 1
        first = self.firsts[index] if index >= 0 else 0
        return index >= 0 and finding.line <= self.lasts[first] and finding.rule in self.by_line[first]


def ignores_of(view: View) -> tuple[list[Ignore], list[Finding]]:
    """What is to be ignored, and a finding for each comment that lacks a rule's id or a reason."""
    comments = [
        (line, match)
        for line, text in view.prose.items()
        if "drillbook-ignore" in text
        for match in _COMMENT.finditer(text)
    ]
    ignores: list[Ignore] = []
    faults: list[Finding] = []
    following = _Following(view)
    for line, match in comments:
        body = _BODY.match(match["body"].rstrip())
        if body is None:
            faults.append(_fault(line, match))
            continue
        first, last = following.after(line)
        rules = frozenset(re.findall(r"RB\d{3}", body["ids"]))
        ignores.append(Ignore(rules=rules, line=line, first=first, last=last, reason=body["reason"].strip()))
    return ignores, faults


class _Following:
    """Finds what comes next; asked for one line after the other, it looks at each once."""

    def __init__(self, view: View) -> None:
        self.view, self.found = view, 0

    def after(self, line: int) -> tuple[int, int]:
        """The next line that is neither empty nor another such comment, or the whole block that begins there."""
        lines = self.view.lines
        self.found = max(self.found, line + 1)
        while self.found <= len(lines) and _says_nothing(lines[self.found - 1]):
            self.found += 1
        return self.found, self.view.block_lines.get(self.found, self.found)


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
