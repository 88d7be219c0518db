"""Reads thresholds and durations from a scenario's English."""

import difflib
import re

from drillbook import wording
from drillbook.errors import InputError
from drillbook.objective import Comparison, Metric, Start, Threshold

_METRICS = {
    "error rate": Metric.ERROR_RATE,
    "corrupt rate": Metric.CORRUPT_RATE,
    "availability": Metric.AVAILABILITY,
    "throughput": Metric.THROUGHPUT,
    "p50 latency": Metric.LATENCY_P50_MS,
    "p90 latency": Metric.LATENCY_P90_MS,
    "p95 latency": Metric.LATENCY_P95_MS,
    "p99 latency": Metric.LATENCY_P99_MS,
    "p99.9 latency": Metric.LATENCY_P999_MS,
}
_COMPARISONS = {"of at most": Comparison.AT_MOST, "of at least": Comparison.AT_LEAST, "above": Comparison.ABOVE}
_THRESHOLD = re.compile(
    rf"an? (?P<metric>[\w. ]+?) (?P<comparison>{'|'.join(_COMPARISONS)}) (?P<value>\d+(?:\.\d+)?) ?"
    r"(?P<unit>%|ms|s|(?:right answers )?per second)"
)
_BOUND = re.compile(rf"(?P<comparison>{'|'.join(_COMPARISONS)}) (?P<value>\d+(?:\.\d+)?)")
_DURATION = re.compile(r"(?P<value>\d+(?:\.\d+)?) (?P<unit>second|minute|hour)s?")
_UNIT_S = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
_SCALES = {"ratio": {"%": 0.01}, "ms": {"ms": 1.0, "s": 1000.0}, "per s": {"per second": 1.0}}
_DEADLINE = re.compile(r"(?P<duration>.+?)(?: of (?:the|its) (?P<start>\w+))?")


def thresholds(text: str) -> tuple[Threshold, ...]:
    """Read ``an error rate of at most 1 % and a P99 latency of at most 10 ms``; rates become shares of 1."""
    return tuple(_threshold(part) for part in re.split(r" and |, ", text))


def duration_s(text: str) -> float:
    """Read ``20 seconds`` or ``5 minutes``."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise InputError("not a duration", expected="such as “20 seconds” or “5 minutes”", got=text)
    return float(found["value"]) * _UNIT_S[found["unit"]]


def deadline(text: str) -> tuple[float, Start]:
    """Read ``5 minutes`` (of the procedure's start), ``5 minutes of the fault`` or ``5 minutes of its detection``."""
    found = _DEADLINE.fullmatch(text.strip())
    start = found and (found["start"] or Start.PROCEDURE)
    if found is None or start not in set(Start):
        expected = "such as “5 minutes”, “5 minutes of the fault” or “5 minutes of its detection”"
        raise InputError("not a deadline", expected=expected, got=text)
    return duration_s(found["duration"]), Start(start)


def bound(text: str) -> tuple[Comparison, float]:
    """Read ``of at most 90``, ``of at least 4`` or ``above 95``: a bound of a figure in the figure's own unit."""
    found = _BOUND.fullmatch(text.strip())
    if not found:
        raise InputError("not a bound", expected="such as “of at most 90”", got=text)
    return _COMPARISONS[found["comparison"]], float(found["value"])


def _threshold(text: str) -> Threshold:
    found = _THRESHOLD.fullmatch(text.strip())
    if not found:
        raise InputError("not a threshold", expected="such as “an error rate of at most 1 %”", got=text)
    name = found["metric"].lower()
    metric = _METRICS.get(name)
    if metric is None:
        nearest = difflib.get_close_matches(name, _METRICS, n=1)
        mend = f"did you mean {nearest[0]!r}?" if nearest else None
        raise InputError("unknown metric", expected=", ".join(_METRICS), got=found["metric"], mend=mend)
    scales = _SCALES[wording.unit(metric)]
    scale = scales.get(found["unit"].removeprefix("right answers "))
    if scale is None:
        raise InputError(f"the unit does not fit the {name}", expected=" or ".join(scales), got=found["unit"])
    return Threshold(
        metric=metric, comparison=_COMPARISONS[found["comparison"]], value=round(float(found["value"]) * scale, 12)
    )
