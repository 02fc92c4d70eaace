"""Steps on which numbers are kept in the sieve: for each, the rows that reach it.

They are fixed, so that every block has the same ones; whoever changes them has the sieve made anew by
`manage.py reindex_creators`. The first step of a column is below every number: reaching it is being known.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any

ROUND = (1, 1.5, 2, 3, 5, 7)
DAY = 86_400
COUNTS = [place * 10**power for power in range(1, 8) for place in ROUND]
RATES = [place * 10.0**power for power in range(-4, 1) for place in ROUND]
GROWTHS = [-0.5, -0.2, -0.1, -0.05, -0.02, 0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]
SHARES = [place / 20 for place in range(1, 21)]
WEEKLY = [0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 14, 21, 35]
PRICES = [place * 10**power for power in range(5) for place in ROUND]
FORTNIGHTS = [datetime(2018, 1, 1, tzinfo=UTC).timestamp() + 14 * DAY * place for place in range(26 * 30)]

# The place of a column is part of its keys.
LADDERS: dict[str, list[float]] = {
    name: [-inf, *steps]
    for name, steps in {
        "followers": COUNTS,
        "rate_followers": RATES,
        "rate_reach": RATES,
        "rate_views": RATES,
        "views": COUNTS,
        "growth_30": GROWTHS,
        "growth_90": GROWTHS,
        "growth_180": GROWTHS,
        "posts_per_week": WEEKLY,
        "sponsored_share": SHARES,
        "credibility": SHARES,
        "price": PRICES,
        "last_post": FORTNIGHTS,
        "standing": SHARES,
        "birth_year": list(range(1930, 2030, 4)),
    }.items()
}
COLUMNS = list(LADDERS)
KEYS_A_COLUMN = 10_000


def step_key(column: str, place: int) -> int:
    """The key of a step in the sieve: below zero, and below those of `draw_key`."""
    return -KEYS_A_COLUMN * (COLUMNS.index(column) + 1) - place


def reached(column: str, low: Any) -> int:
    """The highest step that every number from `low` on reaches; the lowest of all for None."""
    return step_key(column, 0 if low is None else bisect_right(LADDERS[column], number(low)) - 1)


def unreached(column: str, high: Any) -> int | None:
    """The lowest step that no number up to `high` reaches; None if there is none."""
    place = bisect_right(LADDERS[column], number(high))
    return step_key(column, place) if place < len(LADDERS[column]) else None


def steps(column: str, low: Any = None, high: Any = None) -> Sequence[int]:
    """Places of the steps above `low` and up to `high`, without the lowest of all."""
    ladder = LADDERS[column]
    first = 1 if low is None else bisect_right(ladder, number(low))
    last = len(ladder) if high is None else bisect_left(ladder, number(high))
    return range(max(first, 1), last)


def number(value: Any) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)
