"""Engagement rates of different denominators never meet."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mypy import api as mypy

from creators.metrics.rates import (
    TYPES,
    Rate,
    RateByFollowers,
    RateByReach,
    RateByViews,
    counted,
    mean,
    pooled,
    ranked,
)

LOW, HIGH = RateByFollowers(Decimal("0.01")), RateByFollowers(Decimal("0.03"))
OTHER = RateByReach(Decimal("0.02"))
TOGETHER: list[Callable[[Any, Any], Any]] = [
    operator.lt, operator.gt, operator.le, operator.ge, operator.add, lambda one, two: sorted([one, two]),
    max, lambda one, two: sum([two], start=one), lambda one, two: mean([one, two]),
    lambda one, two: pooled([one, two]), lambda one, two: ranked([one, two]),
]  # fmt: skip


@pytest.mark.parametrize("meet", TOGETHER)
@pytest.mark.parametrize("other", [RateByReach(Decimal("0.02")), RateByViews(Decimal("0.02")), Decimal("0.02")])
def test_rates_of_different_denominators_refuse_to_meet(meet: Callable[[Any, Any], Any], other: Any) -> None:
    with pytest.raises((TypeError, AttributeError)) as refusal:
        meet(LOW, other)
    if isinstance(other, Rate):
        assert "different denominators" in str(refusal.value)
        assert "by followers" in str(refusal.value)
    assert other != LOW


@pytest.mark.parametrize(
    "line",
    ["a < b", "a + b", "sorted([a, b])", "mean([a, b])", "ranked([a, b])", "pooled([a, b])", "a == b"],
)
def test_the_type_checker_refuses_as_well(line: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = tmp_path_factory.getbasetemp() / "mypy"
    text = (
        "from creators.metrics.rates import RateByFollowers, RateByReach, mean, pooled, ranked\n"
        "a, b, c = RateByFollowers(), RateByReach(), RateByFollowers()\n"
    )
    root = Path(__file__).parents[2]
    options = ["--strict", "--config-file=", f"--cache-dir={cache}", "--follow-imports=silent"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYPYPATH", str(root))
        refused, _, failed = mypy.run([*options, "-c", text + line])
        allowed, _, passed = mypy.run([*options, "-c", text + line.replace("b", "c")])
    assert failed == 1, refused
    assert passed == 0, allowed


def test_rates_of_one_denominator_compare_and_average() -> None:
    assert LOW < HIGH
    assert HIGH >= LOW
    assert mean([LOW, HIGH, RateByFollowers()]) == RateByFollowers(Decimal("0.02"), n=2)


def test_pooling_weighs_by_the_denominator() -> None:
    small, large = counted(RateByViews, 10, 100), counted(RateByViews, 10, 900)
    assert (small + large).value == Decimal("0.02")
    assert (small + large).n == 2
    assert small + counted(RateByViews, None, 400) == small
    with pytest.raises(ValueError, match="counts"):
        pooled([LOW, HIGH])


def test_nothing_and_zero_differ() -> None:
    assert counted(RateByReach, 0, 50).value == 0
    assert counted(RateByReach, 5, 0).value is None
    assert counted(RateByReach, None, 50).value is None
    with pytest.raises(TypeError, match="unknown"):
        assert RateByReach() < OTHER


values = st.one_of(st.none(), st.decimals(0, 10, places=6))


@given(st.lists(values), st.booleans(), st.sampled_from(sorted(TYPES)))
def test_unknown_rates_are_neither_best_nor_worst(found: list[Decimal | None], best_first: bool, basis: str) -> None:
    rates = ranked([TYPES[basis](value) for value in found], best_first=best_first)  # type: ignore[type-var]
    known = [value for value in found if value is not None]
    assert [rate.value for rate in rates] == sorted(known, reverse=best_first) + [None] * (len(found) - len(known))
