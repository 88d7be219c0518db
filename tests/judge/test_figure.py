"""What one window of traffic can tell of a threshold, and what it cannot."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillbook.figure import Figure, Traffic
from drillbook.load_records import LoadRecords
from drillbook.objective import Comparison, Metric, Threshold
from drillbook.verdict import Verdict

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
AT_MOST, AT_LEAST, ABOVE = Comparison.AT_MOST, Comparison.AT_LEAST, Comparison.ABOVE


def records(
    seconds: float = 10.0,
    *,
    latency_ms: float = 3.0,
    lag_ms: float = 0.2,
    bad: int = 0,
    corrupt: int = 0,
    late: int = 0,
) -> LoadRecords:
    """Requests at a rate; the first ``bad`` are refused, the next ``corrupt`` wrong, the last ``late`` 0.3 s late."""
    count = round(seconds * 100)
    due_s = np.arange(count) / 100
    lag_s = np.full(count, lag_ms / 1000)
    lag_s[count - late :] = 0.3
    status = np.full(count, 200, dtype=np.int16)
    status[:bad] = 503
    wrong = np.zeros(count, dtype=np.bool_)
    wrong[bad : bad + corrupt] = True
    return LoadRecords(due_s, due_s + lag_s, due_s + lag_s + latency_ms / 1000, status, wrong)


def without(some: LoadRecords, first: int, last: int) -> LoadRecords:
    keep = np.ones(len(some), dtype=np.bool_)
    keep[first:last] = False
    return LoadRecords(some.due_s[keep], some.start_s[keep], some.end_s[keep], some.status[keep], some.corrupt[keep])


def figure(
    metric: Metric,
    comparison: Comparison,
    value: float,
    seen: LoadRecords,
    *,
    seconds: float = 10.0,
    floor_ms: float = 0.0,
) -> Figure:
    threshold = Threshold(metric=metric, comparison=comparison, value=value)
    (one,) = Traffic(seen, 100.0, floor_ms).figures((threshold,), 0.0, seconds)
    return one


def error_rate(seen: LoadRecords, *, seconds: float = 10.0, most: float = 0.01) -> Figure:
    return figure(Metric.ERROR_RATE, AT_MOST, most, seen, seconds=seconds)


def p99(seen: LoadRecords, *, most_ms: float = 10.0, seconds: float = 10.0, floor_ms: float = 0.0) -> Figure:
    return figure(Metric.LATENCY_P99_MS, AT_MOST, most_ms, seen, seconds=seconds, floor_ms=floor_ms)


@pytest.mark.parametrize(
    ("metric", "comparison", "bound", "seen", "value", "verdict"),
    [
        (Metric.ERROR_RATE, AT_MOST, 0.01, records(bad=10), 0.01, PASS),
        (Metric.ERROR_RATE, AT_MOST, 0.01, records(bad=11), 0.011, FAIL),
        (Metric.ERROR_RATE, ABOVE, 0.1, records(bad=101), 0.101, PASS),
        (Metric.ERROR_RATE, ABOVE, 0.1, records(bad=100), 0.1, FAIL),
        (Metric.CORRUPT_RATE, AT_MOST, 0.0, records(bad=50), 0.0, PASS),
        (Metric.CORRUPT_RATE, AT_MOST, 0.0, records(corrupt=1), 0.001, FAIL),
        (Metric.AVAILABILITY, AT_LEAST, 0.99, records(bad=5, corrupt=5), 0.99, PASS),
        (Metric.AVAILABILITY, AT_LEAST, 0.99, records(bad=5, corrupt=6), 0.989, FAIL),
        (Metric.THROUGHPUT, AT_LEAST, 95.0, records(bad=50), 95.0, PASS),
        (Metric.THROUGHPUT, AT_LEAST, 95.0, records(bad=51), 94.9, FAIL),
        (Metric.LATENCY_P50_MS, AT_MOST, 4.0, records(), 3.2, PASS),
        (Metric.LATENCY_P90_MS, AT_MOST, 3.0, records(), 3.2, FAIL),
        (Metric.LATENCY_P95_MS, ABOVE, 3.0, records(), 3.2, PASS),
    ],
)
def test_the_measured_value_decides(
    metric: Metric, comparison: Comparison, bound: float, seen: LoadRecords, value: float, verdict: Verdict
) -> None:
    one = figure(metric, comparison, bound, seen)

    assert one.value == pytest.approx(value)
    assert (one.verdict, one.doubt) == (verdict, "")


def test_a_rates_interval_and_a_percentiles_are_reported_beside_it() -> None:
    low, high = error_rate(records(bad=8)).confidence
    assert low is not None
    assert high is not None
    assert low < 0.008 < high  # and the bound of 1 % lies within: the measured value decides
    assert error_rate(records(bad=8)).verdict is PASS

    spread = records()
    spread = replace(spread, end_s=spread.due_s + np.arange(1000) / 1e6)
    assert p99(spread).confidence == pytest.approx((0.982, 0.996))
    assert figure(Metric.AVAILABILITY, AT_LEAST, 0.9, records()).confidence == pytest.approx((0.9962, 1.0), abs=1e-4)
    assert figure(Metric.THROUGHPUT, AT_LEAST, 9.0, records()).confidence == (None, None)


def test_too_few_requests_cannot_show_that_a_threshold_is_met() -> None:
    few = records(3.6)

    assert error_rate(few, seconds=3.6).verdict is INCONCLUSIVE
    assert error_rate(few, seconds=3.6).doubt == "360 requests are too few to tell, it takes 381"
    assert p99(few, seconds=3.6).doubt == "360 requests are too few to tell, it takes 368"
    assert p99(few, seconds=3.6).confidence[1] is None


def test_too_few_requests_can_show_that_it_is_missed_by_far() -> None:
    assert error_rate(records(1.0, bad=50), seconds=1.0).verdict is FAIL
    assert error_rate(records(1.0, bad=2), seconds=1.0).verdict is INCONCLUSIVE
    assert p99(records(1.0, latency_ms=90.0), seconds=1.0).verdict is FAIL


def test_requests_that_are_not_on_record_could_have_been_anything() -> None:
    assert error_rate(without(records(), 500, 505)).verdict is PASS  # all 5 lost would still be within 1 %
    some = error_rate(without(records(), 500, 520))
    assert some.verdict is INCONCLUSIVE
    assert some.doubt == "20 of 1,000 requests are missing on record, or there too often"
    assert p99(without(records(), 500, 520)).verdict is INCONCLUSIVE  # they could have been the slowest
    assert error_rate(without(records(bad=100), 500, 600)).verdict is FAIL  # however the missing ones went


def test_half_of_the_requests_on_record_tell_only_the_worst() -> None:
    assert error_rate(without(records(), 0, 500)).value is None
    assert error_rate(without(records(), 0, 500)).verdict is INCONCLUSIVE
    assert error_rate(without(records(bad=1000), 0, 500)).verdict is FAIL


def test_requests_that_are_on_record_twice_are_not_believed() -> None:
    once = records()
    twice = LoadRecords(
        *(np.repeat(getattr(once, name), 2) for name in ("due_s", "start_s", "end_s", "status", "corrupt"))
    )

    assert error_rate(twice).verdict is INCONCLUSIVE


def test_a_request_that_the_users_sent_too_late_did_not_see_the_system_at_its_time() -> None:
    assert error_rate(records(late=10)).verdict is PASS
    late = error_rate(records(late=11))
    assert late.verdict is INCONCLUSIVE
    assert late.doubt == "users sent 11 requests too late to know what they would have seen"
    assert error_rate(records(bad=20, late=50)).verdict is FAIL


@pytest.mark.parametrize(
    ("latency_ms", "lag_ms", "verdict"),
    [
        (3.0, 0.2, PASS),
        (3.0, 5.0, PASS),  # met with the lag, so the system was faster still
        (9.5, 0.9, FAIL),  # a lag of less than a tenth of the bound is within what latencies are measured to
        (9.5, 1.1, INCONCLUSIVE),
        (3.0, 40.0, INCONCLUSIVE),
        (11.0, 40.0, FAIL),  # without the lag too slow as well
    ],
)
def test_a_lag_of_the_users_themselves_is_not_held_against_the_system(
    latency_ms: float, lag_ms: float, verdict: Verdict
) -> None:
    one = p99(records(latency_ms=latency_ms, lag_ms=lag_ms))

    assert one.lag_p99_ms == pytest.approx(lag_ms)
    assert one.verdict is verdict
    assert ("the users themselves were late" in one.doubt) is (verdict is INCONCLUSIVE)


def test_a_lag_of_the_users_is_no_symptom() -> None:
    assert figure(Metric.LATENCY_P99_MS, ABOVE, 30.0, records(lag_ms=40.0)).verdict is INCONCLUSIVE
    assert figure(Metric.LATENCY_P99_MS, ABOVE, 30.0, records(latency_ms=40.0, lag_ms=4.0)).verdict is PASS


def test_what_a_machine_adds_to_every_request_is_not_held_against_the_system() -> None:
    slow = records(latency_ms=11.0)

    assert p99(slow).verdict is FAIL
    assert p99(slow, floor_ms=0.9).verdict is FAIL
    assert p99(slow, floor_ms=2.0).verdict is INCONCLUSIVE


WINDOWS = st.builds(
    records,
    st.sampled_from((1.0, 4.0, 10.0)),
    latency_ms=st.sampled_from((3.0, 9.5, 11.0, 60.0)),
    lag_ms=st.sampled_from((0.1, 1.5, 30.0)),
    bad=st.integers(0, 40),
    corrupt=st.integers(0, 40),
    late=st.integers(0, 20),
)
BOUNDS = st.sampled_from(
    (
        (Metric.ERROR_RATE, AT_MOST, 0.01),
        (Metric.ERROR_RATE, AT_MOST, 0.1),
        (Metric.CORRUPT_RATE, AT_MOST, 0.0),
        (Metric.AVAILABILITY, AT_LEAST, 0.98),
        (Metric.THROUGHPUT, AT_LEAST, 97.0),
        (Metric.LATENCY_P50_MS, AT_MOST, 10.0),
        (Metric.LATENCY_P99_MS, AT_MOST, 10.0),
    )
)


@settings(deadline=None)
@given(WINDOWS, BOUNDS, st.data())
def test_less_on_record_never_makes_a_pass_of_a_window(
    seen: LoadRecords, bound: tuple[Metric, Comparison, float], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(seen)))
    last = data.draw(st.integers(first, len(seen)))
    if last - first <= 1:  # one more or less is where the window's edges fall
        return
    whole, holed = (
        figure(*bound, seen, seconds=len(seen) / 100),
        figure(*bound, without(seen, first, last), seconds=len(seen) / 100),
    )

    if whole.verdict is not PASS:
        assert holed.verdict is not PASS
    if whole.verdict is PASS:
        assert holed.verdict is not FAIL


@settings(deadline=None)
@given(WINDOWS, BOUNDS, st.floats(0.5, 200.0))
def test_slower_users_never_make_a_pass_and_never_a_fail(
    seen: LoadRecords, bound: tuple[Metric, Comparison, float], more_ms: float
) -> None:
    """A lag that is added to every request, which itself takes as long as before."""
    late = replace(seen, start_s=seen.start_s + more_ms / 1000, end_s=seen.end_s + more_ms / 1000)
    before, after = figure(*bound, seen, seconds=len(seen) / 100), figure(*bound, late, seconds=len(seen) / 100)

    if before.verdict is not PASS:
        assert after.verdict is not PASS
    if before.verdict is PASS and more_ms > 0.1 * bound[2]:
        assert after.verdict is not FAIL


@settings(deadline=None)
@given(WINDOWS, BOUNDS, st.data())
def test_more_errors_never_make_a_window_better(
    seen: LoadRecords, bound: tuple[Metric, Comparison, float], data: st.DataObject
) -> None:
    places = data.draw(st.lists(st.integers(0, len(seen) - 1), max_size=60))
    status = seen.status.copy()
    status[places] = 503
    order = [FAIL, INCONCLUSIVE, PASS]
    before = figure(*bound, seen, seconds=len(seen) / 100).verdict
    after = figure(*bound, replace(seen, status=status), seconds=len(seen) / 100).verdict

    if bound[0] is not Metric.CORRUPT_RATE:
        assert order.index(after) <= order.index(before)
