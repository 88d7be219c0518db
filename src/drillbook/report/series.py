"""Cuts users' traffic into equal bins of time, for graphs and tables."""

import math
from dataclasses import dataclass

from drillbook.load_records import LoadRecords, measure, window
from drillbook.objective import Metric

_WIDTHS_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_MOST_BINS = 400


@dataclass(frozen=True)
class Bin:
    """The requests due in [start_s, start_s + width_s); rates from 0 to 1, None where nothing was measured."""

    start_s: float
    width_s: float
    requests: int
    lost: int
    error_rate: float | None
    corrupt_rate: float | None
    p50_ms: float | None
    p99_ms: float | None


def figures_of(load: LoadRecords, start_s: float, end_s: float) -> Bin:
    """The figures of the requests due in [start_s, end_s)."""
    part = window(load, start_s, end_s)
    error_rate = measure(Metric.ERROR_RATE, part)
    return Bin(
        start_s=start_s,
        width_s=end_s - start_s,
        requests=len(part),
        lost=round((error_rate or 0.0) * len(part)),
        error_rate=error_rate,
        corrupt_rate=measure(Metric.CORRUPT_RATE, part),
        p50_ms=measure(Metric.LATENCY_P50_MS, part),
        p99_ms=measure(Metric.LATENCY_P99_MS, part),
    )


def bins(load: LoadRecords, start_s: float, end_s: float) -> tuple[Bin, ...]:
    """Whole bins that cover [start_s, end_s): a second wide, wider where that would make more than a few hundred."""
    length_s = end_s - start_s
    width_s = next((width for width in _WIDTHS_S if length_s / width <= _MOST_BINS), length_s / _MOST_BINS)
    count = math.ceil(length_s / width_s - 1e-9)
    return tuple(
        figures_of(load, start_s + place * width_s, min(end_s, start_s + (place + 1) * width_s))
        for place in range(count)
    )
