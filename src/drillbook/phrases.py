"""Reads thresholds and durations from a scenario's English."""

import difflib
import re

from drillbook.errors import InputError
from drillbook.objective import Comparison, Metric, Threshold

_METRICS = {
    "error rate": Metric.ERROR_RATE,
    "corrupt rate": Metric.CORRUPT_RATE,
    "p50 latency": Metric.LATENCY_P50_MS,
    "p95 latency": Metric.LATENCY_P95_MS,
    "p99 latency": Metric.LATENCY_P99_MS,
}
_COMPARISONS = {"of at most": Comparison.AT_MOST, "of at least": Comparison.AT_LEAST, "above": Comparison.ABOVE}
_THRESHOLD = re.compile(
    rf"an? (?P<metric>[\w ]+?) (?P<comparison>{'|'.join(_COMPARISONS)}) (?P<value>\d+(?:\.\d+)?) ?(?P<unit>%|ms|s)"
)
_DURATION = re.compile(r"(?P<value>\d+(?:\.\d+)?) (?P<unit>second|minute|hour)s?")
_UNIT_S = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
_SCALE = {("%", True): 0.01, ("ms", False): 1.0, ("s", False): 1000.0}


def thresholds(text: str) -> tuple[Threshold, ...]:
    """Read ``an error rate of at most 1 % and a P99 latency of at most 10 ms``; rates become shares of 1."""
    return tuple(_threshold(part) for part in re.split(r" and |, ", text))


def duration_s(text: str) -> float:
    """Read ``20 seconds`` or ``5 minutes``."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise InputError("not a duration", expected="such as “20 seconds” or “5 minutes”", got=text)
    return float(found["value"]) * _UNIT_S[found["unit"]]


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
    is_rate = metric in {Metric.ERROR_RATE, Metric.CORRUPT_RATE}
    scale = _SCALE.get((found["unit"], is_rate))
    if scale is None:
        raise InputError(f"the unit does not fit the {name}", expected="%" if is_rate else "ms or s", got=found["unit"])
    return Threshold(
        metric=metric, comparison=_COMPARISONS[found["comparison"]], value=round(float(found["value"]) * scale, 12)
    )
