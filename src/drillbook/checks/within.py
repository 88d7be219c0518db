"""Matches within the words of a command, and their places in the document."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from msgspec import Struct

from drillbook.checks.arguments import words
from drillbook.checks.model import Spot
from drillbook.checks.shell import Call, Word
from drillbook.checks.terminal import answer_lines
from drillbook.checks.view import View

# Their arguments are patterns or programs of their own, in which capitals and dots mean something else.
PATTERN_PROGRAMS = words(
    "grep egrep fgrep zgrep rg ag sed awk gawk perl python python3 ruby jq yq find git go psql mysql sqlite3"
)


class Piece(Struct, frozen=True, kw_only=True):
    """A word, and the call that it belongs to."""

    word: Word
    before: str  # value of the word before it, "" where there is none
    call: Call
    body: bool  # it is the text of a here-document
    assigned: bool  # it is the value of a variable
    for_patterns: bool  # the call runs a program of patterns, itself or in a pod

    @property
    def text(self) -> str:
        """As in the document, with spaces for what the shell puts in."""
        text = self.word.text
        for expansion in self.word.expansions:
            text = text.replace(expansion.text, " " * len(expansion.text))
        return text


def pieces(view: View) -> Iterator[Piece]:
    """Every word of every command: arguments, values of variables, files and texts of redirections.

    What a terminal answered is left out.
    """
    answers = answer_lines(view)
    for command in view.commands:
        for call in command.syntax.calls:
            if call.spot.line in answers:
                continue
            before = ""
            made = _maker(call)
            for word in call.words:
                yield made(word=word, before=before)
                before = word.value
            for each in call.assignments:
                if each.value:
                    yield made(word=each.value, assigned=True)
            for redirect in call.redirects:
                if redirect.target and not redirect.body:
                    yield made(word=redirect.target)
                if redirect.body:
                    yield made(word=redirect.body, body=True)


def _maker(call: Call) -> Callable[..., Piece]:
    patterns = any(word.value.rpartition("/")[2] in PATTERN_PROGRAMS for word in call.words)
    return partial(Piece, call=call, before="", body=False, assigned=False, for_patterns=patterns)


def spot_within(view: View, word: Word, match: re.Match[str]) -> Spot:
    """Of a match in a word's text; in its further lines the first such text of the line."""
    line = word.spot.line + match.string.count("\n", 0, match.start())
    if line != word.spot.line:
        return view.line_spot(line, match[0])
    start = word.spot.column - 1 + match.start()
    return view.spot(line, start, start + len(match[0]))
