"""Tells which command users lost requests because of; where it is not certain, nobody is blamed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from drillbook.changes import may_change
from drillbook.losses import lost_to_procedure
from drillbook.observation import Look
from drillbook.record import DrillRecord
from drillbook.timeline import CommandFinished

REACTION_S = 1.0
"""So long after a command the cluster may take to begin what it asked for."""


@dataclass(frozen=True)
class _Change:
    """A command that changed the system, or may have: its place among the commands, and when it ran."""

    index: int
    start_s: float
    end_s: float


def lost_by_command(record: DrillRecord) -> Mapping[int, int]:
    """By a command's place among those that ran, how many requests users lost because of it and of nothing else.

    A pod's end is a command's doing if it alone can have caused it: no other one changed anything until then, or no
    other one was under way between the two looks in which the pod stayed and went.
    """
    start_s = record.procedure_at_s
    earlier = [look for look in record.looks if start_s is not None and look.at_s <= start_s]
    if not earlier:
        return {}
    began = earlier[-1]
    culprits = _culprits(record, (began, *record.looks[len(earlier) :]))
    counts: Counter[int] = Counter()
    for look, lost in lost_to_procedure(record, began):
        blamed = {culprits.get(uid) for uid in _staying(began) - _staying(look)}
        if len(blamed) == 1 and (culprit := blamed.pop()) is not None and _ready(look) < _ready(began):
            counts[culprit] += lost  # were as many ready, others would have served in place of those that went
    return counts


def _culprits(record: DrillRecord, looks: tuple[Look, ...]) -> dict[str, int | None]:
    """By a pod's UID, the command that took it."""
    changes = _changes(record)
    culprits: dict[str, int | None] = {}
    for before, after in pairwise(looks):
        for uid in _staying(before) - _staying(after):
            culprits.setdefault(uid, _culprit(changes, before.at_s, after.at_s))
    return culprits


def _changes(record: DrillRecord) -> tuple[_Change, ...]:
    return tuple(
        _Change(index, event.at_s - event.duration_s, event.at_s)
        for index, event in enumerate(record.all(CommandFinished))
        if (event.changed if event.changed is not None else may_change(event.text))
    )


def _staying(look: Look) -> set[str]:
    return {pod.uid for pod in look.pods if not pod.terminating}


def _ready(look: Look) -> int:
    return sum(pod.ready and not pod.terminating for pod in look.pods)


def _culprit(changes: tuple[_Change, ...], stayed_s: float, went_s: float) -> int | None:
    before = [change for change in changes if change.start_s <= went_s]
    under_way = [change for change in before if change.end_s + REACTION_S >= stayed_s]
    for suspects in (before, under_way):
        if len(suspects) == 1:
            return suspects[0].index
    return None
