"""Runs rules over one document."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from math import inf

from msgspec import Struct
from msgspec.structs import replace

from drillbook.checks.ignore import BAD_IGNORE, Ignores, ignores_of
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.replacements import Replacements
from drillbook.checks.rules import RULES
from drillbook.checks.view import View, views_of
from drillbook.errors import InputError
from drillbook.runbook import Heading, Procedure, Runbook
from drillbook.runbook.parse import Draft, draft_of
from drillbook.runbook.shell import split_each

UNREADABLE = "RB000"


class Selection(Struct, frozen=True, kw_only=True):
    """Which rules run; the beginning of an id stands for all that begin so ("RB04")."""

    select: tuple[str, ...] = ()  # none means all
    ignore: tuple[str, ...] = ()

    def takes(self, rule: str) -> bool:
        """Whether a rule runs: an id that is ignored is not run even if it is selected."""
        chosen = not self.select or rule.startswith(self.select)
        return chosen and not (self.ignore and rule.startswith(self.ignore))


EVERYTHING = Selection()


class Document(Struct, frozen=True, kw_only=True):
    """What is to be checked; ``path`` is how messages call it."""

    source: bytes
    path: str
    selection: Selection = EVERYTHING


def check_document(
    source: bytes, path: str, selection: Selection = EVERYTHING, more: Sequence[Rule] = ()
) -> tuple[Finding, ...]:
    """The findings of a document, in its order; a document that is no readable Markdown is one finding.

    One with a fence that is never closed is read on as a Markdown reader would.

    Nothing is run but shfmt, and no other file is read, unless one of ``more`` does: rules beside the catalogue's.

    Raises:
        CannotRunError: shfmt is missing or broke down.
    """
    return next(check_documents([Document(source=source, path=path, selection=selection)], more))


def check_documents(documents: Sequence[Document], more: Sequence[Rule] = ()) -> Iterator[tuple[Finding, ...]]:
    """The same for each of several documents, in order; all are in memory at once, and share the processes.

    Raises:
        CannotRunError: shfmt is missing or broke down.
    """
    read = [_draft(each) for each in documents]
    drafts = [draft for draft, _ in read if draft is not None]
    splits = split_each([draft.shell_texts for draft in drafts])
    runbooks = [(draft.runbook(own), draft.source.lines) for draft, own in zip(drafts, splits, strict=True)]
    views = iter(views_of(runbooks))
    for document, (draft, fault) in zip(documents, read, strict=True):
        selection = document.selection
        said = (_unreadable(fault),) if fault and selection.takes(UNREADABLE) else ()
        rules = [rule for rule in (*RULES, *more) if selection.takes(rule.id)]
        yield (*said, *(check_view(next(views), rules, selection) if draft is not None else ()))


def _draft(document: Document) -> tuple[Draft | None, InputError | None]:
    """The document before its commands are split, as far as it can be read, and what is wrong with it."""
    try:
        return draft_of(document.source, document.path), None
    except InputError as error:
        try:
            return draft_of(document.source, document.path, unclosed=True), error
        except InputError:
            return None, error


def check_view(view: View, rules: Iterable[Rule], selection: Selection = EVERYTHING) -> tuple[Finding, ...]:
    """The findings of some rules on a document that is already read, less those that it says to ignore."""
    ignores, faults = ignores_of(view)
    ignored = Ignores(ignores)
    found = {finding for rule in rules for finding in rule.check(view)}
    kept = [each for each in found if not ignored.cover(each)]
    kept += [fault for fault in faults if selection.takes(BAD_IGNORE)]
    owners = _Owners(view.runbook)
    edits = Replacements(view)
    placed = (replace(each, procedure=owners.title(each.line), replacement=edits.of(each)) for each in kept)
    return tuple(sorted(placed, key=lambda each: (each.line, each.column, each.rule, each.message)))


def _unreadable(error: InputError) -> Finding:
    line, column = error.line or 1, error.column or 1
    return Finding(
        rule=UNREADABLE,
        name="unreadable",
        severity=Severity.ERROR,
        line=line,
        column=column,
        end_line=line,
        end_column=column + 1,
        message=f"{error.what}: expected {error.expected}, got {error.got}" if error.expected else error.what,
        suggestion=error.mend or "",
    )


class _Owners:
    """Tells which procedure a line stands in: the nearest above, up to a heading of its level or a higher one."""

    def __init__(self, runbook: Runbook) -> None:
        procedures = sorted(runbook.procedures, key=lambda each: each.line)
        self.starts = [each.line for each in procedures]
        self.titles = [each.title for each in procedures]
        self.ends = list(_ends(procedures, runbook.headings))[::-1]

    def title(self, line: int) -> str:
        index = bisect_right(self.starts, line) - 1
        return self.titles[index] if index >= 0 and line < self.ends[index] else ""


def _ends(procedures: Sequence[Procedure], headings: Sequence[Heading]) -> Iterator[float]:
    """For each procedure, the last first, the line of the heading that ends it."""
    left = list(headings)
    behind: list[Heading] = []  # each of a higher rank than those before it, the nearest last
    for each in reversed(procedures):
        while left and left[-1].line > each.line:
            while behind and behind[-1].level >= left[-1].level:
                behind.pop()
            behind.append(left.pop())
        yield next((heading.line for heading in reversed(behind) if heading.level <= each.level), inf)
