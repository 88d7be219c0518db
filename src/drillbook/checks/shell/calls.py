"""Walks one command's syntax tree and collects its calls."""

from collections.abc import Iterator, Sequence
from itertools import count

from msgspec.structs import replace

from drillbook.checks.shell import tree
from drillbook.checks.shell.model import (
    Assignment,
    Call,
    Expansion,
    Place,
    Redirect,
    Remark,
    Syntax,
    Word,
)
from drillbook.checks.shell.words import Text, substitutions, word_of

_REDIRECTS = (b"&>>", b"<<<", b"<<-", b"&>", b">>", b">|", b">&", b"<&", b"<<", b"<>", b">", b"<")


def syntax_of(statement: tree.Stmt, text: Text) -> Syntax:
    """All that stands in a statement.

    Raises:
        RecursionError: it is nested too deeply.
    """
    walk = _Walk(text)
    walk.statement(statement, Place())
    return Syntax(
        calls=tuple(walk.calls),
        redirects=tuple(walk.redirects),
        expansions=tuple(walk.expansions),
        loop_variables=tuple(walk.loop_variables),
        remarks=tuple(walk.remarks),
    )


class _Walk:
    """What was met so far."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.calls: list[Call] = []
        self.redirects: list[Redirect] = []
        self.expansions: list[Expansion] = []
        self.loop_variables: list[Assignment] = []
        self.remarks: list[Remark] = []
        self.pipelines = count()

    def statements(self, statements: Sequence[tree.Stmt], place: Place) -> None:
        """A list: only its last statement is joined with what follows the list."""
        for index, each in enumerate(statements):
            last = index == len(statements) - 1
            self.statement(each, place if last else replace(place, operator=";"))

    def statement(self, node: tree.Stmt, place: Place) -> None:
        """One statement, with all that stands in it."""
        for comment in node.comments:
            spot = self.text.spot(comment.pos.offset, comment.end.offset)
            self.remarks.append(Remark(text=comment.text, spot=spot))
        if node.negated or node.background:
            operator = "&" if node.background else place.operator
            place = replace(
                place,
                negated=place.negated or node.negated,
                background=place.background or node.background,
                operator=operator,
            )
        redirects = tuple(self._redirect(each) for each in node.redirs)
        self.redirects += redirects
        if isinstance(node.cmd, tree.BinaryCmd):
            self._binary(node.cmd, place)
        elif node.cmd is None or isinstance(node.cmd, tree.CallExpr | tree.DeclClause | tree.TestClause):
            self._call(node, place, redirects)
        else:
            self._compound(node.cmd, place)
        for each in node.redirs:
            self._inside([word for word in (each.word, each.hdoc) if word], place)

    def _binary(self, node: tree.BinaryCmd, place: Place) -> None:
        read = self.text.script[node.op_pos.offset : node.op_pos.offset + 2]
        if read in (b"&&", b"||"):
            operator = read.decode()
            self.statement(node.x, replace(place, operator=operator))
            self.statement(node.y, replace(place, previous=operator))
            return
        stages = list(_stages(node))
        number = next(self.pipelines)
        for index, stage in enumerate(stages):
            self.statement(stage, replace(place, pipeline=number, stage=index, stages=len(stages)))

    def _compound(self, node: tree.Command, place: Place) -> None:
        match node:
            case tree.Block():
                self.statements(node.stmts, place)
            case tree.Subshell():
                self.statements(node.stmts, replace(place, subshell=True))
            case tree.IfClause():
                self._if(node, place)
            case tree.WhileClause():
                kind = "until" if node.until else "while"
                self.statements(node.cond, replace(place, condition=True, loop=kind, operator=""))
                self.statements(node.do, replace(place, loop=kind))
            case tree.ForClause():
                self._for(node, place)
            case tree.CaseClause():
                self._inside([node.word] if node.word else [], place)
                for item in node.items:
                    self.statements(item.stmts, place)
            case tree.FuncDecl() if node.body:
                self.statement(node.body, replace(place, function=node.name.value if node.name else "", operator=""))
            case tree.TimeClause() | tree.CoprocClause() if node.stmt:
                background = place.background or isinstance(node, tree.CoprocClause)
                self.statement(node.stmt, replace(place, background=background))
            case _:
                pass

    def _if(self, node: tree.IfClause, place: Place) -> None:
        branch: tree.IfClause | None = node
        while branch is not None:
            self.statements(branch.cond, replace(place, condition=True, operator=""))
            self.statements(branch.then, place)
            branch = branch.else_

    def _for(self, node: tree.ForClause, place: Place) -> None:
        if isinstance(node.loop, tree.WordIter):
            spot = self.text.spot(node.loop.pos.offset, node.loop.pos.offset + len(node.loop.name.value.encode()))
            self.loop_variables.append(Assignment(name=node.loop.name.value, value=None, spot=spot))
            self._inside(node.loop.items, place)
        self.statements(node.do, replace(place, loop="for"))

    def _call(self, node: tree.Stmt, place: Place, redirects: tuple[Redirect, ...]) -> None:
        if place.pipeline < 0:
            place = replace(place, pipeline=next(self.pipelines))
        words: list[tree.Word] = []
        assigns: list[tree.Assign] = []
        first: tuple[Word, ...] = ()
        match node.cmd:
            case tree.CallExpr():
                words, assigns = node.cmd.args, node.cmd.assigns
            case tree.DeclClause():
                assigns = node.cmd.args
                first = (self._invented(node.cmd.variant.value, node.cmd.pos.offset),)
            case tree.TestClause():
                words = list(_leaves(node.cmd.x))
                first = (self._invented("[[", node.cmd.pos.offset),)
        if not (words or first or assigns or redirects):
            return
        options = [each.value for each in assigns if each.name is None and each.value]
        named = [each for each in assigns if each.name is not None]
        position = len(self.calls)
        call = Call(
            words=(*first, *(word_of(each, self.text) for each in (*words, *options))),
            assignments=tuple(self._assignment(each) for each in named),
            redirects=redirects,
            place=place,
            spot=self.text.spot_of(node),
        )
        self.calls.insert(position, call)
        inside = [*_values_of(named), *words, *options]
        self._inside(inside, place)

    def _invented(self, name: str, offset: int) -> Word:
        spot = self.text.spot(offset, offset + len(name.encode()))
        return Word(text=name, value=name, literal=True, quoted=False, glob=False, expansions=(), spot=spot)

    def _inside(self, words: Sequence[tree.Word], place: Place) -> None:
        """Expansions of words, and the calls in their substitutions."""
        for word in words:
            if len(word.parts) == 1 and isinstance(word.parts[0], tree.Lit):
                continue
            self.expansions += word_of(word, self.text).expansions
            inner = Place(substitution=True, loop=place.loop, function=place.function, condition=place.condition)
            for statements in substitutions(word):
                self.statements(statements, inner)

    def _assignment(self, node: tree.Assign) -> Assignment:
        value = word_of(node.value, self.text) if node.value else None
        return Assignment(name=node.name.value if node.name else "", value=value, spot=self.text.spot_of(node))

    def _redirect(self, node: tree.Redirect) -> Redirect:
        script, at = self.text.script, node.op_pos.offset
        operator = next((each for each in _REDIRECTS if script.startswith(each, at)), b"")
        spot = self.text.spot(node.pos.offset, node.end.offset)
        number = node.n.value if node.n else ""
        return Redirect(
            operator=operator.decode(),
            descriptor=int(number) if number.isdecimal() else None,
            target=word_of(node.word, self.text) if node.word else None,
            body=word_of(node.hdoc, self.text) if node.hdoc else None,
            spot=spot,
        )


def _stages(node: tree.BinaryCmd) -> Iterator[tree.Stmt]:
    behind = [node.y]
    first = node.x
    # A pipeline leans to the left; the text between tells nothing, but && and || bind less than a pipe.
    while isinstance(first.cmd, tree.BinaryCmd) and not first.redirs and not first.negated:
        behind.append(first.cmd.y)
        first = first.cmd.x
    yield first
    yield from reversed(behind)


def _values_of(assigns: Sequence[tree.Assign]) -> Iterator[tree.Word]:
    for each in assigns:
        if each.value:
            yield each.value
        if each.array:
            yield from (element.value for element in each.array.elems if element.value)


def _leaves(node: tree.TestPart | None) -> Iterator[tree.Word]:
    match node:
        case tree.Word():
            yield node
        case tree.BinaryTest():
            yield from _leaves(node.x)
            yield from _leaves(node.y)
        case tree.UnaryTest() | tree.ParenTest():
            yield from _leaves(node.x)
