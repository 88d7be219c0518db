"""Shell blocks that show a terminal: prompts with commands, and what was answered."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from drillbook.runbook import Block, Runbook

if TYPE_CHECKING:
    from drillbook.checks.view import CommandView

_PROMPT = re.compile(r"(?:[\w.-]+@[\w.-]+[: ][^\s$#]{0,80}[$#]|\$)[ \t]+(?=[A-Za-z./~(])", re.ASCII)

# "NAME   READY   STATUS": the head of a table that kubectl, docker or ps printed.
_TABLE_HEAD = re.compile(r"(?:[A-Z%#][A-Z%()-]+(?: [A-Z]+)*(?: {2,}|\t+)){2,}[A-Z][A-Z()-]*(?: [A-Z]+)*", re.ASCII)


class Prompt(Struct, frozen=True, kw_only=True):
    """The first prompt of a block."""

    line: int
    text: str  # the line without its margins
    prompt: str
    answered: bool  # output follows, of this prompt or a later one


def prompt_of(block: Block) -> Prompt | None:
    """The prompt that a shell block begins with, None where it shows no terminal; in its middle it may be a text's."""
    if not block.commands and block.syntax_fault is None:
        return None
    for index, text in enumerate(block.text.split("\n")):
        stripped = text.strip()
        found = _PROMPT.match(stripped)
        if found is not None:
            line, answered = block.text_line + index, any(_answers(block))
            return Prompt(line=line, text=stripped, prompt=found[0].strip(), answered=answered)
        if stripped and not stripped.startswith("#"):
            return None
    return None


def table_of(command: "CommandView") -> bool:
    """Whether what is taken for a command is the head of a printed table."""
    return _TABLE_HEAD.fullmatch(command.command.text.strip()) is not None


def answer_lines(runbook: Runbook, commands: "Iterable[CommandView]") -> frozenset[int]:
    """Lines that are no commands but what a terminal answered."""
    lines = {line for block in runbook.blocks if prompt_of(block) for line in _answers(block)}
    return frozenset(lines | {command.line for command in commands if table_of(command)})


def _answers(block: Block) -> Iterator[int]:
    continued = False
    for line, text in enumerate(block.text.split("\n"), start=block.text_line):
        stripped = text.strip()
        command = continued or _PROMPT.match(stripped) is not None
        continued = command and stripped.endswith("\\")
        if stripped and not command and not stripped.startswith("#"):
            yield line
