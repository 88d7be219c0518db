"""Finds, in the users' traffic, whether and when the system recovered."""

from collections.abc import Iterator
from dataclasses import dataclass

from drillbook.load_records import LoadRecords, measure, window
from drillbook.objective import Comparison, Recovery, Threshold

GRID_S = 0.5
"""Windows are tried this far apart."""

COVERAGE = 0.9
"""The share of its scheduled requests that a window must hold to be judged at all."""


@dataclass(frozen=True)
class Figure:
    """A threshold measured over one window.

    ``value`` is None where too few requests leave it unknown, and where no request was answered at all and the figure
    is a latency.
    """

    threshold: Threshold
    value: float | None
    samples: int
    enough: bool  # whether the window holds enough requests to be judged

    @property
    def met(self) -> bool:
        """Whether the figure stands to its threshold as demanded; an unknown one does not."""
        return self.enough and self.value is not None and compare(self.value, self.threshold)

    @property
    def missed(self) -> bool:
        """Whether it is known that the figure does not stand to its threshold as demanded."""
        return self.enough and not self.met


@dataclass(frozen=True)
class Recovered:
    """The first window that met every threshold together, and the window ``hold_s`` later that met them again."""

    start_s: float
    end_s: float
    figures: tuple[Figure, ...]
    held: tuple[Figure, ...]


def compare(value: float, threshold: Threshold) -> bool:
    """Whether the value stands to the threshold as demanded; a NaN never does."""
    match threshold.comparison:
        case Comparison.AT_MOST:
            return value <= threshold.value
        case Comparison.AT_LEAST:
            return value >= threshold.value
        case Comparison.ABOVE:
            return value > threshold.value


def figures(
    thresholds: tuple[Threshold, ...], load: LoadRecords, start_s: float, end_s: float, *, rate_per_s: float
) -> tuple[Figure, ...]:
    """Measure every threshold over the requests due in [start_s, end_s)."""
    part = window(load, start_s, end_s)
    samples = len(part.due_s)
    enough = 0 < samples >= COVERAGE * rate_per_s * (end_s - start_s)
    return tuple(
        Figure(threshold=one, value=measure(one.metric, part) if enough else None, samples=samples, enough=enough)
        for one in thresholds
    )


def find_recovery(
    demand: Recovery, load: LoadRecords, *, rate_per_s: float, procedure_s: float, until_s: float
) -> Recovered | None:
    """The first recovery, hold included, that was complete by ``until_s``.

    The window lies wholly after the procedure's start and ends by its deadline, so service that was good before
    the responder did anything earns nothing.
    """
    last_end_s = min(procedure_s + demand.deadline_s, until_s - demand.hold_s)
    for end_s in _grid(procedure_s + demand.window_s, last_end_s):
        start_s = end_s - demand.window_s
        now = figures(demand.thresholds, load, start_s, end_s, rate_per_s=rate_per_s)
        if not all(figure.met for figure in now):
            continue
        later = demand.hold_s
        held = figures(demand.thresholds, load, start_s + later, end_s + later, rate_per_s=rate_per_s)
        if all(figure.met for figure in held):
            return Recovered(start_s=start_s, end_s=end_s, figures=now, held=held)
    return None


def first_window(
    thresholds: tuple[Threshold, ...],
    load: LoadRecords,
    *,
    start_s: float,
    end_s: float,
    window_s: float,
    rate_per_s: float,
) -> tuple[Figure, ...] | None:
    """The figures of the first window inside [start_s, end_s] that meets every threshold, else None."""
    for window_end_s in _grid(start_s + window_s, end_s):
        found = figures(thresholds, load, window_end_s - window_s, window_end_s, rate_per_s=rate_per_s)
        if all(figure.met for figure in found):
            return found
    return None


def _grid(start_s: float, end_s: float) -> Iterator[float]:
    if end_s >= start_s:
        steps = int((end_s - start_s) / GRID_S + 1e-9)
        yield from (start_s + step * GRID_S for step in range(steps + 1))
