"""Turns shfmt's words into ours."""

import re
from collections.abc import Callable, Iterator

from drillbook.checks.model import Spot
from drillbook.checks.shell import tree
from drillbook.checks.shell.model import Expansion, ExpansionKind, Word

_ESCAPE = re.compile(r"\\(\n|.)", re.DOTALL)
_ESCAPE_IN_QUOTES = re.compile(r"\\([$`\"\\\n])")
_ANSI_ESCAPE = re.compile(r"\\(n|t|r|'|\"|\\)")
_ANSI = {"n": "\n", "t": "\t", "r": "\r"}
GLOB = re.compile(r"(?<!\\)[*?\[]")
_DEFAULTED = re.compile(r"\$\{[!#]?\w+(?:\[[^]]*\])?:?[-=?+]")
_SIMPLE_KINDS: dict[type, ExpansionKind] = {
    tree.CmdSubst: ExpansionKind.COMMAND,
    tree.ProcSubst: ExpansionKind.PROCESS,
    tree.ArithmExp: ExpansionKind.ARITHMETIC,
}


class Text:
    """The script as bytes, and where each offset stands in the document."""

    def __init__(self, script: bytes, spot: Callable[[int, int], Spot]) -> None:
        """``spot`` turns two byte offsets into a piece of the document."""
        self.script, self.spot = script, spot

    def of(self, node: tree.Node | tree.Assign | tree.Redirect) -> str:
        """What stands there."""
        return self.script[node.pos.offset : node.end.offset].decode("utf-8", errors="replace")

    def spot_of(self, node: tree.Node | tree.Stmt | tree.Assign | tree.Redirect) -> Spot:
        """Where it stands."""
        return self.spot(node.pos.offset, node.end.offset)


def word_of(node: tree.Word, text: Text) -> Word:
    """One word."""
    if len(node.parts) == 1 and isinstance(only := node.parts[0], tree.Lit):  # most are: no need to take them apart
        plain = "\\" not in only.value
        return Word(
            text=only.value,
            value=only.value if plain else _ESCAPE.sub(_unescaped, only.value),
            literal=True,
            quoted=not plain,
            glob=GLOB.search(only.value) is not None,
            expansions=(),
            spot=text.spot_of(node),
        )
    expansions = tuple(_expansions(node.parts, text, quoted=False))
    return Word(
        text=text.of(node),
        value="".join(_values(node.parts, text, quoted=False)),
        literal=not expansions,
        quoted=any(isinstance(part, tree.SglQuoted | tree.DblQuoted) for part in node.parts),
        glob=any(isinstance(part, tree.ExtGlob) or _is_glob(part) for part in node.parts),
        expansions=expansions,
        spot=text.spot_of(node),
    )


def substitutions(node: tree.Word) -> Iterator[list[tree.Stmt]]:
    """The statements of each command substitution in a word."""
    yield from _substitutions(node.parts)


def _is_glob(part: tree.Part) -> bool:
    return isinstance(part, tree.Lit) and GLOB.search(part.value) is not None


def _substitutions(parts: list[tree.Part]) -> Iterator[list[tree.Stmt]]:
    for part in parts:
        if isinstance(part, tree.CmdSubst | tree.ProcSubst):
            yield part.stmts
        elif isinstance(part, tree.DblQuoted):
            yield from _substitutions(part.parts)
        elif isinstance(part, tree.ParamExp) and part.exp and part.exp.word:
            yield from _substitutions(part.exp.word.parts)


def _values(parts: list[tree.Part], text: Text, *, quoted: bool) -> Iterator[str]:
    for part in parts:
        match part:
            case tree.Lit():
                yield (_ESCAPE_IN_QUOTES if quoted else _ESCAPE).sub(_unescaped, part.value)
            case tree.SglQuoted():
                yield _ANSI_ESCAPE.sub(_ansi, part.value) if part.dollar else part.value
            case tree.DblQuoted():
                yield from _values(part.parts, text, quoted=True)
            case _:
                yield text.of(part)


def unescaped_in_quotes(text: str) -> str:
    """What double quotes make of a text without expansions."""
    return _ESCAPE_IN_QUOTES.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]


def _ansi(match: re.Match[str]) -> str:
    return _ANSI.get(match[1], match[1])


def _expansions(parts: list[tree.Part], text: Text, *, quoted: bool) -> Iterator[Expansion]:
    for part in parts:
        if isinstance(part, tree.DblQuoted):
            yield from _expansions(part.parts, text, quoted=True)
            continue
        kind = ExpansionKind.VARIABLE if isinstance(part, tree.ParamExp) else _SIMPLE_KINDS.get(type(part))
        if kind is None:
            continue
        written = text.of(part)
        yield Expansion(
            kind=kind,
            text=written,
            name=part.param.value if isinstance(part, tree.ParamExp) and part.param else "",
            quoted=quoted,
            defaulted=_DEFAULTED.match(written) is not None,
            spot=text.spot_of(part),
        )
        if isinstance(part, tree.ParamExp) and part.exp and part.exp.word:
            yield from _expansions(part.exp.word.parts, text, quoted=quoted)
