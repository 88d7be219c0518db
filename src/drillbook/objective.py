"""What is demanded of the users' traffic: thresholds over a window, and the recovery they make up together."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct


class Metric(StrEnum):
    """A figure computed from the load records of one window."""

    ERROR_RATE = "error_rate"  # share of requests without a right answer, corrupt ones included; 0 to 1
    CORRUPT_RATE = "corrupt_rate"  # share of requests answered with a wrong checksum; 0 to 1
    AVAILABILITY = "availability"  # share of requests with a right answer; 0 to 1
    THROUGHPUT = "throughput"  # right answers per second
    LATENCY_P50_MS = "latency_p50_ms"  # from due time to last byte; an unanswered request ranks with the slowest
    LATENCY_P90_MS = "latency_p90_ms"
    LATENCY_P95_MS = "latency_p95_ms"
    LATENCY_P99_MS = "latency_p99_ms"
    LATENCY_P999_MS = "latency_p999_ms"


RATES = frozenset({Metric.ERROR_RATE, Metric.CORRUPT_RATE, Metric.AVAILABILITY})
"""Shares of the requests, from 0 to 1."""

PERMILLE: Mapping[Metric, int] = MappingProxyType(
    {
        Metric.LATENCY_P50_MS: 500,
        Metric.LATENCY_P90_MS: 900,
        Metric.LATENCY_P95_MS: 950,
        Metric.LATENCY_P99_MS: 990,
        Metric.LATENCY_P999_MS: 999,
    }
)
"""Which percentile each latency is, in thousandths, so that ranks are whole numbers without rounding."""


class Comparison(StrEnum):
    """How a measured figure must stand to the threshold."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"


class Threshold(Struct, frozen=True, kw_only=True):
    """One figure and its bound, in the metric's own unit (shares of 1, ms, right answers per second)."""

    metric: Metric
    comparison: Comparison
    value: float


class Start(StrEnum):
    """What a deadline counts from."""

    FAULT = "fault"  # the injection
    DETECTION = "detection"  # the last symptom was seen
    PROCEDURE = "procedure"  # the responder opened it


class Recovery(Struct, frozen=True, kw_only=True):
    """Every threshold met in one same window by the deadline, and again in the window ``hold_s`` later.

    Whatever the deadline counts from, the window lies after the procedure's start: what was good before earns nothing.
    """

    thresholds: tuple[Threshold, ...]
    window_s: float
    deadline_s: float
    hold_s: float = 0.0
    start: Start = Start.PROCEDURE


def holds(value: float, comparison: Comparison, bound: float) -> bool:
    """Whether the value stands to the bound as demanded; a NaN never does."""
    match comparison:
        case Comparison.AT_MOST:
            return value <= bound
        case Comparison.AT_LEAST:
            return value >= bound
        case Comparison.ABOVE:
            return value > bound


def compare(value: float, threshold: Threshold) -> bool:
    """Whether the value stands to the threshold as demanded."""
    return holds(value, threshold.comparison, threshold.value)
