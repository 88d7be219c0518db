"""Reads from a command's text which kubectl calls in it are there to change objects, and which programs it calls."""

import re
import shlex
from collections.abc import Iterator

from drillbook.checks.changes import OBJECT_VERBS, ROLLOUT_VERBS
from drillbook.checks.kubectl import PROGRAMS, Kubectl, kubectl_of
from drillbook.checks.model import Spot
from drillbook.checks.shell import Word
from drillbook.checks.wrapped import program_of

_OPERATOR = re.compile(r"[;&|()<>\n]+")
_PIPE = re.compile(r"\|&?\n*")
_REDIRECT = re.compile(r"[<>]+[&|]?|&>>?")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_KEYWORDS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "time"})
_COMPOUND = _KEYWORDS | {"for", "case", "select", "function", "coproc", "[[", "done", "fi", "esac", "}"}
_NOWHERE = Spot(line=0, column=0, end_line=0, end_column=0)


def simple_commands(text: str) -> Iterator[list[str]]:
    """The words of each simple command outside of quotes; nothing where the quotes are not as they should be."""
    words: list[str] = []
    try:
        for token in _lexer(text):
            if not _OPERATOR.fullmatch(token):
                words.append(token)
            elif words:
                yield words
                words = []
    except ValueError:
        return
    if words:
        yield words


def pipeline(text: str) -> tuple[str, ...]:
    """The texts of the members of a command that is one pipeline of simple commands; none where that is not certain."""
    members: list[list[str]] = [[]]
    try:
        for token in _lexer(text.strip()):
            if _PIPE.fullmatch(token):
                members.append([])
            elif _OPERATOR.fullmatch(token) and not _REDIRECT.fullmatch(token):
                return ()
            else:
                members[-1].append(token)
    except ValueError:
        return ()
    if "`" in text or any(not words or words[0] in _COMPOUND for words in members):
        return ()
    raw = text.split("|")
    as_written = raw if len(raw) == len(members) else [" ".join(words) for words in members]
    return tuple(member.removeprefix("&").strip() for member in as_written)


def _lexer(text: str) -> shlex.shlex:
    lexer = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars=";&|()<>\n")
    lexer.whitespace, lexer.commenters = " \t\r", ""
    return lexer


def program(text: str) -> str:
    """The program that a simple command calls, "" where it cannot be told."""
    first = next(simple_commands(text), [])
    return program_of(_words(first)).name if first else ""


def changing_calls(text: str) -> tuple[Kubectl, ...]:
    """The kubectl calls that are to change objects through the API server."""
    return tuple(
        call
        for words in simple_commands(text)
        for call in _kubectl(words)
        if not call.dry_run
        and (call.verb in OBJECT_VERBS or (call.verb == "rollout" and call.subverb in ROLLOUT_VERBS))
    )


def may_change(text: str) -> bool:
    """Whether objects may be different afterwards: it calls kubectl to that end, or a script that may."""
    return bool(changing_calls(text)) or any(
        word.startswith("./") or word.endswith(".sh") for words in simple_commands(text) for word in words[:2]
    )


def _kubectl(words: list[str]) -> Iterator[Kubectl]:
    found = program_of(_words(words))
    if found.name in PROGRAMS:
        yield kubectl_of(found.words)


def _words(texts: list[str]) -> tuple[Word, ...]:
    rest = list(texts)
    while rest and (rest[0] in _KEYWORDS or _ASSIGNMENT.match(rest[0])):
        rest.pop(0)
    return tuple(
        Word(
            text=text,
            value=text,
            literal=not re.search(r"[$`]", text),
            quoted=False,
            glob=False,
            expansions=(),
            spot=_NOWHERE,
        )
        for text in rest
    )
