"""The document's structure in its order: headings, list items, prose and code blocks."""

import re
from collections.abc import Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from drillbook.errors import InputError
from drillbook.runbook.model import Heading, Located
from drillbook.runbook.source import Source, without_front_matter

_MAX_INLINE = 2_000  # characters of a heading or title; a longer one keeps its markup
_MAX_FENCE = 20  # characters of a fence that a message repeats
_TITLE_END = re.compile(r"(?<=[^\d\s])[.:](?=\s|$)")
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


_MARKUP = re.compile(r"[*_`\[\]<>&\\\n]")


class Item(Struct, frozen=True, kw_only=True):
    """A list item of the outermost list."""

    number: int | None  # None in a list of bullets
    text: Located  # its first paragraph, "" where it has none
    holds_block: bool


class CodeText(Struct, frozen=True, kw_only=True):
    """A code block before its language is looked at."""

    info: str
    text: str
    line: int
    column: int
    text_line: int
    fenced: bool


Part = Heading | Item | Located | CodeText


@cache
def _block_parser() -> MarkdownIt:
    # Inline markup is parsed for titles only: it costs a third of the time, and no wording hangs on it. Tables are
    # paragraphs here; a row of one is read as a line.
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


@cache
def _inline_parser() -> MarkdownIt:
    return MarkdownIt("commonmark")


def parts(source: Source, *, unclosed: bool = False) -> list[Part]:
    """The document's parts in its order; ``unclosed`` takes a fence that is not closed as a Markdown reader would.

    Raises:
        InputError: a fence is not closed.
    """
    lines = without_front_matter(source.lines)
    tokens = _block_parser().parse("\n".join(lines) + "\n")
    text = Source(path=source.path, lines=lines)
    if not unclosed:
        for token in tokens:
            if token.type == "fence":
                _refuse_unclosed(token, text)
    return list(_parts(tokens, text))


def _parts(tokens: list[Token], source: Source) -> Iterator[Part]:
    holding = _items_that_hold_blocks(tokens)
    depth, number = 0, None
    taken = -1  # the inline token that an item's title was made of
    for index, token in enumerate(tokens):
        match token.type:
            case "ordered_list_open" | "bullet_list_open":
                depth += 1
                if depth == 1:
                    number = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
            case "ordered_list_close" | "bullet_list_close":
                depth -= 1
            case "list_item_open" if depth == 1:
                has_text = tokens[index + 1].type == "paragraph_open"
                taken = index + 2 if has_text else taken
                text = _located(tokens[index + 2] if has_text else token, source)
                yield Item(number=number, text=text, holds_block=index in holding)
                number = None if number is None else number + 1
            case "heading_open":
                text = _located(tokens[index + 1], source)
                title = plain(text.text)
                yield Heading(title=title, level=int(token.tag[1:]), line=text.line, column=text.column)
            case "inline" if index != taken and tokens[index - 1].type == "paragraph_open":
                yield _located(token, source)
            case "fence" | "code_block":
                yield _code_text(token, source)


def _items_that_hold_blocks(tokens: list[Token]) -> set[int]:
    holding: set[int] = set()
    items: list[int] = []
    for index, token in enumerate(tokens):
        if token.type == "list_item_open":
            items.append(index)
        elif token.type == "list_item_close":
            items.pop()
        elif token.type in ("fence", "code_block"):
            holding.update(items)
    return holding


def _first_line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _located(token: Token, source: Source) -> Located:
    line = _first_line(token)
    first, _, _ = token.content.partition("\n")
    return Located(text=token.content, line=line, column=max(source.lines[line - 1].find(first), 0) + 1)


def _code_text(token: Token, source: Source) -> CodeText:
    line = _first_line(token)
    raw = source.lines[line - 1]
    fenced = token.type == "fence"
    return CodeText(
        info=token.info.strip(),
        text=token.content,
        line=line,
        column=(raw.find(token.markup) if fenced else len(raw) - len(raw.lstrip())) + 1,
        text_line=line + 1 if fenced else line,
        fenced=fenced,
    )


def _refuse_unclosed(fence: Token, source: Source) -> None:
    line, signs = _first_line(fence), fence.markup
    shown = signs if len(signs) <= _MAX_FENCE else f"{len(signs):,} {signs[0]} characters"
    if not _is_closed(fence):
        raise InputError(
            "this fence is never closed",
            path=source.path,
            line=line,
            column=source.lines[line - 1].find(signs) + 1,
            expected=f"a line with {shown} alone, indented like the opening fence",
            got="the end of the list item, quote or document that holds it",
            mend=f"write {shown} on a line of its own behind the block's last line, indented as in line {line}",
        )


def _is_closed(fence: Token) -> bool:
    begin, end = fence.map or (0, 0)
    return fence.content.count("\n") == end - begin - 2  # all lines but the two fences


def plain(markup: str) -> str:
    """A title's words without its inline markup, on one line."""
    if len(markup) > _MAX_INLINE or not _MARKUP.search(markup):
        return " ".join(markup.split())
    children = _inline_parser().parseInline(markup)[0].children or []
    return " ".join("".join(" " if "break" in child.type else child.content for child in children).split())


def item_title(markup: str) -> str:
    """What a list item or a bold line is called: its leading bold words, else its first sentence."""
    first, _, _ = markup.partition("\n\n")
    bold = _BOLD.match(first[:_MAX_INLINE])
    title = plain(bold[2] if bold else first)
    cut = None if bold else _TITLE_END.search(title)
    return (title[: cut.start()] if cut else title).rstrip(" :.")
