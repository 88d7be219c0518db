"""What is demanded of the users' traffic: thresholds over a window, and the recovery they make up together."""

from enum import StrEnum

from msgspec import Struct


class Metric(StrEnum):
    """A figure computed from the load records of one window."""

    ERROR_RATE = "error_rate"  # share of requests without a right answer, corrupt ones included; 0 to 1
    CORRUPT_RATE = "corrupt_rate"  # share of requests answered with a wrong checksum; 0 to 1
    LATENCY_P50_MS = "latency_p50_ms"  # from due time to last byte; an unanswered request ranks with the slowest
    LATENCY_P95_MS = "latency_p95_ms"
    LATENCY_P99_MS = "latency_p99_ms"


class Comparison(StrEnum):
    """How a measured figure must stand to the threshold."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"


class Threshold(Struct, frozen=True, kw_only=True):
    """One figure and its bound, in the metric's own unit (rates as shares of 1, latencies in ms)."""

    metric: Metric
    comparison: Comparison
    value: float


class Recovery(Struct, frozen=True, kw_only=True):
    """Every threshold met in one same window by the deadline, and again in the window ``hold_s`` later."""

    thresholds: tuple[Threshold, ...]
    window_s: float
    deadline_s: float  # counted from the procedure's start
    hold_s: float = 0.0
