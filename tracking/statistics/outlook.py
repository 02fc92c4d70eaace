"""What the same again would return: draws of orders, of what they are worth, and of the profit left.

Profit = margin × revenue − commission − cost. A creator's orders are Poisson about a partially pooled rate per post
(`rates`), an order's value is gamma-gamma (`values`), both uncertain themselves. ROI = profit ÷ (cost + commission).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from tracking.statistics.intervals import Interval
from tracking.statistics.rates import SEED, Pooled, pooled_orders
from tracking.statistics.values import OrderValues, order_values

FEWEST = 8  # creators in a cell of their own
SURE, DOUBTFUL = 0.90, 0.10
MOST_POSTS = 64
QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


@dataclass(frozen=True)
class Record:
    """What a creator did so far: posts, orders and their net value in all; costs without commission; money as floats.

    `cells` name the groups whose creators are alike, the closest first, such as (network, tier) and then (tier).
    """

    posts: int
    orders: int
    revenue: float
    cost: float
    margin: float
    commission: float = 0.0
    cells: tuple[Hashable, ...] = ()

    @property
    def mean_value(self) -> float:
        return self.revenue / self.orders if self.orders else 0.0

    @property
    def kept(self) -> float:
        """What is left of a unit of revenue after goods and commission."""
        return self.margin - self.commission


@dataclass(frozen=True)
class Outlook:
    """The same number of posts again at the same cost, as medians, intervals and odds.

    `chance` is that of a profit next time, luck included; `odds` those that it pays in the long run, time after time.
    `more_posts` is about how many would settle the latter; None when settled, or beyond 64.
    """

    orders: float
    orders_95: Interval
    roi: float | None
    roi_80: Interval | None
    roi_95: Interval | None
    profit: float
    profit_95: Interval
    chance: float
    odds: float
    more_posts: int | None = None

    @property
    def word(self) -> str:
        """keep, pause, or testing while the odds are neither."""
        if not settled(self.odds):
            return "testing"
        return "keep" if self.odds > SURE else "pause"


def outlooks(records: Sequence[Record], *, seed: int = SEED) -> list[Outlook | None]:
    """One per record; None for who hasn't posted, or where nobody has sold anything. Same input, same digits."""
    posted = [at for at, row in enumerate(records) if row.posts > 0]
    values = order_values([row.orders for row in records], [row.mean_value for row in records])
    found: list[Outlook | None] = [None] * len(records)
    if values is None:
        return found
    for number, members in enumerate(cells(records, posted)):
        rows = [records[at] for at in members]
        pooled = pooled_orders([row.orders for row in rows], [row.posts for row in rows], seed=seed + number)
        random = np.random.default_rng([seed, number])
        for at, outlook in zip(members, each(rows, pooled, values, random), strict=True):
            found[at] = outlook
    return found


def cells(records: Sequence[Record], members: Sequence[int]) -> list[list[int]]:
    """The members in groups of at least eight by their closest cell, else by the next; at last all the rest."""
    groups: list[list[int]] = []
    left = list(members)
    for depth in range(max((len(records[at].cells) for at in left), default=0)):
        names = {at: records[at].cells[depth : depth + 1] for at in left}
        sizes = Counter(names.values())
        by_name = defaultdict(list)
        for at in left:
            if names[at] and sizes[names[at]] >= FEWEST:
                by_name[names[at]].append(at)
        groups += by_name.values()
        left = [at for at in left if not names[at] or sizes[names[at]] < FEWEST]
    return [*groups, left] if left else groups


def each(rows: Sequence[Record], pooled: Pooled, values: OrderValues, random: np.random.Generator) -> Iterator[Outlook]:
    posts, orders, means, cost, kept, commission = (
        np.array([getattr(row, name) for row in rows], dtype=float)
        for name in ("posts", "orders", "mean_value", "cost", "kept", "commission")
    )
    sold = np.where(means > 0, orders, 0.0)
    worth = values.draw_worth(sold, np.maximum(means, 0.0), len(pooled.draws), random)
    usual = kept * pooled.draws * posts * worth - cost
    again = random.poisson(pooled.draws * posts).astype(float)
    revenue = values.draw_totals(worth, again, random)
    profit, spent = kept * revenue - cost, cost + commission * revenue
    roi = np.divide(profit, spent, out=np.zeros_like(profit), where=spent > 0)
    shares = [np.quantile(draws, QUANTILES, axis=0).T.tolist() for draws in (again, profit, roi)]
    chances, odds = ((draws > 0).mean(axis=0).tolist() for draws in (profit, usual))
    means, deviations = usual.mean(axis=0).tolist(), usual.std(axis=0).tolist()
    for at, row in enumerate(rows):
        sold_95, profit_95, roi_95 = (share[at] for share in shares)
        yield Outlook(
            orders=sold_95[2],
            orders_95=outer(sold_95),
            roi=roi_95[2] if row.cost > 0 else None,
            roi_80=Interval(roi_95[1], roi_95[3]) if row.cost > 0 else None,
            roi_95=outer(roi_95) if row.cost > 0 else None,
            profit=profit_95[2],
            profit_95=outer(profit_95),
            chance=chances[at],
            odds=odds[at],
            more_posts=None if settled(odds[at]) else more_posts(row.posts, means[at], deviations[at]),
        )


def outer(quantiles: Sequence[float]) -> Interval:
    return Interval(quantiles[0], quantiles[-1])


def settled(odds: float) -> bool:
    return not DOUBTFUL <= odds <= SURE


def more_posts(posts: int, expected: float, deviation: float) -> int | None:
    """About how many further posts would settle the odds if what is known of the creator stays as it is.

    The spread of the expected profit shrinks with the square root of the posts, and the odds are settled when nothing
    lies 1.28 deviations off, which leaves 10 % on the other side.
    """
    if expected == 0:
        return None
    wanted = posts * ((1.2816 * deviation / abs(expected)) ** 2 - 1)
    return max(1, ceil(wanted)) if wanted <= MOST_POSTS else None
