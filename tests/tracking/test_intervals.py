"""Exact intervals against published tables and against the defining equations."""

from __future__ import annotations

from math import comb, exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.statistics.intervals import binomial_interval, poisson_interval

# Exact 95 % limits as printed in tables of the Poisson distribution.
TABLE = {
    0: (0, 3.69),
    1: (0.03, 5.57),
    2: (0.24, 7.22),
    3: (0.62, 8.77),
    5: (1.62, 11.67),
    10: (4.80, 18.39),
    20: (12.22, 30.89),
    50: (37.11, 65.92),
    100: (81.36, 121.63),
}


@pytest.mark.parametrize(("count", "limits"), TABLE.items())
def test_poisson_limits_are_those_of_the_tables(count: int, limits: tuple[float, float]) -> None:
    assert poisson_interval(count) == pytest.approx(limits, abs=0.006)


def poisson_tail(mean: float, upto: int) -> float:
    return sum(exp(-mean) * mean**k / factorial(k) for k in range(upto + 1))


@given(st.integers(1, 60))
def test_poisson_limits_leave_two_and_a_half_percent_on_each_side(count: int) -> None:
    low, high = poisson_interval(count)
    assert 1 - poisson_tail(low, count - 1) == pytest.approx(0.025, abs=1e-9)
    assert poisson_tail(high, count) == pytest.approx(0.025, abs=1e-9)


@given(st.integers(1, 80), st.data())
def test_binomial_limits_solve_the_equations_of_clopper_and_pearson(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    interval = binomial_interval(successes, trials)
    assert interval is not None

    def at_least(p: float, k: int) -> float:
        return sum(comb(trials, j) * p**j * (1 - p) ** (trials - j) for j in range(k, trials + 1))

    if successes:
        assert at_least(interval.low, successes) == pytest.approx(0.025, abs=1e-7)
    if successes < trials:
        assert 1 - at_least(interval.high, successes + 1) == pytest.approx(0.025, abs=1e-7)


def test_nothing_out_of_ten_has_an_upper_limit_of_thirty_one_percent() -> None:
    assert binomial_interval(0, 10) == pytest.approx((0, 0.3085), abs=1e-4)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 0), (5, 4)])
def test_a_rate_without_a_denominator_is_missing(successes: int, trials: int) -> None:
    assert binomial_interval(successes, trials) is None
