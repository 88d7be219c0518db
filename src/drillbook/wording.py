"""Figures and thresholds in words, the same in features, terminal and report."""

from drillbook.objective import Comparison, Metric, Threshold

_NAMES = {
    Metric.ERROR_RATE: "error rate",
    Metric.CORRUPT_RATE: "corrupt rate",
    Metric.LATENCY_P50_MS: "P50 latency",
    Metric.LATENCY_P95_MS: "P95 latency",
    Metric.LATENCY_P99_MS: "P99 latency",
}
_SIGNS = {Comparison.AT_MOST: "≤", Comparison.AT_LEAST: "≥", Comparison.ABOVE: ">"}
_RATES = (Metric.ERROR_RATE, Metric.CORRUPT_RATE)


def unit(metric: Metric) -> str:
    """The unit that ``threshold`` and ``measured`` carry in a verdict: ``ratio`` (0 to 1) or ``ms``."""
    return "ratio" if metric in _RATES else "ms"


def amount(metric: Metric, value: float | None) -> str:
    """A measured figure in words, such as ``0.4 %`` or ``3.2 ms``."""
    if value is None:
        return "unknown"
    return f"{value * 100:.3g} %" if metric in _RATES else f"{value:.3g} ms" if value < 1000 else f"{value:.0f} ms"  # noqa: PLR2004 - ms in a second


def demand(threshold: Threshold) -> str:
    """A threshold in words, such as ``error rate ≤ 1 %``."""
    bound = amount(threshold.metric, threshold.value)
    return f"{_NAMES[threshold.metric]} {_SIGNS[threshold.comparison]} {bound}"


def span(seconds: float) -> str:
    """A duration in words, such as ``0.4 s``, ``41 s`` or ``5 min 20 s``."""
    if seconds < 10:  # noqa: PLR2004 - below this a tenth matters to the reader
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes and rest else f"{minutes} min" if minutes else f"{rest} s"
