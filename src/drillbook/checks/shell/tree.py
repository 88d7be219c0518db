"""The parts of shfmt's syntax tree that checks look at, decoded from its JSON.

Class names are shfmt's type names. Operators stand there as numbers that change between its versions, so they are
read from the script's text instead.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct


class Position(Struct, rename="pascal", gc=False):
    """A byte offset in the script."""

    offset: int


class Node(Struct, rename="pascal", tag_field="Type", tag=True, kw_only=True, gc=False):
    """Anything with a type of its own."""

    pos: Position
    end: Position


class Name(Struct, rename="pascal", gc=False):
    """A bare name."""

    value: str


class Comment(Struct, rename="pascal", gc=False):
    """A comment; its text has no hash sign."""

    pos: Position
    end: Position
    text: str = ""


class Redirect(Struct, rename="pascal", gc=False):
    """A redirection of a statement."""

    op_pos: Position
    pos: Position
    end: Position
    n: Name | None = None
    word: Word | None = None
    hdoc: Word | None = None


class Stmt(Struct, rename="pascal", gc=False):
    """A statement: a command with what surrounds it."""

    pos: Position
    end: Position
    comments: list[Comment] = []
    cmd: Command | None = None
    negated: bool = False
    background: bool = False
    redirs: list[Redirect] = []


class File(Struct, rename="pascal", gc=False):
    """A whole script."""

    stmts: list[Stmt] = []


class Word(Node, gc=False):
    """A word; as part of a test it has a type, elsewhere none."""

    parts: list[Part] = []


class Array(Struct, rename="pascal", gc=False):
    """The elements of ``a=(…)``."""

    elems: list[Element] = []


class Element(Struct, rename="pascal", gc=False):
    """One of them."""

    value: Word | None = None


class Assign(Struct, rename="pascal", gc=False):
    """An assignment, or a bare argument of ``export``."""

    pos: Position
    end: Position
    append: bool = False
    naked: bool = False
    name: Name | None = None
    value: Word | None = None
    array: Array | None = None


# Commands.
class CallExpr(Node, gc=False):  # noqa: D101 - the names are shfmt's
    assigns: list[Assign] = []
    args: list[Word] = []


class BinaryCmd(Node, gc=False):  # noqa: D101
    op_pos: Position
    x: Stmt
    y: Stmt


class IfClause(Struct, rename="pascal", tag_field="Type", tag=True, gc=False):  # noqa: D101 - an else branch has no type
    cond: list[Stmt] = []
    then: list[Stmt] = []
    else_: IfClause | None = msgspec.field(default=None, name="Else")


class WhileClause(Node, gc=False):  # noqa: D101
    until: bool = False
    cond: list[Stmt] = []
    do: list[Stmt] = []


class WordIter(Node, gc=False):  # noqa: D101
    name: Name
    items: list[Word] = []


class CStyleLoop(Node, gc=False):  # noqa: D101
    pass


class ForClause(Node, gc=False):  # noqa: D101
    loop: WordIter | CStyleLoop
    select: bool = False
    do: list[Stmt] = []


class CaseItem(Struct, rename="pascal", gc=False):  # noqa: D101
    patterns: list[Word] = []
    stmts: list[Stmt] = []


class CaseClause(Node, gc=False):  # noqa: D101
    word: Word | None = None
    items: list[CaseItem] = []


class Block(Node, gc=False):  # noqa: D101
    stmts: list[Stmt] = []


class Subshell(Node, gc=False):  # noqa: D101
    stmts: list[Stmt] = []


class FuncDecl(Node, gc=False):  # noqa: D101
    name: Name | None = None
    body: Stmt | None = None


class ArithmCmd(Node, gc=False):  # noqa: D101
    pass


class LetClause(Node, gc=False):  # noqa: D101
    pass


class TestClause(Node, gc=False):  # noqa: D101
    x: TestPart | None = None


class DeclClause(Node, gc=False):  # noqa: D101
    variant: Name
    args: list[Assign] = []


class TimeClause(Node, gc=False):  # noqa: D101
    stmt: Stmt | None = None


class CoprocClause(Node, gc=False):  # noqa: D101
    stmt: Stmt | None = None


class TestDecl(Node, gc=False):  # noqa: D101
    body: Stmt | None = None


# Parts of tests.
class BinaryTest(Node, gc=False):  # noqa: D101
    x: TestPart | None = None
    y: TestPart | None = None


class UnaryTest(Node, gc=False):  # noqa: D101
    x: TestPart | None = None


class ParenTest(Node, gc=False):  # noqa: D101
    x: TestPart | None = None


# Parts of words.
class Lit(Node, gc=False):  # noqa: D101
    value: str = ""


class SglQuoted(Node, gc=False):  # noqa: D101
    dollar: bool = False
    value: str = ""


class DblQuoted(Node, gc=False):  # noqa: D101
    parts: list[Part] = []


class Expansion(Struct, rename="pascal", gc=False):  # noqa: D101
    word: Word | None = None


class ParamExp(Node, gc=False):  # noqa: D101
    param: Name | None = None
    exp: Expansion | None = None


class CmdSubst(Node, gc=False):  # noqa: D101
    stmts: list[Stmt] = []


class ProcSubst(Node, gc=False):  # noqa: D101
    stmts: list[Stmt] = []


class ArithmExp(Node, gc=False):  # noqa: D101
    pass


class ExtGlob(Node, gc=False):  # noqa: D101
    pass


class BraceExp(Node, gc=False):  # noqa: D101
    pass


Part = Lit | SglQuoted | DblQuoted | ParamExp | CmdSubst | ProcSubst | ArithmExp | ExtGlob | BraceExp
TestPart = BinaryTest | UnaryTest | ParenTest | Word
Command = (
    CallExpr
    | BinaryCmd
    | IfClause
    | WhileClause
    | ForClause
    | CaseClause
    | Block
    | Subshell
    | FuncDecl
    | ArithmCmd
    | LetClause
    | TestClause
    | DeclClause
    | TimeClause
    | CoprocClause
    | TestDecl
)

_DECODER = msgspec.json.Decoder(File)


def decode_tree(json: bytes) -> File:
    """The tree of a script.

    Raises:
        msgspec.ValidationError: shfmt gave a type that is not known here.
        RecursionError: the script is nested too deeply.
    """
    return _DECODER.decode(json)
