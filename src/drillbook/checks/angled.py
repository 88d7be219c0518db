"""Placeholders in angle brackets, such as <pod>, which the shell takes for redirections, and remnants of ERB."""

import re
from collections.abc import Iterator

from drillbook.checks.view import View
from drillbook.runbook import Block

# In a line: <pod>, <your pod>, <ポッド名>, each with nothing like a file's path in it, and not the << of a document.
ANGLED = re.compile(r"(?<![<A-Za-z0-9_(&$])<([^\W\d_][\w-]*(?:[ ][^\W\d_][\w-]*){0,4})>(?![&(>])")
ERB = re.compile(r"<%[=-]?[^%\n]{1,200}%>")
_QUOTES = "'\""


def angled_at_fault(view: View, block: Block) -> Iterator[re.Match[str]]:
    """Those on the line that the shell cannot read: where one stands at its end, nothing is left to write to."""
    if block.syntax_fault is None or block.syntax_fault.line > len(view.lines):
        return
    raw = view.lines[block.syntax_fault.line - 1]
    for match in ANGLED.finditer(raw):
        before = raw[: match.start()]
        if "#" not in before and not any(before.count(quote) % 2 for quote in _QUOTES):
            yield match
