"""Exact intervals for counts and rates. Pure; missing stays missing."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from scipy.stats import beta, chi2

CONFIDENCE = 0.95


class Interval(NamedTuple):
    low: float
    high: float


@lru_cache(maxsize=10_000)
def poisson_interval(count: int, confidence: float = CONFIDENCE) -> Interval:
    """Exact limits for the mean of a Poisson count (Garwood 1936): 0 gives 0 to 3.69, 10 gives 4.80 to 18.39."""
    if count < 0:
        raise ValueError("a count is never negative")
    tail = (1 - confidence) / 2
    low = chi2.ppf(tail, 2 * count) / 2 if count else 0.0
    return Interval(float(low), float(chi2.ppf(1 - tail, 2 * count + 2) / 2))


@lru_cache(maxsize=10_000)
def binomial_interval(successes: int, trials: int, confidence: float = CONFIDENCE) -> Interval | None:
    """Exact limits for a proportion (Clopper and Pearson 1934); None without trials or with more successes than those.

    Orders by code alone can outnumber the clicks: then orders over clicks is no proportion.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        return None
    tail = (1 - confidence) / 2
    low = beta.ppf(tail, successes, trials - successes + 1) if successes else 0.0
    high = beta.ppf(1 - tail, successes + 1, trials - successes) if successes < trials else 1.0
    return Interval(float(low), float(high))


def scaled(interval: Interval, factor: Decimal | float) -> Interval:
    """The interval of a count times a constant, such as orders times the value of an order."""
    return Interval(interval.low * float(factor), interval.high * float(factor))


def change_interval(now: int, before: int) -> Interval | None:
    """Exact limits for the relative change of a Poisson rate between two spans of equal length: 0.5 is half more.

    Given both counts together the later one is binomial (Przyborowski and Wilenski 1940). None before the first count.
    """
    share = binomial_interval(now, now + before)
    if share is None or not before:
        return None
    return Interval(*(end / (1 - end) - 1 for end in share))
