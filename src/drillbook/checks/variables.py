"""Variables of the responder's shell: where they are set and used, and where the document speaks of them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from drillbook.checks.events import VariableSet, VariableUsed
from drillbook.checks.shell import Call, Expansion, ExpansionKind

if TYPE_CHECKING:
    from drillbook.checks.state import Trail
    from drillbook.checks.view import CommandView, View

_DECLARES = frozenset({"export", "declare", "local", "readonly", "typeset"})
_READS = frozenset({"read", "mapfile", "readarray", "getopts"})
_MAY_SET_ANY = frozenset({"source", ".", "eval"})
_TESTS = frozenset({"test", "[", "[["})
_PROMPT = "$"  # taken for a program where it stands in a block
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
_SPECIAL = frozenset("@*#?$!-_")
_ARITHMETIC = re.compile(r"(?:\(\(|\blet |[;,] ?)\s*([A-Za-z_]\w*)\s*(?:[-+*/]?=(?!=)|\+\+|--)", re.ASCII)
_BEFORE_ARITHMETIC = ("((", "let ", ";", ",")  # a match of it begins with one
_WITH_SPACE = re.compile(r"`[^`\n]*\s[^`\n]*`")
_SPOKEN_OF = re.compile(
    r"\$\{?(?P<used>[A-Za-z_]\w*)|`(?P<code>[A-Za-z_]\w*)`|(?<![\w.-])(?P<set>[A-Za-z_]\w*)="
    r"|\b(?P<capitals>[A-Z][A-Z0-9]*_[A-Z0-9_]+)\b",
    re.ASCII,
)
_IN_COMMENT = re.compile(r"\b[A-Z][A-Z0-9_]+\b", re.ASCII)
_IN_OTHER_CODE = re.compile(
    r"(?<![\w.$-])(?P<set>[A-Za-z_]\w*)\s?:?=|\bname:\s*[\"']?(?P<named>\w+)|\b(?:export|read|for)\s+(?P<word>\w+)",
    re.ASCII,
)


class Reading(Struct, frozen=True, kw_only=True):
    """A use of a variable, and what set it last; a setter without a name may have set any."""

    used: VariableUsed
    setter: VariableSet | None


def variables_used(command: "CommandView") -> Iterator[VariableUsed]:
    """Every use that does not think of an unset variable."""
    guarded = {each.spot for each in _guards(command)} | {each.spot for each in _added_to(command)}
    for each in command.syntax.expansions:
        plain = each.kind is ExpansionKind.VARIABLE and each.name and each.spot not in guarded
        if plain and each.name not in _SPECIAL and not each.name.isdecimal():
            yield VariableUsed(spot=each.spot, name=each.name, block=command.block.index, quoted=each.quoted)


def variables_set(command: "CommandView") -> Iterator[VariableSet]:
    """Every assignment, and every look at whether a variable is set."""
    block = command.block.index
    yield from _guards(command)
    for variable in command.syntax.loop_variables:
        yield VariableSet(spot=variable.spot, name=variable.name, block=block)
    text = command.command.text
    if any(each in text for each in _BEFORE_ARITHMETIC):
        for match in _ARITHMETIC.finditer(text):
            yield VariableSet(spot=command.start, name=match[1], block=block)
    for call in command.syntax.calls:
        yield from _set_by(call, block)


def _guards(command: "CommandView") -> Iterator[VariableSet]:
    """${X:?} and ${X:-…}, [ -z "$X" ] and [ -n "$X" ]: behind them a variable is as it is meant to be."""
    block = command.block.index
    for each in command.syntax.expansions:
        if each.kind is ExpansionKind.VARIABLE and each.name and each.defaulted:
            yield VariableSet(spot=each.spot, name=each.name, block=block, guards=True)
    for call in command.syntax.calls:
        if call.name not in _TESTS:
            continue
        for operator, operand in zip(call.words, call.words[1:], strict=False):
            if operator.value in ("-z", "-n") or call.name == "[[":
                for each in operand.expansions:
                    yield VariableSet(spot=each.spot, name=each.name, block=block, guards=True)


def _added_to(command: "CommandView") -> Iterator[Expansion]:
    """What a variable is made of together with itself, as in PATH="$PATH:bin"."""
    for call in command.syntax.calls:
        for each in call.assignments:
            if each.value is not None:
                yield from (inner for inner in each.value.expansions if inner.name == each.name)


def _set_by(call: Call, block: int) -> Iterator[VariableSet]:
    name = call.name
    lasting = not call.place.substitution and not call.place.subshell
    exported = name == "export"
    if not call.words or name in _DECLARES:
        for each in call.assignments:
            yield VariableSet(spot=each.spot, name=each.name, block=block, exported=exported, lasting=lasting)
    if name in _MAY_SET_ANY or (exported and any(not word.literal for word in call.arguments)):
        yield VariableSet(spot=call.spot, name="", block=block, lasting=lasting)
    yield from _set_by_words(call, block, lasting=lasting)


def _set_by_words(call: Call, block: int, *, lasting: bool) -> Iterator[VariableSet]:
    """Variables whose names are arguments."""
    if call.name == _PROMPT:
        for word in call.arguments:
            if match := _ASSIGNED.match(word.text):
                yield VariableSet(spot=word.spot, name=match[1], block=block)
    elif call.name in _READS:
        yield VariableSet(spot=call.spot, name="REPLY", block=block, lasting=lasting)
        for word in call.arguments:
            if word.literal and word.value.isidentifier():
                yield VariableSet(spot=word.spot, name=word.value, block=block, lasting=lasting)
    elif call.name == "printf" and len(call.words) > 2 and call.words[1].value == "-v":  # noqa: PLR2004 - printf -v X
        yield VariableSet(spot=call.words[2].spot, name=call.words[2].value, block=block, lasting=lasting)


def readings(trail: "Trail") -> Iterator[Reading]:
    """Every use with what set the variable before; what a subshell sets counts within its command alone."""
    last: dict[str, VariableSet] = {}
    passing: dict[str, VariableSet] = {}
    for event in trail.events:
        if isinstance(event, VariableSet):
            (last if event.lasting else passing)[event.name] = event
        elif isinstance(event, VariableUsed):
            within = passing.get(event.name) or passing.get("")
            setter = within if within and within.command == event.command else None
            yield Reading(used=event, setter=setter or last.get(event.name) or last.get(""))


def spoken_of(view: "View") -> frozenset[str]:
    """Names of variables that the document tells the reader of: in prose, tables, comments and other code."""
    found: set[str] = set()
    for number, line in enumerate(view.lines, start=1):
        if number not in view.code_lines:
            found.update(_names(_SPOKEN_OF, _WITH_SPACE.sub("", line)))
    for block in view.runbook.blocks:
        if not block.commands or block.syntax_fault is not None:
            found.update(_names(_IN_OTHER_CODE, block.text))
        for comment in block.comments:
            found.update(_of_comment(comment.text))
    for command in view.commands:
        for remark in command.remarks(view.lines):
            found.update(_of_comment(remark.text))
    return frozenset(found)


def _of_comment(text: str) -> Iterator[str]:
    yield from _names(_SPOKEN_OF, text)
    yield from _IN_COMMENT.findall(text)


def _names(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        yield from (each for each in match.groups() if each)
