"""Figures and thresholds in words, the same in features, terminal and report."""

from drillbook.course import Losses
from drillbook.drill import Control, FaultAlone, RunbookAlone, WithoutStep
from drillbook.objective import RATES, Comparison, Metric, Threshold

_NAMES = {
    Metric.ERROR_RATE: "error rate",
    Metric.CORRUPT_RATE: "corrupt rate",
    Metric.AVAILABILITY: "availability",
    Metric.THROUGHPUT: "throughput",
    Metric.LATENCY_P50_MS: "P50 latency",
    Metric.LATENCY_P90_MS: "P90 latency",
    Metric.LATENCY_P95_MS: "P95 latency",
    Metric.LATENCY_P99_MS: "P99 latency",
    Metric.LATENCY_P999_MS: "P99.9 latency",
}
SIGNS = {Comparison.AT_MOST: "≤", Comparison.AT_LEAST: "≥", Comparison.ABOVE: ">"}
"""How each comparison is written."""


def unit(metric: Metric) -> str:
    """The unit that ``threshold`` and ``measured`` carry in a verdict: ``ratio`` (0 to 1), ``ms`` or ``per s``."""
    return "ratio" if metric in RATES else "per s" if metric is Metric.THROUGHPUT else "ms"


def amount(metric: Metric, value: float | None) -> str:
    """A measured figure in words, such as ``0.4 %`` or ``3.2 ms``."""
    if value is None:
        return "unknown"
    if metric in RATES:
        percent = value * 100
        digits = 5 if 99 < percent < 100 else 3  # noqa: PLR2004 - where 99.95 would read as 100
        return f"{percent:.{digits}g} %"
    if metric is Metric.THROUGHPUT:
        return f"{value:,.4g} per s"
    return f"{value:.3g} ms" if value < 999.5 else f"{value:.0f} ms"  # noqa: PLR2004 - where .3g turns to 1e+03


def measured(value: float | None, unit_name: str) -> str:
    """A verdict's figure in words, by the unit it carries there, such as ``0.4 %`` or ``1,834 bytes``."""
    match unit_name:
        case _ if value is None:
            return "unknown"
        case "ratio":
            return amount(Metric.ERROR_RATE, value)
        case "ms":
            return amount(Metric.LATENCY_P99_MS, value)
        case "per s":
            return amount(Metric.THROUGHPUT, value)
        case _:
            return f"{value:,.0f} {unit_name.removesuffix('s') if value == 1 else unit_name}"


def interval(low: float | None, high: float | None, unit_name: str) -> str:
    """A confidence interval in words, such as ``95 %: 2.9 ms to 3.5 ms``; nothing where there is none."""
    if low is None and high is None:
        return ""
    if high is None:
        return f"95 %: at least {measured(low, unit_name)}"
    if low is None:
        return f"95 %: at most {measured(high, unit_name)}"
    return f"95 %: {measured(low, unit_name)} to {measured(high, unit_name)}"


def losses(lost: Losses) -> str:
    """What users lost and why, such as ``12 because of the procedure, 900 of the fault, 0 of both, 3 unexplained``."""
    return (
        f"{lost.procedure:,} because of the procedure, {lost.fault:,} of the fault, {lost.both:,} of both, "
        f"{lost.unexplained:,} unexplained" + (f", {lost.unseen:,} while nobody looked" if lost.unseen else "")
    )


def demand(threshold: Threshold) -> str:
    """A threshold in words, such as ``error rate ≤ 1 %``."""
    bound = amount(threshold.metric, threshold.value)
    return f"{_NAMES[threshold.metric]} {SIGNS[threshold.comparison]} {bound}"


def span(seconds: float) -> str:
    """A duration in words, such as ``40 ms``, ``0.4 s``, ``41 s`` or ``5 min 20 s``."""
    if round(seconds * 1000) < 100:  # noqa: PLR2004 - below this a tenth of a second says nothing
        return f"{seconds * 1000:.0f} ms" if round(seconds * 1000) else "0 s"
    if seconds < 10:  # noqa: PLR2004 - below this a tenth matters to the reader
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes and rest else f"{minutes} min" if minutes else f"{rest} s"


def control(left_out: Control) -> str:
    """A control in words."""
    match left_out:
        case FaultAlone():
            return "the fault without the runbook"
        case RunbookAlone():
            return "the runbook without the fault"
        case WithoutStep():
            return f"without “{left_out.title}” (line {left_out.line})"
