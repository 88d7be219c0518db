import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillbook.errors import InputError
from drillbook.objective import Comparison, Metric, Start, Threshold
from drillbook.phrases import bound, deadline, duration_s, thresholds


def test_two_thresholds_in_their_own_units() -> None:
    assert thresholds("an error rate of at most 1 % and a P99 latency of at most 10 ms") == (
        Threshold(metric=Metric.ERROR_RATE, comparison=Comparison.AT_MOST, value=0.01),
        Threshold(metric=Metric.LATENCY_P99_MS, comparison=Comparison.AT_MOST, value=10),
    )


def test_seconds_of_latency_become_milliseconds() -> None:
    (one,) = thresholds("a P50 latency above 1.5 s")
    assert (one.comparison, one.value) == (Comparison.ABOVE, 1500)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a lot of errors", "not a threshold"),
        ("an eror rate of at most 1 %", "unknown metric"),
        ("a zzz above 1 %", "unknown metric"),
        ("an error rate of at most 10 ms", "the unit does not fit"),
        ("a P99 latency of at most 10 %", "the unit does not fit"),
        ("", "not a threshold"),
    ],
)
def test_a_wrong_threshold_says_what_was_expected(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        thresholds(text)
    assert caught.value.expected


def test_a_misspelt_metric_gets_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        thresholds("an eror rate of at most 1 %")
    assert caught.value.mend == "did you mean 'error rate'?"


@pytest.mark.parametrize(
    ("text", "expected_s"), [("20 seconds", 20), ("1 second", 1), ("5 minutes", 300), ("0.5 hours", 1800)]
)
def test_durations(text: str, expected_s: float) -> None:
    assert duration_s(text) == expected_s


@given(st.text())
def test_any_other_duration_is_an_input_error(text: str) -> None:
    try:
        assert duration_s(text) >= 0
    except InputError as error:
        assert error.got == text  # noqa: PT017 - either is right, nothing else is


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an availability of at least 99.9 %", (Metric.AVAILABILITY, Comparison.AT_LEAST, 0.999)),
        ("a throughput of at least 95 right answers per second", (Metric.THROUGHPUT, Comparison.AT_LEAST, 95)),
        ("a throughput of at least 95 per second", (Metric.THROUGHPUT, Comparison.AT_LEAST, 95)),
        ("a P90 latency of at most 8 ms", (Metric.LATENCY_P90_MS, Comparison.AT_MOST, 8)),
        ("a P99.9 latency of at most 1 s", (Metric.LATENCY_P999_MS, Comparison.AT_MOST, 1000)),
    ],
)
def test_every_metric_has_its_words(text: str, expected: tuple[Metric, Comparison, float]) -> None:
    (one,) = thresholds(text)
    assert (one.metric, one.comparison, one.value) == expected


def test_a_throughput_has_no_other_unit() -> None:
    with pytest.raises(InputError, match="the unit does not fit"):
        thresholds("a throughput of at least 95 %")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 minutes", (300, Start.PROCEDURE)),
        ("5 minutes of the procedure", (300, Start.PROCEDURE)),
        ("90 seconds of the fault", (90, Start.FAULT)),
        ("1 minute of its detection", (60, Start.DETECTION)),
    ],
)
def test_a_deadline_says_what_it_counts_from(text: str, expected: tuple[float, Start]) -> None:
    assert deadline(text) == expected


@pytest.mark.parametrize("text", ["5 minutes of the weather", "soon", ""])
def test_another_deadline_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError) as caught:
        deadline(text)
    assert caught.value.expected


def test_bounds_of_a_figure() -> None:
    assert bound("of at most 90") == (Comparison.AT_MOST, 90)
    assert bound("above 0.5") == (Comparison.ABOVE, 0.5)
    with pytest.raises(InputError, match="not a bound"):
        bound("90")
