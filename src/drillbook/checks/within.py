"""Matches within the words of a command, and their places in the document."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from msgspec import Struct

from drillbook.checks.arguments import words
from drillbook.checks.model import Spot
from drillbook.checks.shell import Call, Word
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

    @property
    def for_patterns(self) -> bool:
        """Whether the call runs a program of patterns, itself or in a pod."""
        return any(word.value.rpartition("/")[2] in PATTERN_PROGRAMS for word in self.call.words)

    @property
    def text(self) -> str:
        """As in the document, with spaces for what the shell puts in."""
        text = self.word.text
        for expansion in self.word.expansions:
            text = text.replace(expansion.text, " " * len(expansion.text))
        return text


def pieces(view: View, *, holding: Callable[[str], object]) -> Iterator[Piece]:
    """Those words of commands whose text ``holding`` takes: arguments, values, files and texts of redirections.

    What a terminal answered is left out.
    """
    answers = view.answer_lines
    for command in view.commands:
        for call in command.syntax.calls:
            if call.spot.line in answers:
                continue
            before = ""
            made = partial(Piece, call=call, before="", body=False, assigned=False)
            for word in call.words:
                if holding(word.text):
                    yield made(word=word, before=before)
                before = word.value
            for each in call.assignments:
                if each.value and holding(each.value.text):
                    yield made(word=each.value, assigned=True)
            for redirect in call.redirects:
                text = redirect.body or redirect.target
                if text and holding(text.text):
                    yield made(word=text, body=redirect.body is not None)


def spot_within(view: View, word: Word, match: re.Match[str]) -> Spot:
    """Of a match in a word's text; in its further lines the first such text of the line."""
    line = word.spot.line + match.string.count("\n", 0, match.start())
    if line != word.spot.line:
        return view.line_spot(line, match[0])
    start = word.spot.column - 1 + match.start()
    return view.spot(line, start, start + len(match[0]))
