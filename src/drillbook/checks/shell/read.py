"""Reads the commands of one document or several in few shfmt processes.

The runbook's parser has already split blocks into commands, so each text here is whole, and a batch of them parses.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

import msgspec
from msgspec import Struct

from drillbook.checks.model import Spot
from drillbook.checks.shell.calls import syntax_of
from drillbook.checks.shell.model import Syntax
from drillbook.checks.shell.plain import read_plain
from drillbook.checks.shell.tree import Stmt, decode_tree
from drillbook.checks.shell.words import Text
from drillbook.runbook import Command
from drillbook.runbook.shfmt import ShellSyntaxError, syntax_tree_json

_MAX_BATCH_BYTES = 32_768  # the tree's JSON is some 60 to 550 times as long: this bounds memory
_MAX_RUNS = 2_000  # processes for one document: some 6 s
_SEPARATOR = b"\n\n"  # two, lest a last backslash joins two texts
_CONTINUATION = 0x80  # of a character in UTF-8
_UNREADABLE = Syntax(readable=False)
_Placed = tuple[Command, Sequence[str]]  # with its document's lines


class Commands(Struct, frozen=True, kw_only=True):
    """The commands of a document, and its lines without line ends."""

    commands: Sequence[Command]
    lines: Sequence[str]


def read_each(documents: Sequence[Commands]) -> list[list[Syntax]]:
    """The syntax of each command of each document, in order.

    Raises:
        CannotRunError: shfmt is missing or broke down.
    """
    plain = [[read_plain(command) for command in each.commands] for each in documents]
    left = [
        Commands(
            commands=[command for command, read in zip(each.commands, own, strict=True) if read is None],
            lines=each.lines,
        )
        for each, own in zip(documents, plain, strict=True)
    ]
    found = iter(_together(left))
    return [[read or next(found) for read in own] for own in plain]


def _together(documents: Sequence[Commands]) -> list[Syntax]:
    placed = [(command, each.lines) for each in documents for command in each.commands]
    answers, done = _read_all(placed)
    if done or len(documents) == 1:
        return answers
    # The number of processes is bounded for each document, lest one takes another's.
    return [syntax for each in documents for syntax in read_with_shfmt(each.commands, each.lines)]


def read_with_shfmt(commands: Sequence[Command], lines: Sequence[str]) -> list[Syntax]:
    """The syntax of one document's commands, without a look at which of them are plain."""
    return _read_all([(command, lines) for command in commands])[0]


def _read_all(commands: Sequence[_Placed]) -> tuple[list[Syntax], bool]:
    """The syntax of each, and whether all were come to."""
    answers = [_UNREADABLE] * len(commands)
    texts = [command.text.encode() for command, _ in commands]
    pending = list(_ranges(texts))[::-1]
    runs = 0
    while pending and runs < _MAX_RUNS:
        first, last = pending.pop()
        if len(texts[first]) > _MAX_BATCH_BYTES:
            continue
        runs += 1
        found = _read(texts[first:last], commands[first:last])
        if found is not None:
            answers[first:last] = found
        elif last - first > 1:  # rare: one of them is nested too deeply
            middle = (first + last) // 2
            pending += [(middle, last), (first, middle)]
    return answers, not pending


def _ranges(texts: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    first, size = 0, 0
    for index, text in enumerate(texts):
        if size + len(text) > _MAX_BATCH_BYTES and index > first:
            yield first, index
            first, size = index, 0
        size += len(text) + len(_SEPARATOR)
    if first < len(texts):
        yield first, len(texts)


def _read(texts: Sequence[bytes], commands: Sequence[_Placed]) -> list[Syntax] | None:
    starts = list(accumulate((len(text) + len(_SEPARATOR) for text in texts[:-1]), initial=0))
    script = _SEPARATOR.join(texts) + _SEPARATOR
    parts: list[list[Stmt]] = [[] for _ in texts]
    try:
        for statement in decode_tree(syntax_tree_json(script)).stmts:
            parts[bisect_right(starts, statement.pos.offset) - 1].append(statement)
        return [
            _syntax(own, Text(script, _Where(command, start, lines).spot))
            for own, (command, lines), start in zip(parts, commands, starts, strict=True)
        ]
    except (ShellSyntaxError, RecursionError, msgspec.ValidationError):
        return None


def _syntax(statements: Sequence[Stmt], text: Text) -> Syntax:
    """A command is one statement, or several of one line that a here-document follows."""
    read = [syntax_of(each, text) for each in statements]
    if len(read) == 1:
        return read[0]
    return Syntax(
        calls=tuple(call for each in read for call in each.calls),
        redirects=tuple(redirect for each in read for redirect in each.redirects),
        expansions=tuple(expansion for each in read for expansion in each.expansions),
        loop_variables=tuple(variable for each in read for variable in each.loop_variables),
        remarks=tuple(remark for each in read for remark in each.remarks),
        readable=bool(read),
    )


class _Where:
    """Turns byte offsets of a batch into places in the document."""

    def __init__(self, command: Command, start: int, lines: Sequence[str]) -> None:
        self.command, self.start, self.lines = command, start, lines
        self.rows = command.text.split("\n")
        self.row_starts = list(accumulate((len(row) + 1 for row in self.rows[:-1]), initial=0))
        encoded = b"" if command.text.isascii() else command.text.encode()
        self.characters = [at for at, byte in enumerate(encoded) if byte & 0xC0 != _CONTINUATION]

    def spot(self, start: int, end: int) -> Spot:
        line, column = self._of(start - self.start)
        # An end is behind the last character, and so on that one's line.
        end_line, end_column = self._of(max(end - 1, start) - self.start)
        return Spot(line=line, column=column, end_line=end_line, end_column=end_column + 1)

    def _of(self, offset: int) -> tuple[int, int]:
        at = bisect_right(self.characters, offset) - 1 if self.characters else offset
        at = min(max(at, 0), len(self.command.text))
        row = bisect_right(self.row_starts, at) - 1
        within = at - self.row_starts[row]
        line = self.command.line + row
        if row == 0:
            return line, self.command.column + within
        # Markdown takes from a line's beginning, and may make spaces of a tab there: count from its end.
        raw = self.lines[line - 1] if line <= len(self.lines) else ""
        row_length = len(self.rows[row])
        if row == len(self.rows) - 1:  # the last row may end before its line does
            row_length = max(len(raw) - max(raw.rfind(self.rows[row]), 0), row_length)
        return line, max(len(raw) - row_length + within, 0) + 1
