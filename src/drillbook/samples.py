"""How many requests a window must hold before it can tell whether a threshold is met."""

import math

from drillbook.objective import PERMILLE, RATES, Comparison, Metric, Threshold

CONFIDENCE = 0.95
"""How often an interval holds the true figure."""

TAIL = (1 - CONFIDENCE) / 2
"""How often the true figure may lie on one side of its interval."""

Z = 1.959963984540054
"""So many standard deviations from its middle a normal distribution leaves ``TAIL``."""


def samples_needed(threshold: Threshold) -> int:
    """So few samples could show that the threshold is met, if every one of them were as wished."""
    at_most = threshold.comparison is Comparison.AT_MOST
    if threshold.metric in RATES:
        return fewest_for_rate(threshold.value, at_most=at_most)
    if threshold.metric is Metric.THROUGHPUT:
        return 1
    return fewest_for_percentile(PERMILLE[threshold.metric], upper=at_most)


def fewest_for_percentile(permille: int, *, upper: bool) -> int:
    """So many samples set an upper (or lower) bound to a percentile."""
    share = permille / 1000
    return math.ceil(math.log(TAIL) / math.log(share if upper else 1 - share))


def fewest_for_rate(bound: float, *, at_most: bool) -> int:
    """So many samples could show a rate to be at most (or at least) this, if every one of them were as wished.

    A bound of 0 or 1 no number of samples can show, so it is demanded of what was seen: one is enough.
    """
    room = bound if at_most else 1 - bound
    if not 0 < room < 1:
        return 1
    return max(1, math.ceil(Z * Z * (1 - room) / room - 1e-9))
