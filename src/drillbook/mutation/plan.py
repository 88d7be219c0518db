"""Chooses the drills that can tell a mutant from the real runbook, from the record of a run of the real one."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from drillbook.mutation.mutant import Mutant, Operator
from drillbook.record import DrillRecord, RunRecord
from drillbook.timeline import CommandFinished


class Candidate(Struct, frozen=True, kw_only=True):
    """A drill of the real runbook."""

    name: str
    lasted_s: float
    lines: frozenset[int]  # of the commands that were carried out


def candidates(record: RunRecord) -> tuple[Candidate, ...]:
    """The drills of a run, the shortest first."""
    found = (_candidate(drill) for drill in record.judged if drill.events)
    return tuple(sorted(found, key=lambda each: (each.lasted_s, each.name)))


def _candidate(record: DrillRecord) -> Candidate:
    return Candidate(
        name=record.drill.name,
        lasted_s=record.events[-1].at_s - record.events[0].at_s,
        lines=frozenset(event.line for event in record.all(CommandFinished)),
    )


def covering(mutant: Mutant, drills: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The drills that carry the mutated line out, the shortest first; for swapped steps those that reach both."""
    places = [(edit.first_line, edit.last_line) for edit in mutant.edits]
    if mutant.operator is not Operator.SWAP:
        places = [(mutant.line, mutant.line)]
    return tuple(
        drill for drill in drills if all(any(first <= line <= last for line in drill.lines) for first, last in places)
    )


def lasted_s(record: RunRecord) -> dict[int, float]:
    """By line, the longest that its command took in any drill."""
    longest: dict[int, float] = {}
    for drill in record.judged:
        for event in drill.all(CommandFinished):
            longest[event.line] = max(event.duration_s, longest.get(event.line, 0.0))
    return longest


def in_turn(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """One of each operator, then the next of each, so that a short budget says something of all of them."""
    queues: dict[Operator, list[Mutant]] = {}
    for mutant in mutants:
        queues.setdefault(mutant.operator, []).append(mutant)
    while queues:
        for operator in tuple(queues):
            yield queues[operator].pop(0)
            if not queues[operator]:
                del queues[operator]
