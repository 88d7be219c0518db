"""What a program could write instead, for the rules whose suggestion is one edit of one line.

An edit is proposed only where the line stays a command that means what the suggestion says. No file is written.
"""

import re
import shlex
from collections.abc import Callable
from functools import cached_property

from drillbook.checks.model import Edit, Finding
from drillbook.checks.view import CallView, View

_FORCE = re.compile(r"--force(?:=true)?(?!\S)|--grace-period[= ]0(?!\S)")
_TERMINAL = frozenset({"-it", "-ti", "-t", "--tty", "--tty=true"})
_FENCE = re.compile(r"(?:`{3,}|~{3,})(?=[ \t]*$)")


class Replacements:
    """The edits for a document's findings."""

    def __init__(self, view: View) -> None:
        """``view`` is of the document that the findings are of."""
        self.lines, self.view = view.lines, view

    def of(self, finding: Finding) -> Edit | None:
        """The edit for a finding, None where its rule or its place has none."""
        make = _MAKERS.get(finding.rule)
        return make(self, finding) if make is not None and finding.line <= len(self.lines) else None

    def line(self, finding: Finding) -> str:
        """The line that it begins on."""
        return self.lines[finding.line - 1]

    def text(self, finding: Finding) -> str:
        """What it is about, "" where it is of several lines."""
        whole = finding.line == finding.end_line
        return self.line(finding)[finding.column - 1 : finding.end_column - 1] if whole else ""

    def call(self, finding: Finding) -> CallView | None:
        """The innermost call of which a word begins where the finding does."""
        return self._by_place.get((finding.line, finding.column))

    @cached_property
    def _by_place(self) -> dict[tuple[int, int], CallView]:
        return {(word.spot.line, word.spot.column): call for call in self.view.calls for word in call.words}


def _language(of: Replacements, finding: Finding) -> Edit | None:
    fence = _FENCE.search(of.line(finding))
    return _insert(finding.line, fence.end() + 1, "bash") if fence else None


def _quoted(of: Replacements, finding: Finding) -> Edit | None:
    try:
        shlex.split(of.line(finding)[finding.end_column - 1 :])
    except ValueError:  # a quote that is not closed: as a comment it did no harm
        return None
    return _over(finding, f"'{of.text(finding)}'")


def _without_terminal(of: Replacements, finding: Finding) -> Edit | None:
    flag, call = of.text(finding), of.call(finding)
    if flag not in _TERMINAL or call is None:
        return None
    fed = call.call.place.stage > 0 or any(each.operator.startswith("<") for each in call.redirects)
    if "i" in flag and fed:
        return _over(finding, "-i")
    rest = of.line(finding)[finding.end_column - 1 :]
    space = len(rest) - len(rest.lstrip(" "))
    return Edit(line=finding.line, column=finding.column, end_column=finding.end_column + space, text="")


def _flag_for_curl(flag: str) -> "_Maker":
    def make(of: Replacements, finding: Finding) -> Edit | None:
        call = of.call(finding)
        return (
            _insert(finding.line, call.words[0].spot.end_column, f" {flag}") if call and call.name == "curl" else None
        )

    return make


def _unforced(of: Replacements, finding: Finding) -> Edit | None:
    if finding.line != finding.end_line:
        return None
    line = of.line(finding)
    found = list(_FORCE.finditer(line, finding.column - 1, finding.end_column - 1))
    if sum("force" in match[0] for match in found) != 1:
        return None
    begin, end = found[0].start(), found[-1].end()
    kept = _FORCE.sub("", line[begin:end]).strip()
    if not kept:  # the space in front of them goes too
        begin = len(line[:begin].rstrip(" "))
    return Edit(line=finding.line, column=begin + 1, end_column=end + 1, text=kept)


def _for_none(of: Replacements, finding: Finding) -> Edit | None:
    return _insert(finding.line, finding.end_column, " -r") if of.text(finding).endswith("xargs") else None


def _dashes(_: Replacements, finding: Finding) -> Edit | None:
    return _insert(finding.line, finding.column, "-- ")


def _over(finding: Finding, text: str) -> Edit:
    return Edit(line=finding.line, column=finding.column, end_column=finding.end_column, text=text)


def _insert(line: int, column: int, text: str) -> Edit:
    return Edit(line=line, column=column, end_column=column, text=text)


_Maker = Callable[[Replacements, Finding], Edit | None]
_MAKERS: dict[str, _Maker] = {
    "RB006": _language,
    "RB012": _quoted,
    "RB022": _without_terminal,
    "RB026": _flag_for_curl("--max-time 5"),
    "RB033": _flag_for_curl("--fail"),
    "RB042": _unforced,
    "RB045": _for_none,
    "RB051": _dashes,
}
