"""Builds steps and procedures out of the sections of a document."""

import re
from collections.abc import Iterator, Mapping, Sequence

from drillbook.runbook.conditions import condition_of_step
from drillbook.runbook.markdown import CodeText, Item, Part, item_title
from drillbook.runbook.model import Block, Located, Phase, Procedure, Step, TimeBudget
from drillbook.runbook.sections import Section

_STEP_LINE = re.compile(
    r"(?:\*\*|__)?(?:step\s+(\d{1,9})\b[\s:.)\u2013\u2014-]*|(?<=[*_])(\d{1,9})[.):]\s+)(.*)", re.IGNORECASE
)
_STEP_PREFIX = re.compile(r"step\s+\d{1,9}\b[\s:.)\u2013\u2014-]*(?=\S)", re.IGNORECASE)
# "1. **Level 1**: on-call engineer" lists ranks, not things to do.
_RANK = re.compile(r"(?:level|tier|sev(?:erity)?|p(?:riority)?|l)[\s-]?\d\b", re.IGNORECASE)
# Shown beside a step, never carried out: no step begins with such a block.
_DATA_LANGUAGES = frozenset(
    ["json", "yaml", "yml", "toml", "ini", "xml", "html", "csv", "properties", "diff", "mermaid", "markdown", "md",
     "text", "txt", "plaintext", "output", "log", "logs"]
)  # fmt: skip
_TITLES_REMEMBERED = 5  # "if the failover fails" speaks of a step not long before


class _Draft:
    """A step while it is read; ``named`` tells that the document itself titles it."""

    def __init__(self, title: str, number: int, head: Located, *, named: bool) -> None:
        self.title, self.number, self.head, self.named = title, number, head, named
        self.content: list[Located | Block] = []

    @property
    def has_block(self) -> bool:
        return any(isinstance(each, Block) for each in self.content)


class _Reader:
    """Reads the parts of one section into steps."""

    def __init__(self, section: Section, blocks: Mapping[int, Block]) -> None:
        self.section, self.blocks = section, blocks
        self.drafts: list[_Draft] = []
        self.waiting: list[Located | Block] = []  # stands before the step that it may belong to
        self.loose: list[Located] = []

    def read(self) -> None:
        """Read the section's own parts, then those sub-sections whose headings are steps."""
        for part in self.section.parts:
            self._part(part)
        self._settle()
        for child in self.section.children:
            if child.step is not None:
                number, title = child.step
                head = Located(text=child.heading.title, line=child.heading.line, column=child.heading.column)
                self._begin(title, number, head, named=True)
                self.drafts[-1].content += _flat(child, self.blocks)

    def _begin(self, title: str, number: int | None, head: Located, *, named: bool) -> None:
        counted = len(self.drafts) + 1
        draft = _Draft(title, counted if number is None else number, head, named=named)
        if named:
            self._settle()
        else:
            draft.content += self.waiting
            self.waiting = []
        self.drafts.append(draft)

    def _settle(self) -> None:
        """What waited for a step that did not come belongs to the one before, else to none."""
        if self.drafts:
            self.drafts[-1].content += self.waiting
        else:
            self.loose += [each for each in self.waiting if isinstance(each, Located)]
        self.waiting = []

    def _part(self, part: Part) -> None:
        current = self.drafts[-1] if self.drafts else None
        if isinstance(part, CodeText):
            self._block(self.blocks[part.line], current)
        elif isinstance(part, Item):
            self._item(part, current)
        elif isinstance(part, Located):
            step = _STEP_LINE.match(part.text)
            if step and "\n" not in part.text.strip():
                self._begin(_step_title(part.text), int(step[1] or step[2]), part, named=True)
            else:
                self._prose(part, current)

    def _item(self, item: Item, current: _Draft | None) -> None:
        title = _step_title(item.text.text)
        if item.number is not None and not _RANK.match(title):
            self._begin(title or self.section.heading.title, item.number, item.text, named=True)
            if title != item.text.text.strip("*_ :."):
                self.drafts[-1].content.append(item.text)
        elif item.number is None and item.holds_block and not (current and current.named):
            self._begin(title or self.section.heading.title, None, item.text, named=False)
        else:
            self._prose(item.text, current)

    def _block(self, block: Block, current: _Draft | None) -> None:
        if current and (current.named or not current.has_block):
            current.content.append(block)
        elif block.language in _DATA_LANGUAGES:
            (self.waiting if current is None else current.content).append(block)
        else:
            head = Located(text="", line=block.line, column=block.column)
            self._begin(self.section.heading.title, None, head, named=False)
            self.drafts[-1].content.append(block)

    def _prose(self, prose: Located, current: _Draft | None) -> None:
        if not prose.text:
            return
        if current and (current.named or not current.has_block):
            current.content.append(prose)
        else:
            self.waiting.append(prose)


def _step_title(markup: str) -> str:
    title = item_title(markup)
    return _STEP_PREFIX.sub("", title, count=1)


def _flat(section: Section, blocks: Mapping[int, Block]) -> Iterator[Located | Block]:
    """Everything of a section and those below it, items and headings as prose."""
    for each in section.descendants():
        if each is not section:
            yield Located(text=each.heading.title, line=each.heading.line, column=each.heading.column)
        for part in each.parts:
            if isinstance(part, CodeText):
                yield blocks[part.line]
            elif isinstance(part, Item):
                yield part.text
            elif isinstance(part, Located):
                yield part


class _Held:
    """What a section holds: its own steps and loose prose."""

    def __init__(self, steps: tuple[Step, ...], loose: tuple[Located, ...]) -> None:
        self.steps, self.loose = steps, loose


class Procedures:
    """The sections of a document that hold steps, as procedures."""

    def __init__(self, root: Section, blocks: Sequence[Block], budgets: Mapping[int, TimeBudget]) -> None:
        """Read every section's steps."""
        self.root, self.budgets = root, budgets
        by_line = {block.line: block for block in blocks}
        self.held: dict[int, _Held] = {}
        self.deep: dict[int, int] = {}  # how many steps a section and those below it hold
        self._read(root, by_line)

    def _read(self, section: Section, blocks: Mapping[int, Block]) -> int:
        reader = _Reader(section, blocks)
        reader.read()
        self.held[id(section)] = _Held(tuple(self._steps(reader.drafts, section)), tuple(reader.loose))
        below = sum(self._read(child, blocks) for child in section.children if child.step is None)
        self.deep[id(section)] = len(reader.drafts) + below
        return self.deep[id(section)]

    def _steps(self, drafts: list[_Draft], section: Section) -> Iterator[Step]:
        for index, draft in enumerate(drafts):
            prose = tuple(each for each in draft.content if isinstance(each, Located))
            blocks = tuple(each for each in draft.content if isinstance(each, Block))
            first_line = min((block.line for block in blocks), default=None)
            told = [draft.head, *(each for each in prose if first_line is None or each.line < first_line)]
            earlier = [each.title for each in drafts[max(0, index - _TITLES_REMEMBERED) : index]]
            first = next((command for block in blocks for command in block.commands), None)
            yield Step(
                title=draft.title,
                number=draft.number,
                line=draft.head.line,
                prose=prose,
                blocks=blocks,
                phase=Phase(title=section.heading.title, line=section.heading.line, budget=section.own_budget),
                budget=(self.budgets.get(draft.head.line) if draft.named else None) or section.budget,
                condition=condition_of_step(draft.title, told, earlier) or (first.condition if first else None),
            )

    def sections(self) -> tuple[Procedure, ...]:
        """Every section that holds steps, itself or below it."""
        return tuple(self._procedure(each, deep=True) for each in self.root.descendants() if self.deep.get(id(each)))

    def primary(self) -> tuple[Procedure, ...]:
        """The sections that a reader would call procedures; every step is in exactly one of them."""
        root = self.root
        if not self.held[id(root)].steps and len(root.children) == 1 and root.children[0].step is None:
            root = root.children[0]  # the document's title
        return tuple(self._primary(root, is_title=True))

    def _primary(self, section: Section, *, is_title: bool) -> Iterator[Procedure]:
        below = [child for child in section.children if self.deep.get(id(child))]
        if is_title:
            whole = all(child.is_phase for child in below)
        else:
            whole = not any(self.deep.get(id(lower)) for child in below for lower in child.children)
        if whole or not below:
            if self.deep.get(id(section)):
                yield self._procedure(section, deep=True)
            return
        if self.held[id(section)].steps:
            yield self._procedure(section, deep=False)
        for child in below:
            yield from self._primary(child, is_title=False)

    def _procedure(self, section: Section, *, deep: bool) -> Procedure:
        parts = section.descendants() if deep else iter((section,))
        held = [self.held[id(each)] for each in parts if id(each) in self.held]
        own = section.heading
        return Procedure(
            title=own.title,
            line=own.line,
            level=own.level,
            path=section.path,
            steps=tuple(sorted((step for each in held for step in each.steps), key=lambda step: step.line)),
            prose=tuple(prose for each in held for prose in each.loose),
            budget=section.own_budget,
        )
