"""Makes every faulty variant of a runbook's procedures: pure, and always in the same order."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from drillbook.mutation.mutant import Edit, Mutant, Operator
from drillbook.runbook.model import Command, Procedure, Runbook, Step

Change = tuple[str, str]
"""What was done, in words, and the new text."""

_NAMESPACE = re.compile(r"(?P<flag>(?:^|\s)(?:-n|--namespace)[ =])(?P<name>[a-z][\w-]*)")
_NAME = re.compile(
    r"\b(?P<kind>(?:deployment|service|configmap|statefulset|daemonset|secret)s?[ /])(?P<name>[a-z][\w]*-[\w-]+)"
)
_LABEL = re.compile(r"(?P<before>\s(?:-l|--selector)[ =]\"?[\w./-]+=)(?P<value>[a-z][\w-]+)")
_JSON_LABEL = re.compile(r"(?P<before>\"(?:app|version|component)\": *\\?\")(?P<value>[a-z][\w-]+)")
_LONG_OPTION = re.compile(r"(?P<before>--timeout[= ])(?P<number>\d+)(?P<unit>[smh]?)\b")
_TIMEOUT = re.compile(r"(?P<before>\btimeout (?:-\S+ )*)(?P<number>\d+)(?P<unit>[smh]?)\b")
_CHANNEL = re.compile(r"(?P<before>['\"]#|--service-key=)(?P<name>[\w-]+)")
_PATCH = re.compile(r"(?:\s-p|--patch)[ =](?P<quote>['\"])(?P<body>.*?)(?<!\\)(?P=quote)", re.DOTALL)
_HERE_DOCUMENT = re.compile(r"<<-?\s*['\"\\]?\w")


def mutants_of(runbook: Runbook, lines: tuple[str, ...]) -> tuple[Mutant, ...]:
    """Every mutant of every procedure, in the document's order."""
    return tuple(mutant for procedure in runbook.procedures for mutant in _of_procedure(procedure, lines))


def _of_procedure(procedure: Procedure, lines: tuple[str, ...]) -> Iterator[Mutant]:
    for command in procedure.commands:
        text = _whole_lines(command, lines)
        if text is None:
            continue  # it shares a line with something else
        for operator, change in _CHANGES.items():
            for words, changed in change(text):
                edit = Edit(first_line=command.line, last_line=command.end_line, lines=_as_many(changed, command))
                yield Mutant(
                    operator=operator, procedure=procedure.title, line=command.line, change=words, edits=(edit,)
                )
    for one, other in pairwise(step for step in procedure.steps if step.commands):
        yield _swapped(procedure, one, other, lines)


def _whole_lines(command: Command, lines: tuple[str, ...]) -> str | None:
    """The document's lines of a command that has them for itself, None for another."""
    own = lines[command.line - 1 : command.end_line]
    said = [line.strip() for line in command.text.split("\n")]
    return "\n".join(own) if [line.strip() for line in own] == said else None


def _as_many(text: str, command: Command) -> tuple[str, ...]:
    """The text's lines, filled up with empty ones, so that the lines below keep their numbers."""
    lines = text.split("\n") if text else []
    return (*lines, *[""] * (command.end_line - command.line + 1 - len(lines)))


def _drop(text: str) -> Iterator[Change]:
    yield f"leaves out: {_first_line(text)}", ""


def _everywhere(
    pattern: re.Pattern[str], put: Callable[[re.Match[str]], str], words: str
) -> Callable[..., Iterator[Change]]:
    """All places together are one mutant."""

    def change(text: str) -> Iterator[Change]:
        first = pattern.search(text)
        if first:
            yield f"{words}: {first[0].strip()}", pattern.sub(put, text)

    return change


def _each_once(
    *patterns: re.Pattern[str], put: Callable[[re.Match[str]], str], words: str
) -> Callable[..., Iterator[Change]]:
    """The first place of each pattern is a mutant of its own."""

    def change(text: str) -> Iterator[Change]:
        for pattern in patterns:
            first = pattern.search(text)
            if first:
                yield f"{words}: {first[0].strip()}", text[: first.start()] + put(first) + text[first.end() :]

    return change


def _or_true(text: str) -> Iterator[Change]:
    if not _HERE_DOCUMENT.search(text) and not text.rstrip().endswith("\\"):
        yield f"cannot fail: {_first_line(text)}", f"{text} || true"


def _broken_patch(text: str) -> Iterator[Change]:
    found = _PATCH.search(text)
    if found and "}" in found["body"]:
        at = found.start("body") + found["body"].rindex("}")
        yield "loses the last brace of its patch", text[:at] + text[at + 1 :]


def _shorter(found: re.Match[str]) -> str:
    return f"{found['before']}1s" if found["unit"] else f"{found['before']}1"


_CHANGES: dict[Operator, Callable[[str], Iterator[Change]]] = {
    Operator.DROP: _drop,
    Operator.NAMESPACE: _everywhere(
        _NAMESPACE, lambda found: f"{found['flag']}{found['name']}-old", "another namespace"
    ),
    Operator.NAME: _each_once(_NAME, put=lambda found: f"{found['kind']}{found['name']}-old", words="another name"),
    Operator.SELECTOR: _each_once(
        _LABEL, _JSON_LABEL, put=lambda found: found["before"] + found["value"][:-1], words="a letter lost"
    ),
    Operator.PLACEHOLDER: _each_once(_NAME, put=lambda found: f"{found['kind']}<name>", words="no name"),
    Operator.OR_TRUE: _or_true,
    Operator.DEADLINE: _each_once(_LONG_OPTION, _TIMEOUT, put=_shorter, words="one second"),
    Operator.CHANNEL: _each_once(
        _CHANNEL, put=lambda found: f"{found['before']}{found['name']}-old", words="another channel"
    ),
    Operator.PATCH: _broken_patch,
}


def _swapped(procedure: Procedure, one: Step, other: Step, lines: tuple[str, ...]) -> Mutant:
    """The second step, title and all, before the first."""
    first, second = _region(one), _region(other)
    edits = tuple(
        Edit(first_line=place[0], last_line=place[1], lines=lines[content[0] - 1 : content[1]])
        for place, content in ((first, second), (second, first))
    )
    words = f"“{other.title}” before “{one.title}”"
    return Mutant(operator=Operator.SWAP, procedure=procedure.title, line=one.line, change=words, edits=edits)


def _region(step: Step) -> tuple[int, int]:
    """From a step's title to the end of its last block with commands."""
    block = [each for each in step.blocks if each.commands][-1]
    return step.line, block.text_line + block.text.rstrip("\n").count("\n") + (1 if block.fenced else 0)


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0]
