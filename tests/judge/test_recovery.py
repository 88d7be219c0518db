"""Finding the recovery in users' traffic."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from tests.judge.scenes import DRILL, ERROR_RATE, P99, Outage, Scene, load

from drillbook.figure import Traffic
from drillbook.load_records import LoadRecords
from drillbook.objective import Comparison, Metric, Recovery, Threshold, compare
from drillbook.recovery import Recovered, Span, find_recovery, first_window
from drillbook.verdict import Verdict

DEMAND = Recovery(thresholds=(ERROR_RATE, P99), window_s=20.0, deadline_s=60.0, hold_s=10.0)


def found_in(demand: Recovery, records: LoadRecords, *, until_s: float, procedure_s: float = 10.0) -> Recovered | None:
    return find_recovery(demand, Traffic(records, 100.0), Span(procedure_s, procedure_s + demand.deadline_s, until_s))


@pytest.mark.parametrize(
    ("comparison", "value", "met"),
    [
        (Comparison.AT_MOST, 1.0, True),
        (Comparison.AT_MOST, 1.1, False),
        (Comparison.AT_LEAST, 1.0, True),
        (Comparison.AT_LEAST, 0.9, False),
        (Comparison.ABOVE, 1.0, False),
        (Comparison.ABOVE, 1.1, True),
        (Comparison.AT_MOST, math.nan, False),
        (Comparison.AT_LEAST, math.nan, False),
        (Comparison.ABOVE, math.nan, False),
    ],
)
def test_a_value_stands_to_its_threshold(comparison: Comparison, value: float, *, met: bool) -> None:
    assert compare(value, Threshold(metric=Metric.ERROR_RATE, comparison=comparison, value=1.0)) is met


def test_a_window_with_less_than_nine_tenths_of_its_requests_is_not_judged() -> None:
    traffic = load(Scene(start_s=0.0, end_s=20.0, outages=()))

    (enough,) = Traffic(traffic, 100.0).figures((ERROR_RATE,), 0.0, 22.0)
    (few,) = Traffic(traffic, 100.0).figures((ERROR_RATE,), 0.0, 22.5)
    (none,) = Traffic(traffic, 100.0).figures((ERROR_RATE,), 50.0, 60.0)

    assert (enough.enough, enough.value, enough.samples) == (True, 0.0, 2000)
    assert (few.met, few.verdict, few.value) == (False, Verdict.INCONCLUSIVE, None)
    assert (none.met, none.verdict, none.samples) == (False, Verdict.INCONCLUSIVE, 0)


def test_nobody_answered_is_a_missed_latency_not_an_unknown_one() -> None:
    traffic = load(Scene(start_s=0.0, end_s=20.0, outages=(Outage(0.0, 20.0, statuses=(0,)),)))

    (p99,) = Traffic(traffic, 100.0).figures((P99,), 0.0, 20.0)

    assert (p99.value, p99.met, p99.verdict) == (None, False, Verdict.FAIL)


def test_the_first_window_that_meets_everything_and_holds_is_the_recovery() -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=(Outage(0.0, 30.2),)))

    found = found_in(DEMAND, traffic, procedure_s=10.0, until_s=100.0)

    assert found is not None
    assert 30.0 <= found.start_s <= 30.5
    assert found.end_s - found.start_s == 20.0
    assert all(figure.met for figure in (*found.figures, *found.held))


def test_service_before_the_procedure_earns_nothing() -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=(Outage(40.0, 100.0),)))

    assert found_in(DEMAND, traffic, procedure_s=30.0, until_s=100.0) is None


@pytest.mark.parametrize(("until_s", "found"), [(60.0, True), (59.0, False)])
def test_the_hold_must_be_complete_before_the_revert(until_s: float, *, found: bool) -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=(Outage(0.0, 30.0),)))

    recovery = found_in(DEMAND, traffic, procedure_s=10.0, until_s=until_s)

    assert (recovery is not None) is found


@pytest.mark.parametrize(("deadline_s", "found"), [(40.0, True), (39.0, False)])
def test_the_window_must_end_by_the_deadline(deadline_s: float, *, found: bool) -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=(Outage(0.0, 30.0),)))
    demand = msgspec.structs.replace(DEMAND, deadline_s=deadline_s)

    assert (found_in(demand, traffic, procedure_s=10.0, until_s=100.0) is not None) is found


def test_a_time_shorter_than_the_window_holds_none() -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=()))

    assert found_in(DEMAND, traffic, procedure_s=10.0, until_s=25.0) is None


def test_the_first_window_is_found_wherever_it_begins() -> None:
    traffic = load(Scene(start_s=0.0, end_s=60.0, outages=(Outage(20.0, 30.0),)))
    above = Threshold(metric=Metric.ERROR_RATE, comparison=Comparison.ABOVE, value=0.1)

    seen = first_window((above,), Traffic(traffic, 100.0), start_s=5.0, end_s=60.0, window_s=5.0)
    unseen = first_window((above,), Traffic(traffic, 100.0), start_s=31.0, end_s=60.0, window_s=5.0)

    assert seen is not None
    assert seen[0].value is not None
    assert 0.1 < seen[0].value < 0.3
    assert unseen is None


def test_wrong_data_is_an_error_too() -> None:
    traffic = load(Scene(start_s=0.0, end_s=20.0, outages=()))
    corrupt = np.zeros(len(traffic), dtype=np.bool_)
    corrupt[::50] = True

    (figure,) = Traffic(replace(traffic, corrupt=corrupt), 100.0).figures((ERROR_RATE,), 0.0, 20.0)

    assert figure.value == pytest.approx(0.02)
    assert figure.verdict is Verdict.FAIL


def test_the_scene_holds_a_second_of_requests_at_the_drills_rate() -> None:
    assert len(load(Scene(start_s=0.0, end_s=1.0))) == DRILL.load.rate_per_s
