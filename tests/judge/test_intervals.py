"""Confidence intervals, against exact sums over the binomial distribution."""

import math
from fractions import Fraction
from itertools import accumulate
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillbook.intervals import percentile_ranks, wilson
from drillbook.samples import TAIL, Z, fewest_for_percentile, fewest_for_rate

EACH_TAIL = Fraction(25, 1000)


@settings(deadline=None)
@given(st.integers(1, 120), st.sampled_from((500, 900, 950, 990, 999)))
def test_the_ranks_are_the_innermost_that_leave_so_little_outside(samples: int, permille: int) -> None:
    lower, upper = percentile_ranks(samples, permille)

    # A rank's value lies above the percentile when fewer samples than the rank are below the percentile.
    share = Fraction(permille, 1000)
    chances = [math.comb(samples, k) * share**k * (1 - share) ** (samples - k) for k in range(samples)]
    outside_below = dict(enumerate(accumulate(chances), 1))
    lows = [rank for rank, chance in outside_below.items() if chance <= EACH_TAIL]
    highs = [rank for rank, chance in outside_below.items() if 1 - chance <= EACH_TAIL]
    assert lower == max(lows, default=None)
    assert upper == min(highs, default=None)


@pytest.mark.parametrize("permille", [500, 950, 990, 999])
def test_the_ranks_of_a_million_samples_are_those_of_the_normal_approximation(permille: int) -> None:
    """Which is exact to a few ranks there; the published formula is n p +- 1.96 sqrt(n p (1 - p))."""
    lower, upper = percentile_ranks(1_000_000, permille)

    share = permille / 1000
    middle, reach = 1_000_000 * share, 1.959964 * math.sqrt(1_000_000 * share * (1 - share))
    assert lower is not None
    assert upper is not None
    assert abs(lower - (middle - reach)) <= 3
    assert abs(upper - (middle + reach)) <= 3


def test_the_tails_are_those_of_the_normal_distribution() -> None:
    assert pytest.approx(float(EACH_TAIL)) == TAIL
    assert NormalDist().inv_cdf(1 - TAIL) == pytest.approx(Z, abs=1e-12)


def test_no_sample_sets_no_bound() -> None:
    assert percentile_ranks(0, 990) == (None, None)


@pytest.mark.parametrize(("permille", "fewest"), [(500, 6), (950, 72), (990, 368), (999, 3688)])
def test_so_many_samples_bound_a_percentile_from_above(permille: int, fewest: int) -> None:
    assert fewest_for_percentile(permille, upper=True) == fewest
    assert percentile_ranks(fewest, permille)[1] is not None
    assert percentile_ranks(fewest - 1, permille)[1] is None


@given(st.sampled_from((500, 900, 950, 990, 999)))
def test_so_many_samples_bound_a_percentile_from_below(permille: int) -> None:
    fewest = fewest_for_percentile(permille, upper=False)

    assert percentile_ranks(fewest, permille)[0] is not None
    assert fewest == 1 or percentile_ranks(fewest - 1, permille)[0] is None


@given(st.integers(1, 10_000).flatmap(lambda samples: st.tuples(st.integers(0, samples), st.just(samples))))
def test_a_rate_lies_within_its_interval(seen: tuple[int, int]) -> None:
    count, samples = seen
    low, high = wilson(count, samples)

    assert 0 <= low <= count / samples <= high <= 1
    mirrored = wilson(samples - count, samples)
    assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]))


@given(st.integers(1, 400), st.integers(0, 10))
def test_a_rates_bounds_are_where_the_score_test_just_rejects(samples: int, count: int) -> None:
    """Wilson's own definition: the rates p for which (seen - p) squared is at most z squared p (1 - p) / n."""
    share = min(count, samples) / samples
    for bound in wilson(min(count, samples), samples):
        assert (share - bound) ** 2 == pytest.approx(1.959963985**2 * bound * (1 - bound) / samples, abs=1e-9)


def test_nothing_seen_says_nothing_of_a_rate() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.floats(0.0005, 0.9))
def test_so_many_samples_can_show_a_rate(bound: float) -> None:
    fewest = fewest_for_rate(bound, at_most=True)

    assert wilson(0, fewest)[1] <= bound + 1e-9
    assert fewest == 1 or wilson(0, fewest - 1)[1] > bound
    assert fewest_for_rate(1 - bound, at_most=False) == pytest.approx(fewest, abs=1)


@pytest.mark.parametrize(
    ("bound", "at_most", "fewest"),
    [(0.01, True, 381), (0.001, True, 3838), (0.999, False, 3838), (0.0, True, 1), (1.0, False, 1)],
)
def test_what_usual_bounds_take(bound: float, *, at_most: bool, fewest: int) -> None:
    assert fewest_for_rate(bound, at_most=at_most) == fewest
