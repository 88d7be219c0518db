"""Makes blocks of code texts: their language, and the commands of those in a shell language, each with its place."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate, pairwise

from drillbook.runbook.conditions import condition_of_comments
from drillbook.runbook.markdown import CodeText
from drillbook.runbook.model import Block, Command, Comment, SyntaxFault
from drillbook.runbook.source import Source
from drillbook.runbook.split import Span, Split, Unsplit

SHELL_LANGUAGES = frozenset({"bash", "sh", "shell", "shellscript", "shell-script", "zsh", "ksh", "dash"})
_LANGUAGE = re.compile(r"[{.\s]*([\w+#-]+)")


def shell_texts(texts: Iterable[CodeText]) -> list[str]:
    """The texts in a shell language that must be split before blocks can be made of them."""
    return [text.text for text in texts if _is_shell(text)]


def blocks_of(texts: Iterable[CodeText], splits: Iterable[Split | Unsplit], source: Source) -> list[Block]:
    """One block for each code text, in order; ``splits`` are those of the texts in a shell language."""
    following = iter(splits)
    return [
        _block(index, text, _language(text), next(following) if _is_shell(text) else None, source)
        for index, text in enumerate(texts)
    ]


def _is_shell(text: CodeText) -> bool:
    return _language(text) in SHELL_LANGUAGES and bool(text.text.strip())


def _language(text: CodeText) -> str:
    found = _LANGUAGE.match(text.info)
    return found[1].lower() if found else ""


def _block(index: int, code: CodeText, language: str, split: Split | Unsplit | None, source: Source) -> Block:
    place = _Place(code, source)
    fault: SyntaxFault | None = None
    comments: tuple[Comment, ...] = ()
    commands: tuple[Command, ...] = ()
    if isinstance(split, Split):
        comments = tuple(place.comment(span) for span in split.comments)
        commands = _commands(index, split, comments, place)
    elif split is not None:
        line, column = place.of(len(code.text.encode()[: split.offset].decode(errors="ignore")))
        fault = SyntaxFault(message=split.message, line=line, column=column)
        begin = len(code.text) - len(code.text.lstrip())
        commands = (place.command(index, Span(begin, len(code.text.rstrip())), (), ()),)
    return Block(
        index=index,
        language=language,
        info=code.info,
        text=code.text,
        line=code.line,
        column=code.column,
        text_line=code.text_line,
        fenced=code.fenced,
        commands=commands,
        comments=comments,
        syntax_fault=fault,
    )


def _commands(block: int, split: Split, comments: tuple[Comment, ...], place: "_Place") -> tuple[Command, ...]:
    commands = []
    starts = [span.start for span in split.comments]
    bounds = [0, *(span.start for span in split.statements), len(place.code.text)]
    taken = 0
    for statement, (_, following) in zip(split.statements, pairwise(bounds[1:]), strict=True):
        first_behind = bisect_right(starts, statement.start)
        end_line, _ = place.of(statement.end - 1)
        last_behind = first_behind
        while (
            last_behind < len(comments) and starts[last_behind] < following and comments[last_behind].line == end_line
        ):
            last_behind += 1
        before, behind = comments[taken:first_behind], comments[first_behind:last_behind]
        commands.append(place.command(block, statement, before, behind))
        taken = last_behind
    return tuple(commands)


class _Place:
    """Knows where in the document each character of a code text stands."""

    def __init__(self, code: CodeText, source: Source) -> None:
        self.code, self.source = code, source
        self.lines = code.text.split("\n")
        self.starts = list(accumulate((len(line) + 1 for line in self.lines[:-1]), initial=0))

    def of(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self.starts, offset) - 1
        line = self.code.text_line + row
        raw = self.source.lines[line - 1] if line <= len(self.source.lines) else ""
        # Markdown takes from a line's beginning, and may make spaces of a tab there: count from its end.
        from_end = len(self.lines[row]) - (offset - self.starts[row])
        return line, max(len(raw) - from_end, 0) + 1

    def comment(self, span: Span) -> Comment:
        line, column = self.of(span.start)
        return Comment(text=self.code.text[span.start : span.end].lstrip("#").strip(), line=line, column=column)

    def command(self, block: int, span: Span, before: tuple[Comment, ...], behind: tuple[Comment, ...]) -> Command:
        line, column = self.of(span.start)
        return Command(
            text=self.code.text[span.start : span.end],
            line=line,
            column=column,
            end_line=self.of(span.end - 1)[0],
            block=block,
            comments_before=before,
            comments_behind=behind,
            condition=condition_of_comments((*before, *behind)),
        )
