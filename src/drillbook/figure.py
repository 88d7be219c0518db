"""A threshold measured over one window of users' traffic, and what that window can tell: three-valued.

What decides is the measured value, not its confidence interval: a drill's window is the whole of what its users saw,
and an interval that takes requests for independent would only look stricter. The interval is reported beside it, and
it decides whether there were enough samples to tell at all.

Besides, a window says what a figure could have been, had every request been sent when it was due and been recorded.
It is met only where the worst of that meets the threshold, and missed only where the best of it does not:

- requests that are not on record, or are on record too often, could have been anything;
- a request that the generator sent much too late did not see the system at its due time, so for a rate it could have
  failed;
- a latency counts from the due time, so the generator's own lag is in it. It cannot make a slow system look fast, so a
  bound that is met with the lag is met. One that is missed with it, and met without it, says nothing as soon as the
  lag's P99 is above a tenth of the bound: users may have waited for the generator, not for the system.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drillbook import wording
from drillbook.intervals import percentile_ranks, wilson
from drillbook.load_records import (
    LoadRecords,
    count_bad,
    is_success,
    lag_p99_ms,
    latencies_s,
    measure,
    nearest_rank,
    ranked,
    window,
)
from drillbook.objective import PERMILLE, RATES, Comparison, Metric, Threshold, compare
from drillbook.samples import samples_needed
from drillbook.verdict import Verdict

COVERAGE = 0.9
"""The share of its scheduled requests that a window must hold to be judged at all."""

TOLERANCE = 0.001
"""So many of the scheduled requests may be missing without a question: a generator's own bound."""

LAG_SHARE = 0.1
"""The generator's lag (P99) may be this share of a latency's bound before it matters."""

LATE_S = 0.1
"""A request that starts later than this did not see the system at its due time."""


@dataclass(frozen=True, eq=False)
class Traffic:
    """What users saw, at what rate requests were due, and what the generator itself adds on this machine."""

    records: LoadRecords
    rate_per_s: float
    floor_ms: float = 0.0  # P99 of a request to a server that answers at once; 0 where nobody measured it

    def figures(self, thresholds: tuple[Threshold, ...], start_s: float, end_s: float) -> "tuple[Figure, ...]":
        """Measure every threshold over the requests due in [start_s, end_s)."""
        part = window(self.records, start_s, end_s)
        length_s = end_s - start_s
        return tuple(Figure(one, part, length_s, self.rate_per_s * length_s, self.floor_ms) for one in thresholds)


@dataclass(frozen=True, eq=False)
class Figure:
    """A threshold measured over one window."""

    threshold: Threshold
    part: LoadRecords
    length_s: float
    scheduled: float
    floor_ms: float = 0.0

    @property
    def samples(self) -> int:
        """How many requests are on record."""
        return len(self.part)

    @property
    def enough(self) -> bool:
        """Whether the window holds about as many requests as were scheduled."""
        off = abs(self.samples - self.scheduled)
        return self.samples > 0 and off <= (1 - COVERAGE) * self.scheduled + 1e-6

    @cached_property
    def value(self) -> float | None:
        """The measured figure; None where too few requests leave it unknown, or nobody had an answer to time."""
        if not self.enough:
            return None
        if self.threshold.metric is Metric.THROUGHPUT:
            return self._right / self.length_s
        return measure(self.threshold.metric, self.part)

    @cached_property
    def needed(self) -> int:
        """So many samples are needed to tell."""
        return samples_needed(self.threshold)

    @cached_property
    def confidence(self) -> tuple[float | None, float | None]:
        """The 95 % confidence interval of a rate or a percentile; None for a bound that the samples do not set."""
        metric = self.threshold.metric
        if self.value is None or metric is Metric.THROUGHPUT:
            return None, None
        if (bad := count_bad(metric, self.part)) is not None:
            low, high = wilson(bad, self.samples)
            return (1 - high, 1 - low) if metric is Metric.AVAILABILITY else (low, high)
        latencies_ms = latencies_s(self.part) * 1000
        lower, upper = percentile_ranks(self.samples, PERMILLE[metric])
        return lower and ranked(latencies_ms, lower), upper and ranked(latencies_ms, upper)

    @cached_property
    def lag_p99_ms(self) -> float | None:
        """The generator's own lag; it is part of every latency."""
        return lag_p99_ms(self.part)

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the figure stands to its threshold as demanded, as far as the window can tell."""
        return Verdict.INCONCLUSIVE if self.doubt else Verdict.PASS if self.met else Verdict.FAIL

    @property
    def met(self) -> bool:
        """Whether the measured value stands to the threshold as demanded; an unknown one does not."""
        return self.value is not None and compare(self.value, self.threshold)

    @cached_property
    def doubt(self) -> str:
        """Why the window cannot tell; nothing where it can."""
        if self.samples < self.needed and not self._surely_missed:
            return self._missing or f"{self.samples:,} requests are too few to tell, it takes {self.needed:,}"
        if self.enough and self.value is None:
            return ""  # nobody was answered, so nobody was answered in time
        at_most = self.threshold.comparison is Comparison.AT_MOST
        otherwise = self._highest() if at_most is self.met else self._lowest()
        return "" if compare(otherwise, self.threshold) is self.met else self._why_unsure()

    @property
    def _surely_missed(self) -> bool:
        """Few samples cannot show that a threshold is met, but can that it is missed by far."""
        low, high = self.confidence
        nearest = low if self.threshold.comparison is Comparison.AT_MOST else high
        return nearest is not None and not compare(nearest, self.threshold)

    def _why_unsure(self) -> str:
        if self._missing:
            return self._missing
        if self.threshold.metric in RATES:
            return f"users sent {self._late:,} requests too late to know what they would have seen"
        own = wording.amount(Metric.LATENCY_P99_MS, max(self.lag_p99_ms or 0.0, self.floor_ms))
        return f"the users themselves were late (P99 {own}), and without that it would be otherwise"

    @property
    def _missing(self) -> str:
        if not self._unaccounted:
            return ""
        return f"{self._unaccounted:,} of {self.scheduled:,.0f} requests are missing on record, or there too often"

    @cached_property
    def _unaccounted(self) -> int:
        """Requests that are missing on record, or are there too often."""
        off = abs(self.samples - self.scheduled)
        return math.ceil(off) if off > max(1.0, TOLERANCE * self.scheduled) else 0

    @cached_property
    def _right(self) -> int:
        return int(np.count_nonzero(is_success(self.part)))

    @cached_property
    def _late(self) -> int:
        """Requests with a right answer that started much too late."""
        return int(np.count_nonzero(is_success(self.part) & (self.part.start_s - self.part.due_s > LATE_S)))

    def _lowest(self) -> float:
        """The lowest that the figure could have been."""
        metric, lost = self.threshold.metric, self._unaccounted
        bad = count_bad(metric, self.part)
        if metric is Metric.THROUGHPUT:
            return max(0, self._right - lost) / self.length_s
        if metric is Metric.AVAILABILITY:
            return (self._right - self._late) / (self.samples + lost)
        if bad is not None:
            return bad / (self.samples + lost)
        rank = nearest_rank(PERMILLE[metric], self.samples + lost) - lost
        floor_ms = self.floor_ms if self._lag_matters else 0.0
        values = latencies_s(self.part, with_lag=not self._lag_matters)
        return max(0.0, ranked(values, rank) * 1000 - floor_ms) if rank >= 1 else 0.0

    def _highest(self) -> float:
        """The highest that the figure could have been."""
        metric, lost = self.threshold.metric, self._unaccounted
        bad = count_bad(metric, self.part)
        if metric is Metric.THROUGHPUT:
            return (self._right + lost) / self.length_s
        if metric is Metric.AVAILABILITY:
            return (self._right + lost) / (self.samples + lost)
        if bad is not None:
            return (bad + self._late + lost) / (self.samples + lost)
        if not lost and self.value is not None:
            return self.value
        rank = nearest_rank(PERMILLE[metric], self.samples + lost)
        return ranked(latencies_s(self.part), rank) * 1000 if rank <= self.samples else math.inf

    @property
    def _lag_matters(self) -> bool:
        own_ms = max(self.lag_p99_ms or 0.0, self.floor_ms)
        return own_ms > LAG_SHARE * self.threshold.value
