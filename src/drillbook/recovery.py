"""Finds, in the users' traffic, whether and when the system recovered."""

from collections.abc import Iterator
from dataclasses import dataclass

from drillbook.figure import Figure, Traffic
from drillbook.objective import Recovery, Threshold
from drillbook.verdict import Verdict

GRID_S = 0.5
"""Windows are tried this far apart."""

MET = frozenset({Verdict.PASS})
CONCEIVABLE = frozenset({Verdict.PASS, Verdict.INCONCLUSIVE})


@dataclass(frozen=True)
class Recovered:
    """The first window that met every threshold together, and the window ``hold_s`` later that met them again."""

    start_s: float
    end_s: float
    figures: tuple[Figure, ...]
    held: tuple[Figure, ...]

    @property
    def doubt(self) -> str:
        """Why one of its figures is not certain; nothing where all are."""
        return next((figure.doubt for figure in (*self.figures, *self.held) if figure.doubt), "")


@dataclass(frozen=True)
class Span:
    """Where a recovery may lie: wholly after the procedure's start, ended by the deadline, seen until ``until_s``."""

    procedure_s: float
    deadline_at_s: float
    until_s: float

    def windows_s(self, demand: Recovery) -> Iterator[tuple[float, float]]:
        """Every window, hold included."""
        last_end_s = min(self.deadline_at_s, self.until_s - demand.hold_s)
        for end_s in _grid(self.procedure_s + demand.window_s, last_end_s):
            yield end_s - demand.window_s, end_s


def find_recovery(
    demand: Recovery, traffic: Traffic, span: Span, *, wanted: frozenset[Verdict] = MET
) -> Recovered | None:
    """The first recovery, hold included, whose every figure has a wanted verdict.

    With ``CONCEIVABLE`` nothing is found only where it is certain that there was no recovery.
    """
    for start_s, end_s in span.windows_s(demand):
        now = traffic.figures(demand.thresholds, start_s, end_s)
        if not all(figure.verdict in wanted for figure in now):
            continue
        later = demand.hold_s
        held = traffic.figures(demand.thresholds, start_s + later, end_s + later) if later else now
        if all(figure.verdict in wanted for figure in held):
            return Recovered(start_s=start_s, end_s=end_s, figures=now, held=held)
    return None


def first_window(
    thresholds: tuple[Threshold, ...], traffic: Traffic, *, start_s: float, end_s: float, window_s: float
) -> tuple[Figure, ...] | None:
    """The figures of the first window inside [start_s, end_s] that meets every threshold, else None."""
    for window_end_s in _grid(start_s + window_s, end_s):
        found = traffic.figures(thresholds, window_end_s - window_s, window_end_s)
        if all(figure.verdict is Verdict.PASS for figure in found):
            return found
    return None


def _grid(start_s: float, end_s: float) -> Iterator[float]:
    if end_s >= start_s:
        steps = int((end_s - start_s) / GRID_S + 1e-9)
        yield from (start_s + step * GRID_S for step in range(steps + 1))
