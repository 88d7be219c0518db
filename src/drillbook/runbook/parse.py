"""From a document's bytes to a runbook."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath

from msgspec import Struct

from drillbook.errors import InputError
from drillbook.runbook.blocks import blocks_of, shell_texts
from drillbook.runbook.markdown import CodeText, Item, Part, parts
from drillbook.runbook.model import (
    Block,
    Cadence,
    Escalation,
    Heading,
    Located,
    Runbook,
    StatedThreshold,
    TimeBudget,
    Wait,
)
from drillbook.runbook.procedures import Procedures
from drillbook.runbook.quantities import Quantity, quantities
from drillbook.runbook.sections import section_tree
from drillbook.runbook.shell import split_all
from drillbook.runbook.source import MAX_BYTES, Source, decode
from drillbook.runbook.split import Split, Unsplit


def load_runbook(path: Path) -> Runbook:
    """Read and parse a runbook.

    Raises:
        InputError: there is no such file, or what it holds cannot be parsed.
        CannotRunError: shfmt is missing or broke down.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            "the runbook cannot be read",
            path=path,
            expected="a readable Markdown file",
            got=error.strerror or str(error),
            mend="give the path of the runbook",
        ) from error
    return parse_runbook(data, str(path))


def parse_runbook(source: bytes, path: str, *, unclosed: bool = False) -> Runbook:
    """Parse a runbook; ``path`` is how messages call it.

    A fence that is not closed may hide half of a procedure from whoever runs it; with ``unclosed`` it is taken as a
    Markdown reader takes it, to the end of what holds it.

    Raises:
        InputError: it is empty, too large, not UTF-8, holds NUL bytes or has a fence that is not closed.
        CannotRunError: shfmt is missing or broke down.
    """
    draft = draft_of(source, path, unclosed=unclosed)
    return draft.runbook(split_all(draft.shell_texts))


class Draft(Struct, frozen=True, kw_only=True):
    """A document whose shell texts are still to be split; those of several documents can be split together."""

    sha256: str
    source: Source
    parts: list[Part]

    @property
    def shell_texts(self) -> list[str]:
        """What has to be split."""
        return shell_texts(part for part in self.parts if isinstance(part, CodeText))

    def runbook(self, splits: Iterable[Split | Unsplit]) -> Runbook:
        """The runbook, once each shell text is split."""
        return _runbook(
            self, blocks_of((part for part in self.parts if isinstance(part, CodeText)), splits, self.source)
        )


def draft_of(source: bytes, path: str, *, unclosed: bool = False) -> Draft:
    """Parse all but the shell texts.

    Raises:
        InputError: it is empty, too large, not UTF-8, holds NUL bytes or has a fence that is not closed.
    """
    text = decode(source, path)
    return Draft(sha256=hashlib.sha256(source).hexdigest(), source=text, parts=parts(text, unclosed=unclosed))


def _runbook(draft: Draft, blocks: list[Block]) -> Runbook:
    document, text, path = draft.parts, draft.source, draft.source.path
    found = list(_quantities(document, blocks, text))
    budgets = {each.line: each for each in reversed(found) if isinstance(each, TimeBudget)}
    headings = tuple(part for part in document if isinstance(part, Heading))
    tree = section_tree(document, PurePath(path).stem or path, budgets)
    procedures = Procedures(tree, blocks, budgets)
    highest = min(headings, key=lambda heading: heading.level, default=tree.heading)
    return Runbook(
        path=path,
        sha256=draft.sha256,
        title=highest.title,
        headings=headings,
        blocks=tuple(blocks),
        procedures=procedures.primary(),
        sections=procedures.sections(),
        time_budgets=tuple(each for each in found if isinstance(each, TimeBudget)),
        thresholds=tuple(each for each in found if isinstance(each, StatedThreshold)),
        cadences=tuple(each for each in found if isinstance(each, Cadence)),
        waits=tuple(each for each in found if isinstance(each, Wait)),
        escalations=tuple(each for each in found if isinstance(each, Escalation)),
    )


def _quantities(document: Sequence[Part], blocks: Iterable[Block], source: Source) -> Iterator[Quantity]:
    comments = {block.line: block.comments for block in blocks}
    for part in document:
        if isinstance(part, Heading):
            raw = source.lines[part.line - 1]
            words = raw.lstrip("#> \t")
            yield from quantities(words, part.line, len(raw) - len(words) + 1, title=True)
        elif isinstance(part, CodeText):
            for comment in comments[part.line]:
                yield from _of_lines(comment, source)
        else:
            yield from _of_lines(part.text if isinstance(part, Item) else part, source)


def _of_lines(text: Located, source: Source) -> Iterator[Quantity]:
    for line, words in enumerate(text.text.split("\n"), start=text.line):
        raw = source.lines[line - 1] if line <= len(source.lines) else ""
        yield from quantities(words, line, max(raw.find(words), 0) + 1)
