"""The tree of sections that headings make, and which of them are phases or steps."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from drillbook.runbook.markdown import CodeText, Item, Part
from drillbook.runbook.model import Heading, TimeBudget

_MAX_PHASE_WORDS = 5
_PHASE = re.compile(
    r"(?:symptoms?|meaning|impact|diagnos\w*|investigat\w*|mitigat\w*|immediate|first|initial|actions?|resolution|resolve|recovery"
    r"|verif\w*|validat\w*|prerequisites?|pre-?checks?|preparation|prepare|post|roll-?back|clean-?up|escalat\w*|follow|steps?"
    r"|procedure|remedia\w*|remedy|triage|detect\w*|assess\w*|contain\w*|eradicat\w*|communicat\w*|monitor\w*|checks?|phase|overview"
    r"|background|summary|context|response|fix|solution|trouble-?shoot\w*|debug\w*|long|short|alert|references?|confirm\w*|stabili[sz]\w*)\b",
    re.IGNORECASE,
)
_STEP_WORD = re.compile(r"step\s+#?(\d{1,9})\b[\s:.)\u2013\u2014-]*(.*)", re.IGNORECASE)
_STEP_NUMBER = re.compile(r"(\d{1,9})(?:[.)]|:|\s[-\u2013\u2014])\s+(.*)")


class Section:
    """A heading with the parts below it, up to the next heading; level 0 is the document itself."""

    def __init__(self, heading: Heading, parent: "Section | None", budget: TimeBudget | None = None) -> None:
        """Begin an empty section."""
        self.heading, self.parent, self.own_budget = heading, parent, budget
        self.children: list[Section] = []
        self.parts: list[Part] = []

    @property
    def path(self) -> tuple[str, ...]:
        """Titles from the highest heading down to this one."""
        own = (self.heading.title,) if self.heading.level else ()
        return (*self.parent.path, *own) if self.parent else own

    @property
    def budget(self) -> TimeBudget | None:
        """The time budget of its heading, else that of the nearest heading above it."""
        if self.own_budget is None and self.parent is not None:
            return self.parent.budget
        return self.own_budget

    def descendants(self) -> "Iterator[Section]":
        """This section and all below it, in the document's order."""
        yield self
        for child in self.children:
            yield from child.descendants()

    @cached_property
    def is_list_of_steps(self) -> bool:
        """Whether its numbered sub-sections ("1. Check", "2. Restart") are steps: they hold code and no steps."""
        numbered = [child for child in self.children if _STEP_NUMBER.match(child.heading.title)]
        parts = [part for child in numbered for part in child.parts]
        if any(child.children for child in numbered):
            return False
        if any(isinstance(part, Item) and part.number is not None for part in parts):
            return False
        return any(isinstance(part, CodeText) for part in parts)

    @cached_property
    def step(self) -> tuple[int, str] | None:
        """Number and title where the heading itself is a step: "Step 2: Promote", "2. Promote" in a list of steps."""
        title = self.heading.title
        named = _STEP_WORD.match(title)
        if named:
            return int(named[1]), named[2] or title
        numbered = _STEP_NUMBER.match(title)
        if numbered is None or self.parent is None or not self.parent.is_list_of_steps:
            return None
        return int(numbered[1]), numbered[2]

    @property
    def is_phase(self) -> bool:
        """Whether the heading names a part of a procedure ("Investigation (5-15 minutes)") and no emergency."""
        title = self.heading.title
        return self.own_budget is not None or bool(_PHASE.match(title) and len(title.split()) <= _MAX_PHASE_WORDS)


def section_tree(parts: Sequence[Part], name: str, budgets: Mapping[int, TimeBudget]) -> Section:
    """The document as a tree; ``name`` is what it is called where no heading does, ``budgets`` are by line."""
    root = current = Section(Heading(title=name, level=0, line=1, column=1), None)
    for part in parts:
        if not isinstance(part, Heading):
            current.parts.append(part)
            continue
        while current.parent is not None and current.heading.level >= part.level:
            current = current.parent
        child = Section(part, current, budgets.get(part.line))
        current.children.append(child)
        current = child
    return root
