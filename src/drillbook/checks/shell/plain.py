"""Reads a command at a glance that is one line of plain words, quotes, variables, pipes and redirections.

shfmt's tree of a command is a hundred times as long as the command, and making it is what a check would spend most
of its time on. Whatever is not plain beyond doubt is left to shfmt: a property test holds both to the same answer.
"""

import re
from collections.abc import Iterator

from drillbook.checks.model import Spot
from drillbook.checks.shell.model import Call, Expansion, ExpansionKind, Place, Redirect, Syntax, Word
from drillbook.checks.shell.words import GLOB, unescaped_in_quotes
from drillbook.runbook import Command

_BARE = r"[A-Za-z0-9_./:=@%+,^~*?-]"
_VARIABLE = r"\$(?:[A-Za-z_]\w*+|\{[A-Za-z_]\w*+\})"
_DOUBLE = rf"\"(?:[^\"$`\\\n]|\\[^\n]|{_VARIABLE})*+\""
_WORD = rf"(?:{_BARE}++|{_VARIABLE}|'[^'\n]*+'|{_DOUBLE})++"
_PART = re.compile(
    rf"(?P<bare>{_BARE}++)|(?P<variable>{_VARIABLE})|'(?P<single>[^']*+)'|(?P<double>{_DOUBLE})", re.ASCII
)
_IN_QUOTES = re.compile(rf"(?P<variable>{_VARIABLE})|(?:[^$\\]|\\.)++", re.ASCII)
_TOKEN = re.compile(
    rf"[ \t]*+(?:(?P<join>&&|\|\|?(?!&))"
    rf"|(?P<redirect>(?P<number>\d?)(?P<operator>>>|>(?![&|>(])))[ \t]*+(?P<target>{_WORD})"
    rf"|(?P<copy>(?P<from>\d?)>&(?P<to>\d)(?![^ \t|&]))"
    rf"|(?P<word>{_WORD}(?![^ \t|&])))",
    re.ASCII,
)
# Words that begin what may span lines, or that the shell reads by rules of its own.
_RESERVED = re.compile(
    r"(?:if|then|elif|else|fi|for|while|until|do|done|case|esac|select|function|time|coproc|in|let|declare|local|export"
    r"|readonly|typeset|nameref|eval|test|source|exec)|[A-Za-z_]\w*\+?=.*",
    re.ASCII | re.DOTALL,
)


def read_plain(command: Command) -> Syntax | None:
    """All that stands in a command, None where it is not plain."""
    if "\n" in command.text:
        return None
    calls: list[Call] = []
    stage: list[re.Match[str]] = []
    pipelines: list[list[list[re.Match[str]]]] = [[stage]]
    joins: list[str] = []
    for token in _tokens(command.text):
        if token is None:
            return None
        if join := token["join"]:
            stage = []
            if join == "|":
                pipelines[-1].append(stage)
            else:
                joins.append(join)
                pipelines.append([stage])
        else:
            stage.append(token)
    for number, stages in enumerate(pipelines):
        place = Place(pipeline=number, stages=len(stages), operator=_at(joins, number), previous=_at(joins, number - 1))
        for index, tokens in enumerate(stages):
            if not tokens or tokens[0]["word"] is None or _RESERVED.fullmatch(tokens[0]["word"]):
                return None
            calls.append(_call(tokens, command, place if index == 0 else _stage(place, index)))
    redirects = tuple(redirect for call in calls for redirect in call.redirects)
    return Syntax(calls=tuple(calls), redirects=redirects, expansions=tuple(_expansions(calls)))


def _tokens(text: str) -> Iterator[re.Match[str] | None]:
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        yield token
        if token is None:
            return
        at = token.end()


def _at(joins: list[str], index: int) -> str:
    return joins[index] if 0 <= index < len(joins) else ""


def _stage(place: Place, index: int) -> Place:
    return Place(
        pipeline=place.pipeline, stage=index, stages=place.stages, operator=place.operator, previous=place.previous
    )


def _call(tokens: list[re.Match[str]], command: Command, place: Place) -> Call:
    words = tuple(_word(each["word"], each.start("word"), command) for each in tokens if each["word"] is not None)
    redirects = tuple(_redirect(each, command) for each in tokens if each["word"] is None)
    return Call(
        words=words,
        assignments=(),
        redirects=redirects,
        place=place,
        spot=_spot(command, tokens[0].start("word"), tokens[-1].end()),
    )


def _redirect(token: re.Match[str], command: Command) -> Redirect:
    copies = token["copy"] is not None
    number = token["from" if copies else "number"]
    target = "to" if copies else "target"
    return Redirect(
        operator=">&" if copies else token["operator"],
        descriptor=int(number) if number else None,
        target=_word(token[target], token.start(target), command),
        body=None,
        spot=_spot(command, token.start("copy" if copies else "redirect"), token.end()),
    )


def _word(text: str, start: int, command: Command) -> Word:
    spot = _spot(command, start, start + len(text))
    first = _PART.match(text)
    if first is not None and first["bare"] is not None and first.end() == len(text):  # most are
        glob = GLOB.search(text) is not None
        return Word(text=text, value=text, literal=True, quoted=False, glob=glob, expansions=(), spot=spot)
    parts = list(_PART.finditer(text))
    expansions = tuple(each for part in parts for each in _of_part(part, start, command))
    return Word(
        text=text,
        value="".join(_value(part) for part in parts),
        literal=not expansions,
        quoted=any(part["single"] is not None or part["double"] is not None for part in parts),
        glob=any(part["bare"] is not None and GLOB.search(part["bare"]) is not None for part in parts),
        expansions=expansions,
        spot=spot,
    )


def _value(part: re.Match[str]) -> str:
    if part["double"] is not None:
        return "".join(
            piece[0] if piece["variable"] else unescaped_in_quotes(piece[0])
            for piece in _IN_QUOTES.finditer(part["double"][1:-1])
        )
    return part["single"] if part["single"] is not None else part[0]


def _of_part(part: re.Match[str], start: int, command: Command) -> Iterator[Expansion]:
    if part["variable"] is not None:
        yield _expansion(part[0], start + part.start(), command, quoted=False)
    elif part["double"] is not None:
        inside = start + part.start() + 1
        for piece in _IN_QUOTES.finditer(part["double"][1:-1]):
            if piece["variable"]:
                yield _expansion(piece[0], inside + piece.start(), command, quoted=True)


def _expansion(text: str, start: int, command: Command, *, quoted: bool) -> Expansion:
    return Expansion(
        kind=ExpansionKind.VARIABLE,
        text=text,
        name=text.strip("${}"),
        quoted=quoted,
        defaulted=False,
        spot=_spot(command, start, start + len(text)),
    )


def _expansions(calls: list[Call]) -> Iterator[Expansion]:
    for call in calls:
        for word in call.words:
            yield from word.expansions
        for redirect in call.redirects:
            if redirect.target:
                yield from redirect.target.expansions


def _spot(command: Command, start: int, end: int) -> Spot:
    column = command.column
    return Spot(line=command.line, column=column + start, end_line=command.line, end_column=column + end)
