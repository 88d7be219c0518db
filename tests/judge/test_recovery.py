"""Finding the recovery in users' traffic."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from tests.judge.scenes import DRILL, ERROR_RATE, P99, Outage, Scene, load

from drillbook.objective import Comparison, Metric, Recovery, Threshold
from drillbook.recovery import compare, figures, find_recovery, first_window

DEMAND = Recovery(thresholds=(ERROR_RATE, P99), window_s=20.0, deadline_s=60.0, hold_s=10.0)


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

    (enough,) = figures((ERROR_RATE,), traffic, 0.0, 22.0, rate_per_s=100.0)
    (few,) = figures((ERROR_RATE,), traffic, 0.0, 22.5, rate_per_s=100.0)
    (none,) = figures((ERROR_RATE,), traffic, 50.0, 60.0, rate_per_s=100.0)

    assert (enough.met, enough.missed, enough.samples) == (True, False, 2000)
    assert (few.met, few.missed, few.value) == (False, False, None)
    assert (none.met, none.missed, none.samples) == (False, False, 0)


def test_nobody_answered_is_a_missed_latency_not_an_unknown_one() -> None:
    traffic = load(Scene(start_s=0.0, end_s=20.0, outages=(Outage(0.0, 20.0, statuses=(0,)),)))

    (p99,) = figures((P99,), traffic, 0.0, 20.0, rate_per_s=100.0)

    assert (p99.value, p99.met, p99.missed) == (None, False, True)


def test_the_first_window_that_meets_everything_and_holds_is_the_recovery() -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=(Outage(0.0, 30.2),)))

    found = find_recovery(DEMAND, traffic, rate_per_s=100.0, procedure_s=10.0, until_s=100.0)

    assert found is not None
    assert 30.0 <= found.start_s <= 30.5
    assert found.end_s - found.start_s == 20.0
    assert all(figure.met for figure in (*found.figures, *found.held))


def test_service_before_the_procedure_earns_nothing() -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=(Outage(40.0, 100.0),)))

    assert find_recovery(DEMAND, traffic, rate_per_s=100.0, procedure_s=30.0, until_s=100.0) is None


@pytest.mark.parametrize(("until_s", "found"), [(60.0, True), (59.0, False)])
def test_the_hold_must_be_complete_before_the_revert(until_s: float, *, found: bool) -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=(Outage(0.0, 30.0),)))

    recovery = find_recovery(DEMAND, traffic, rate_per_s=100.0, procedure_s=10.0, until_s=until_s)

    assert (recovery is not None) is found


@pytest.mark.parametrize(("deadline_s", "found"), [(40.0, True), (39.0, False)])
def test_the_window_must_end_by_the_deadline(deadline_s: float, *, found: bool) -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=(Outage(0.0, 30.0),)))
    demand = msgspec.structs.replace(DEMAND, deadline_s=deadline_s)

    assert (find_recovery(demand, traffic, rate_per_s=100.0, procedure_s=10.0, until_s=100.0) is not None) is found


def test_a_time_shorter_than_the_window_holds_none() -> None:
    traffic = load(Scene(start_s=0.0, end_s=100.0, outages=()))

    assert find_recovery(DEMAND, traffic, rate_per_s=100.0, procedure_s=10.0, until_s=25.0) is None


def test_the_first_window_is_found_wherever_it_begins() -> None:
    traffic = load(Scene(start_s=0.0, end_s=60.0, outages=(Outage(20.0, 30.0),)))
    above = Threshold(metric=Metric.ERROR_RATE, comparison=Comparison.ABOVE, value=0.1)

    seen = first_window((above,), traffic, start_s=5.0, end_s=60.0, window_s=5.0, rate_per_s=100.0)
    unseen = first_window((above,), traffic, start_s=31.0, end_s=60.0, window_s=5.0, rate_per_s=100.0)

    assert seen is not None
    assert seen[0].value is not None
    assert 0.1 < seen[0].value < 0.3
    assert unseen is None


def test_wrong_data_is_an_error_too() -> None:
    traffic = load(Scene(start_s=0.0, end_s=20.0, outages=()))
    corrupt = np.zeros(len(traffic), dtype=np.bool_)
    corrupt[::50] = True

    (figure,) = figures((ERROR_RATE,), replace(traffic, corrupt=corrupt), 0.0, 20.0, rate_per_s=100.0)

    assert figure.value == pytest.approx(0.02)
    assert figure.missed


def test_the_scene_holds_a_second_of_requests_at_the_drills_rate() -> None:
    assert len(load(Scene(start_s=0.0, end_s=1.0))) == DRILL.load.rate_per_s
