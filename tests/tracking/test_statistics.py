"""Pooled rates, order values and outlooks against published figures and against worlds whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import betaln

from tracking.statistics.outlook import Outlook, Record, cells, outlooks
from tracking.statistics.rates import conversion_grid, pooled_conversion, pooled_orders, shapes
from tracking.statistics.values import OrderValues, log_likelihood, order_values

# Rats with a tumour of rats in 71 groups: Tarone (1982), as used by Gelman et al., Bayesian Data Analysis, 5.1.
TUMOURS = [
    *[(0, 20)] * 7, *[(0, 19)] * 4, *[(0, 18)] * 2, (0, 17), *[(1, 20)] * 4, *[(1, 19)] * 2, *[(1, 18)] * 2, (2, 25),
    (2, 24), (2, 23), *[(2, 20)] * 6, (1, 10), (5, 49), (2, 19), (5, 46), (3, 27), (2, 17), (7, 49), (7, 47),
    *[(3, 20)] * 2, (2, 13), (9, 48), (10, 50), *[(4, 20)] * 7, (10, 48), *[(4, 19)] * 3, (5, 22), (11, 46), (12, 49),
    *[(5, 20)] * 2, (6, 23), (5, 19), *[(6, 22)] * 1, *[(6, 20)] * 3, (16, 52), *[(15, 47)] * 1, (15, 46), (9, 24),
    (4, 14),
]  # fmt: skip
CDNOW = OrderValues(p=6.25, q=3.74, gamma=15.44)


def test_rats_give_the_means_of_the_book() -> None:
    counts, trials = (np.array(row, dtype=float) for row in zip(*TUMOURS, strict=True))
    assert len(TUMOURS) == 71

    def flat(logit: np.ndarray, log_size: np.ndarray) -> np.ndarray:
        """The book's prior, (α + β)^(-5/2), in these coordinates."""
        first, second = shapes(logit, log_size)
        return np.asarray(np.log(first) + np.log(second) - 2.5 * np.log(first + second))

    grid = conversion_grid(counts, trials, flat)
    first, second = shapes(grid.first, grid.second)
    assert float(grid.mean(first)) == pytest.approx(2.4, abs=0.1)
    assert float(grid.mean(second)) == pytest.approx(14.3, abs=0.6)


@pytest.fixture
def honesty(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The benchmark that makes worlds and compares them with what was said of them."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "benchmarks"))
    return import_module("honesty")


def test_coverage_and_error_of_pooled_rates(honesty: Any) -> None:
    """Nominal 95 % intervals hold the truth in 93.5 to 96.5 % of cases, and pooled rates err less than raw ones."""
    covered, wald, ratio = honesty.conversion(60, 25, np.random.default_rng(7))
    assert 0.935 <= covered <= 0.965
    assert wald < 0.85
    assert ratio < 0.7


def test_means_are_those_of_the_draws() -> None:
    pooled = pooled_orders([0, 1, 9, 3], [1, 1, 2, 4])
    assert pooled.draws.mean(axis=0) == pytest.approx(pooled.means, rel=0.05)
    assert 0 < pooled.means[0] < pooled.means[1] < pooled.means[2] < 4.5


@pytest.mark.parametrize(
    ("estimate", "counts", "sizes", "words"),
    [
        (pooled_conversion, [3], [2], "more orders than clicks"),
        (pooled_conversion, [-1], [2], "never negative"),
        (pooled_orders, [1], [0], "positive"),
        (pooled_orders, [1, 2], [1], "one size per count"),
    ],
)
def test_impossible_counts_are_refused(
    estimate: Callable[[list[int], list[int]], object], counts: list[int], sizes: list[int], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        estimate(counts, sizes)


# Order values --------------------------------------------------------------------------------------------------------


def test_expected_values_of_the_first_customers_of_cdnow() -> None:
    """Fader and Hardie's data: 2 orders of 22.35 and 1 of 11.77 in the mean; 35.17 where there is none."""
    expected = CDNOW.expected(np.array([2.0, 1.0, 0.0]), np.array([22.35, 11.77, 0.0]))
    assert expected == pytest.approx([24.66, 18.91, 35.2], abs=0.05)


def test_likelihood_is_that_of_its_density() -> None:
    """One order: a beta prime density of z / γ with parameters p and q."""
    p, q, gamma, z = 6.25, 3.74, 15.44, 30.0
    density = (p - 1) * np.log(z / gamma) - (p + q) * np.log1p(z / gamma) - betaln(p, q) - np.log(gamma)
    assert log_likelihood(p, q, gamma, np.array([1.0]), np.array([z])) == pytest.approx(density)


def test_parameters_are_found_again() -> None:
    random = np.random.default_rng(5)
    orders = random.integers(1, 9, 1500)
    rates = random.gamma(CDNOW.q, 1 / CDNOW.gamma, 1500)
    means = random.gamma(CDNOW.p * orders) / rates / orders
    found = order_values(orders.tolist(), means.tolist(), prior=False)
    assert found is not None
    assert (found.p, found.q, found.gamma) == pytest.approx((CDNOW.p, CDNOW.q, CDNOW.gamma), rel=0.25)
    assert found.mean == pytest.approx(CDNOW.mean, rel=0.05)


def test_few_orders_still_have_a_value_and_none_has_not() -> None:
    found = order_values([2], [40.0])
    assert found is not None
    assert found.mean == pytest.approx(40, rel=0.1)
    assert order_values([0, 3], [0.0, -5.0]) is None


# Outlooks ------------------------------------------------------------------------------------------------------------


def record(orders: int, cost: float, posts: int = 1, **more: object) -> Record:
    facts = {"revenue": 50.0 * orders, "margin": 0.6, "commission": 0.1, "cells": (("instagram", "nano"), ("nano",))}
    return Record(**{"posts": posts, "orders": orders, "cost": cost, **facts, **more})  # type: ignore[arg-type]


def of_the_first(*rows: Record) -> Outlook:
    found = outlooks([*rows, *(record(orders, 40.0) for orders in (0, 1, 1, 2, 2, 3, 4, 2))])[0]
    assert found is not None
    return found


def test_what_the_evidence_says() -> None:
    assert of_the_first(record(40, 300.0, posts=8)).word == "keep"
    assert of_the_first(record(0, 400.0, posts=4)).word == "pause"
    unsure = of_the_first(record(2, 35.0))
    assert unsure.word == "testing"
    assert unsure.more_posts is not None
    assert unsure.roi is not None
    assert unsure.roi_95 is not None
    assert unsure.roi_95.low < unsure.roi < unsure.roi_95.high


def test_two_lucky_orders_never_beat_forty() -> None:
    lucky, steady = of_the_first(record(2, 8.0)), of_the_first(record(40, 400.0, posts=20))
    assert steady.odds > lucky.odds or steady.profit_95.low > lucky.profit_95.low
    assert of_the_first(record(2, 60.0)).odds < steady.odds


def test_nothing_is_said_of_who_has_not_posted_nor_where_nothing_sold() -> None:
    assert outlooks([record(0, 10.0, posts=0), record(3, 10.0)])[0] is None
    assert outlooks([record(0, 10.0), record(0, 10.0)]) == [None, None]
    assert of_the_first(record(3, 0.0)).roi is None
    assert outlooks([]) == []


def test_the_same_record_gives_the_same_digits() -> None:
    assert of_the_first(record(3, 50.0)) == of_the_first(record(3, 50.0))


def test_cells_are_the_closest_of_at_least_eight() -> None:
    rows = [
        record(1, 1, cells=((network, tier), (tier,))) for network, tier in [("i", "nano")] * 8 + [("t", "nano")] * 3
    ]
    rows += [record(1, 1, cells=(("y", "micro"), ("micro",)))]
    assert cells(rows, list(range(12))) == [list(range(8)), [8, 9, 10, 11]]


@pytest.mark.parametrize("is_misspecified", [False, True])
def test_chances_come_true(honesty: Any, is_misspecified: bool) -> None:
    """Of profits called 30 % likely about 30 % come; also where a tenth never sell and values are log-normal."""
    error, covered = honesty.profits(4, is_misspecified, np.random.default_rng(11))
    assert error < 0.06
    assert 0.93 <= covered <= 0.985
