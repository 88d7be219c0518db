"""What a rule sees: the runbook, its lines, and its commands with all that was read from them."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property

from drillbook.checks.curl import Curl, curl_of
from drillbook.checks.events import Event
from drillbook.checks.kubectl import PROGRAMS, Kubectl, kubectl_of
from drillbook.checks.model import Spot
from drillbook.checks.shell import Call, Commands, Redirect, Remark, Syntax, Word, read_each
from drillbook.checks.state import Trail, events_of, trail_of
from drillbook.checks.terminal import answer_lines
from drillbook.checks.wrapped import Program, program_of
from drillbook.runbook import Block, Command, Procedure, Runbook, Step

_BEGINS = re.compile(r"\s*(?:[-*+>|#]|\d{1,9}[.)])(?:\s|$)|\s*\|")  # a list item, heading, quotation or row of a table
_WORDS = re.compile(r"[^\s'\"/=;|&()<>]+")


class CallView:
    """A call with what it comes down to; ``words`` are those of the program within all wrappers."""

    def __init__(self, call: Call, command: "CommandView", program: Program, outer: Kubectl | None) -> None:
        """``outer`` is the kubectl exec that runs it in a pod."""
        self.call, self.command, self.outer = call, command, outer
        self.words, self.wrappers, self.name = program.words, program.wrappers, program.name

    @property
    def in_pod(self) -> bool:
        """Whether it runs in a pod and not where the responder is."""
        return self.outer is not None

    @property
    def spot(self) -> Spot:
        """Of the program with its arguments, wrappers and redirections left out."""
        return self.words[0].spot.up_to(self.words[-1].spot) if self.words else self.call.spot

    @property
    def redirects(self) -> tuple[Redirect, ...]:
        """Its redirections; they are the responder's even if the program runs in a pod."""
        return self.call.redirects

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words behind the program's name."""
        return self.words[1:]

    @cached_property
    def kubectl(self) -> Kubectl | None:
        """The call as kubectl's, None where it is another program's."""
        return kubectl_of(self.words) if self.name in PROGRAMS else None

    @cached_property
    def curl(self) -> Curl | None:
        """The call as curl's, None where it is another program's."""
        return curl_of(self.words) if self.name == "curl" else None


class CommandView:
    """A command with its block, step and procedure, and its calls."""

    def __init__(self, command: Command, block: Block, syntax: Syntax) -> None:
        """Step and procedure are set by the view, since blocks may belong to none."""
        self.command, self.block, self.syntax = command, block, syntax
        self.step: Step | None = None
        self.procedure: Procedure | None = None

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return self.command.line

    @property
    def procedure_line(self) -> int:
        """The line of its procedure's heading, 0 outside of any."""
        return self.procedure.line if self.procedure else 0

    @property
    def start(self) -> Spot:
        """Of its first character."""
        line, column = self.command.line, self.command.column
        return Spot(line=line, column=column, end_line=line, end_column=column + 1)

    @cached_property
    def spot(self) -> Spot:
        """Of the whole command, here-documents included."""
        first, _, rest = self.command.text.partition("\n")
        ends = [call.spot for call in self.syntax.calls if call.spot.end_line == self.command.end_line]
        column = max((spot.end_column for spot in ends), default=len(rest.rpartition("\n")[2]) + 1)
        return Spot(
            line=self.command.line,
            column=self.command.column,
            end_line=self.command.end_line,
            end_column=column if rest else self.command.column + len(first),
        )

    @cached_property
    def calls(self) -> tuple[CallView, ...]:
        """Every call that has words, and after a kubectl exec the one that it carries out in the pod."""
        return tuple(self._calls())

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What it does or needs, in order."""
        return tuple(events_of(self))

    def _calls(self) -> Iterator[CallView]:
        for call in self.syntax.calls:
            if not call.words:
                continue
            view = CallView(call, self, program_of(call.words), None)
            yield view
            if view.kubectl is not None and view.kubectl.inner:
                yield CallView(call, self, program_of(view.kubectl.inner), view.kubectl)

    def remarks(self, lines: Sequence[str]) -> tuple[Remark, ...]:
        """Comments within the command or right behind it; their texts are the lines' own, without the hash sign."""
        behind = []
        for comment in self.command.comments_behind:
            raw = lines[comment.line - 1]
            spot = Spot(line=comment.line, column=comment.column, end_line=comment.line, end_column=len(raw) + 1)
            behind.append(Remark(text=raw[comment.column :], spot=spot))
        return (*self.syntax.remarks, *behind)


def commands_of(runbook: Runbook, lines: Sequence[str]) -> Commands:
    """The commands that a view reads."""
    return Commands(commands=[command for command, _ in _commands(runbook)], lines=lines)


def _commands(runbook: Runbook) -> Iterator[tuple[Command, Block]]:
    for block in runbook.blocks:
        if block.syntax_fault is None:
            yield from ((command, block) for command in block.commands)


def views_of(runbooks: Sequence[tuple[Runbook, Sequence[str]]]) -> list["View"]:
    """A view of each runbook and its lines, their commands read together."""
    read = read_each([commands_of(*each) for each in runbooks])
    return [View(*each, syntaxes) for each, syntaxes in zip(runbooks, read, strict=True)]


class View:
    """A document for rules: built once, all else on demand and then kept."""

    def __init__(self, runbook: Runbook, lines: Sequence[str], syntaxes: Sequence[Syntax] | None = None) -> None:
        """``lines`` are the document's, without line ends; ``syntaxes`` what was read from its commands."""
        self.runbook, self.lines, self._syntaxes = runbook, tuple(lines), syntaxes

    @cached_property
    def commands(self) -> tuple[CommandView, ...]:
        """The commands of all shell blocks in the document's order; a block with a syntax error has none."""
        pairs = list(_commands(self.runbook))
        if self._syntaxes is None:
            (self._syntaxes,) = read_each([commands_of(self.runbook, self.lines)])
        syntaxes, self._syntaxes = self._syntaxes, None
        made = [CommandView(*pair, syntax) for pair, syntax in zip(pairs, syntaxes, strict=True)]
        owners = {
            block.index: (step, procedure)
            for procedure in self.runbook.procedures
            for step in procedure.steps
            for block in step.blocks
        }
        for each in made:
            each.step, each.procedure = owners.get(each.block.index, (None, None))
        return tuple(made)

    @cached_property
    def answer_lines(self) -> frozenset[int]:
        """Lines of shell blocks that are no commands but what a terminal answered."""
        return answer_lines(self.runbook, self.commands)

    @cached_property
    def block_lines(self) -> dict[int, int]:
        """The first and the last line of every code block, fences included."""
        return {
            block.line: block.text_line + block.text.count("\n") - (0 if block.fenced else 1)
            for block in self.runbook.blocks
        }

    @cached_property
    def prose(self) -> dict[int, str]:
        """The lines outside of code blocks by their numbers, headings and front matter included."""
        return {line: text for line, text in enumerate(self.lines, start=1) if line not in self.code_lines}

    def paragraph(self, line: int) -> str:
        """The prose around a line, up to an empty line or the next list item; "" within a block."""
        prose, first, last = self.prose, line, line
        while first > 1 and not _BEGINS.match(prose.get(first, "")) and prose.get(first - 1, "").strip():
            first -= 1
        while (following := prose.get(last + 1, "")).strip() and not _BEGINS.match(following):
            last += 1
        return " ".join(prose.get(each, "").strip() for each in range(first, last + 1))

    def lines_of(self, procedure: Procedure | None) -> range:
        """From a procedure's heading to the next one of its rank; the whole document outside of any."""
        whole = range(1, len(self.lines) + 1)
        return whole if procedure is None else self._section_lines.get(procedure.line, whole)

    @cached_property
    def _section_lines(self) -> dict[int, range]:
        """The lines of each section by its heading's."""
        found: dict[int, range] = {}
        following: list[
            tuple[int, int]
        ] = []  # levels and lines of the headings behind, each higher than those before it
        for heading in reversed(self.runbook.headings):
            while following and following[-1][0] > heading.level:
                following.pop()
            found[heading.line] = range(heading.line, following[-1][1] if following else len(self.lines) + 1)
            following.append((heading.level, heading.line))
        return found

    def calls_in(self, lines: range) -> tuple[CallView, ...]:
        """The calls of all commands that begin in these lines."""
        first, last = bisect_left(self._call_lines, lines.start), bisect_left(self._call_lines, lines.stop)
        return self.calls[first:last]

    @cached_property
    def _call_lines(self) -> list[int]:
        return [call.command.line for call in self.calls]

    def calls_of(self, step: Step) -> tuple[CallView, ...]:
        """The calls of all commands of a step."""
        return tuple(call for block in step.blocks for call in self._calls_by_block.get(block.index, ()))

    @cached_property
    def _calls_by_block(self) -> dict[int, list[CallView]]:
        found: dict[int, list[CallView]] = {}
        for call in self.calls:
            found.setdefault(call.command.block.index, []).append(call)
        return found

    @cached_property
    def calls(self) -> tuple[CallView, ...]:
        """The calls of all commands."""
        return tuple(call for command in self.commands for call in command.calls)

    @cached_property
    def kubectl(self) -> tuple[tuple[CallView, Kubectl], ...]:
        """Every kubectl call."""
        return tuple((call, call.kubectl) for call in self.calls if call.kubectl is not None)

    @cached_property
    def curl(self) -> tuple[tuple[CallView, Curl], ...]:
        """Every curl call, those in pods included."""
        return tuple((call, call.curl) for call in self.calls if call.curl is not None)

    @cached_property
    def trail(self) -> Trail:
        """What all commands do to the state, as if the document was carried out from its top to its end."""
        return trail_of(self.commands)

    @cached_property
    def trails(self) -> tuple[Trail, ...]:
        """The same for each procedure by itself; commands outside of any make one more."""
        by_procedure: dict[int, list[CommandView]] = {}
        for command in self.commands:
            by_procedure.setdefault(command.procedure_line, []).append(command)
        return tuple(trail_of(commands) for commands in by_procedure.values())

    @cached_property
    def last_mentions(self) -> dict[str, int]:
        """For each word in the commands, paths taken apart, the line of the last command that holds it."""
        commands = (command for block in self.runbook.blocks for command in block.commands)
        return {word: command.line for command in commands for word in _WORDS.findall(command.text)}

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """The lines of all blocks, fences included."""
        return frozenset(line for first, last in self.block_lines.items() for line in range(first, last + 1))

    def line_spot(self, line: int, text: str = "") -> Spot:
        """The place of a text in a line, of the whole line less its margins where it is not in it."""
        raw = self.lines[line - 1] if 1 <= line <= len(self.lines) else ""
        at = raw.find(text) if text else -1
        found = text if at >= 0 else raw.strip()
        begin = at if at >= 0 else len(raw) - len(raw.lstrip())
        return Spot(line=line, column=begin + 1, end_line=line, end_column=begin + 1 + len(found))

    def spot(self, line: int, start: int, end: int) -> Spot:
        """Of a match in a line; the offsets count from 0, as those of ``re`` do."""
        return Spot(line=line, column=start + 1, end_line=line, end_column=end + 1)
