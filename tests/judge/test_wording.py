"""Figures in words."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drillbook import wording
from drillbook.course import Losses
from drillbook.objective import Comparison, Metric, Threshold


@pytest.mark.parametrize(
    ("metric", "value", "words"),
    [
        (Metric.ERROR_RATE, 0.0, "0 %"),
        (Metric.ERROR_RATE, 0.004, "0.4 %"),
        (Metric.CORRUPT_RATE, 1.0, "100 %"),
        (Metric.LATENCY_P99_MS, 3.24, "3.24 ms"),
        (Metric.LATENCY_P99_MS, 999.4, "999 ms"),
        (Metric.LATENCY_P99_MS, 999.6, "1000 ms"),
        (Metric.LATENCY_P50_MS, 12_345.6, "12346 ms"),
        (Metric.LATENCY_P95_MS, None, "unknown"),
    ],
)
def test_an_amount_in_words(metric: Metric, value: float | None, words: str) -> None:
    assert wording.amount(metric, value) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.5, "ratio", "50 %"),
        (3.0, "ms", "3 ms"),
        (1834.0, "bytes", "1,834 bytes"),
        (1.0, "differences", "1 difference"),
        (0.0, "files", "0 files"),
        (None, "files", "unknown"),
    ],
)
def test_a_verdicts_figure_in_words(value: float | None, unit: str, words: str) -> None:
    assert wording.measured(value, unit) == words


@pytest.mark.parametrize(
    ("metric", "comparison", "words"),
    [
        (Metric.ERROR_RATE, Comparison.AT_MOST, "error rate ≤ 10 %"),
        (Metric.CORRUPT_RATE, Comparison.ABOVE, "corrupt rate > 10 %"),
        (Metric.LATENCY_P95_MS, Comparison.AT_LEAST, "P95 latency ≥ 0.1 ms"),
    ],
)
def test_a_threshold_in_words(metric: Metric, comparison: Comparison, words: str) -> None:
    assert wording.demand(Threshold(metric=metric, comparison=comparison, value=0.1)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (0.0004, "0 s"),
        (0.04, "40 ms"),
        (0.0994, "99 ms"),
        (0.0996, "0.1 s"),
        (9.94, "9.9 s"),
        (41.0, "41 s"),
        (59.6, "1 min"),
        (60.0, "1 min"),
        (320.0, "5 min 20 s"),
    ],
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert wording.span(seconds) == words


@example(0.0625)
@given(st.floats(0, 86_400))
def test_a_duration_in_words_is_right_to_a_second(seconds: float) -> None:
    parts = wording.span(seconds).split()
    read_s = sum(
        float(number) * {"ms": 0.001, "s": 1, "min": 60}[unit]
        for number, unit in zip(parts[::2], parts[1::2], strict=True)
    )

    assert abs(read_s - seconds) <= 0.5


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (None, None, "ms", ""),
        (2.9, 3.5, "ms", "95 %: 2.9 ms to 3.5 ms"),
        (2.9, None, "ms", "95 %: at least 2.9 ms"),
        (None, 0.004, "ratio", "95 %: at most 0.4 %"),
    ],
)
def test_an_interval_in_words(low: float | None, high: float | None, unit: str, words: str) -> None:
    assert wording.interval(low, high, unit) == words


@pytest.mark.parametrize(
    ("metric", "value", "words"),
    [
        (Metric.AVAILABILITY, 0.9995, "99.95 %"),
        (Metric.AVAILABILITY, 0.99999, "99.999 %"),
        (Metric.AVAILABILITY, 1.0, "100 %"),
        (Metric.THROUGHPUT, 94.96, "94.96 per s"),
    ],
)
def test_a_share_that_is_nearly_whole_is_not_rounded_to_it(metric: Metric, value: float, words: str) -> None:
    assert wording.amount(metric, value) == words
    assert wording.measured(value, wording.unit(metric)) == words


def test_what_users_lost_in_words() -> None:
    lost = Losses(fault=1900, procedure=12, both=0, unexplained=3)
    assert wording.losses(lost) == "12 because of the procedure, 1,900 of the fault, 0 of both, 3 unexplained"
