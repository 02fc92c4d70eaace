"""The arithmetic of a return. Pure: counts and amounts in, rates and intervals out, missing where they have no basis.

Formulas: revenue is net of refunds, without tax and shipping. ROI on margin = (margin × revenue − cost) ÷ cost.
ROI on revenue = (revenue − cost) ÷ cost. ROAS = revenue ÷ cost. CPA = cost ÷ orders. CAC = cost ÷ new customers.
Conversion = orders ÷ unique clicks. CPC = cost ÷ unique clicks. CPE = cost ÷ engagements. CPM = 1,000 × cost ÷ views
(or accounts reached), CPV = cost ÷ views. Cost counts product, fees, commission, paid boost, tools and the team's
time; any of these can be left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import NamedTuple

from groundswell.lib.money import ZERO
from tracking.statistics.intervals import Interval, binomial_interval, poisson_interval

FORMULAS = {
    "orders": "Orders credited to the creator; 95% interval of a Poisson count (Garwood).",
    "unique": "Clicks of people, a repetition by the same visitor within the window counted once.",
    "conversion": "Orders ÷ unique clicks; 95% interval of Clopper and Pearson.",
    "pooled": "Orders ÷ unique clicks, estimated together with the campaign's other creators, so that few clicks say "
    "little; 95% credible interval of a hierarchical beta-binomial model.",
    "outlook": "The same posts again at the same cost: median and 95% interval of 4,000 draws. Orders are Poisson "
    "about a rate per post pooled by network and tier, an order's value is gamma-gamma.",
    "revenue": "Goods after discounts, without tax and shipping, less what was refunded.",
    "cost": "Product, fees, bonus, commission, paid boost and tools, and the team's time unless left out.",
    "contribution": "Margin × revenue − cost.",
    "roi": "(Margin × revenue − cost) ÷ cost. Interval: the exact one of the orders × the mean value of an order.",
    "roi_revenue": "(Revenue − cost) ÷ cost.",
    "roas": "Revenue ÷ cost.",
    "cpa": "Cost ÷ orders.",
    "cac": "Cost ÷ new customers.",
    "cpc": "Cost ÷ unique clicks.",
    "cpe": "Cost ÷ engagements (likes, comments, shares and saves) of the posts whose figures are known.",
    "cpm": "1,000 × cost ÷ views of the posts whose views are known; by reach: ÷ accounts reached, where known.",
    "cpv": "Cost ÷ views of the posts whose views are known.",
    "emv": "Count × your price of the day, summed over likes, comments and so on. An estimate; in no return.",
}
KINDS = ("product", "fee", "commission", "time", "other")  # of cost; "other" is paid boost and tools
KIND_NAMES = {
    "product": "Product and shipping",
    "fee": "Fees and bonus",
    "commission": "Commission",
    "time": "Team's time",
    "other": "Paid boost and tools",
}


@dataclass(frozen=True)
class Costs:
    """Cost by kind, in the campaign's currency; commission is kept with the credits."""

    product: Decimal = ZERO
    fee: Decimal = ZERO
    time: Decimal = ZERO
    other: Decimal = ZERO

    def __add__(self, more: Costs) -> Costs:
        return Costs(self.product + more.product, self.fee + more.fee, self.time + more.time, self.other + more.other)

    @property
    def total(self) -> Decimal:
        return self.product + self.fee + self.time + self.other

    def without(self, *kinds: str) -> Costs:
        left_out = {kind: ZERO for kind in kinds if kind != "commission"}
        return replace(self, **left_out) if left_out else self


@dataclass(frozen=True)
class Figures:
    """What something brought and cost. Adds up; everything else is derived."""

    margin: Decimal = Decimal(1)
    clicks: int = 0
    unique_clicks: int = 0
    bot_clicks: int = 0
    orders: int = 0
    new_customers: int = 0
    refunds: int = 0
    credited: Decimal = ZERO
    refunded: Decimal = ZERO
    commission: Decimal = ZERO
    own: Costs = field(default_factory=Costs)
    shared: Costs = field(default_factory=Costs)

    def __add__(self, more: Figures) -> Figures:
        return Figures(self.margin_with(more), *(getattr(self, name) + getattr(more, name) for name in ADDED))

    def margin_with(self, more: Figures) -> Decimal:
        """The margin of both revenues together, so that margin × revenue adds up over campaigns."""
        both = self.revenue + more.revenue
        if self.margin == more.margin or not more.revenue or not both:
            return self.margin
        return (self.margin * self.revenue + more.margin * more.revenue) / both

    def without(self, *kinds: str) -> Figures:
        """The same as if these kinds of cost (of `KINDS`) had cost nothing."""
        if not kinds:
            return self
        commission = ZERO if "commission" in kinds else self.commission
        return replace(self, own=self.own.without(*kinds), shared=self.shared.without(*kinds), commission=commission)

    @property
    def revenue(self) -> Decimal:
        return self.credited - self.refunded

    @property
    def costs(self) -> Costs:
        return self.own + self.shared

    @property
    def cost(self) -> Decimal:
        return self.costs.total + self.commission

    @property
    def contribution(self) -> Decimal:
        return self.margin * self.revenue - self.cost

    @property
    def roi(self) -> Decimal | None:
        return self.contribution / self.cost if self.cost else None

    @property
    def roi_on_revenue(self) -> Decimal | None:
        return (self.revenue - self.cost) / self.cost if self.cost else None

    @property
    def roas(self) -> Decimal | None:
        return self.revenue / self.cost if self.cost else None

    @property
    def cpa(self) -> Decimal | None:
        return self.cost / self.orders if self.orders else None

    @property
    def cac(self) -> Decimal | None:
        return self.cost / self.new_customers if self.new_customers else None

    @property
    def cpc(self) -> Decimal | None:
        return self.cost / self.unique_clicks if self.cost and self.unique_clicks else None

    @property
    def order_value(self) -> Decimal | None:
        """Mean net value of an order."""
        return self.revenue / self.orders if self.orders else None

    @property
    def orders_interval(self) -> Interval:
        return poisson_interval(self.orders)

    @property
    def conversion(self) -> float | None:
        return self.orders / self.unique_clicks if 0 < self.unique_clicks >= self.orders else None

    @property
    def conversion_interval(self) -> Interval | None:
        return binomial_interval(self.orders, self.unique_clicks)

    @property
    def revenue_interval(self) -> Interval | None:
        """The orders' exact interval times the mean value of an order; none before the first order."""
        if self.order_value is None:
            return None
        low, high = self.orders_interval
        return Interval(low * float(self.order_value), high * float(self.order_value))

    @property
    def roi_interval(self) -> Interval | None:
        """ROI at the two ends of the orders' interval, an order's value and commission held at their means."""
        if not self.orders or not self.cost:
            return None
        low, high = self.orders_interval
        return Interval(self.roi_at(low), self.roi_at(high))

    def roi_at(self, orders: float) -> float:
        share = orders / self.orders
        cost = float(self.costs.total) + share * float(self.commission)
        return (float(self.margin * self.revenue) * share - cost) / cost if cost else 0.0

    @property
    def evidence(self) -> tuple[float, float]:
        """What ranks: the lower end of the return's interval, then of the orders'. Luck with two orders ranks low."""
        interval = self.roi_interval
        return (interval.low if interval else -1.0), self.orders_interval.low


ADDED = tuple(one.name for one in fields(Figures) if one.name != "margin")


def cost_kinds(total: Figures) -> list[tuple[str, Decimal, Figures]]:
    """Each kind's name and amount, and the figures as if it had cost nothing."""
    amounts = {**vars(total.costs), "commission": total.commission}
    return [(name, amounts[kind], total.without(kind)) for kind, name in KIND_NAMES.items()]


@dataclass(frozen=True)
class Rate:
    """Engagements over one denominator, pooled over the posts where both are known."""

    basis: str
    engagements: int = 0
    denominator: int = 0
    posts: int = 0

    def __add__(self, more: Rate) -> Rate:
        return Rate(
            self.basis,
            self.engagements + more.engagements,
            self.denominator + more.denominator,
            self.posts + more.posts,
        )

    @property
    def value(self) -> float | None:
        return self.engagements / self.denominator if self.denominator else None


@dataclass(frozen=True)
class Known:
    """A total, and of how many posts it is known; nothing is known of the others."""

    total: int = 0
    posts: int = 0

    def __add__(self, more: Known) -> Known:
        return Known(self.total + more.total, self.posts + more.posts)

    def cost_of_one(self, cost: Decimal, *, thousand: bool = False) -> Decimal | None:
        """Cost ÷ total; missing without cost or where nothing is known."""
        return cost * (1000 if thousand else 1) / self.total if cost and self.total else None


@dataclass(frozen=True)
class Engagement:
    """Posts handed in, their rates, one per denominator and never mixed, and what is known of them in all."""

    posts: int = 0
    reach: Rate = Rate("by reach")
    views: Rate = Rate("by views")
    followers: Rate = Rate("by followers")
    engaged: Known = Known()
    viewed: Known = Known()
    reached: Known = Known()

    def __add__(self, more: Engagement) -> Engagement:
        return Engagement(*(getattr(self, one.name) + getattr(more, one.name) for one in fields(Engagement)))

    @property
    def rates(self) -> list[Rate]:
        """Those that are known."""
        return [rate for rate in (self.reach, self.views, self.followers) if rate.value is not None]


@dataclass(frozen=True)
class Worth:
    """Earned media value by a brand's own prices: an estimate in the currency of its lists, of so many posts."""

    amount: Decimal
    currency: str
    posts: int

    def __add__(self, more: Worth) -> Worth:
        return Worth(self.amount + more.amount, self.currency, self.posts + more.posts)


class Efficiency(NamedTuple):
    """What one of something cost; missing where the cost or the count is."""

    cpc: Decimal | None
    cpe: Decimal | None
    cpm: Decimal | None
    cpm_reach: Decimal | None
    cpv: Decimal | None


def efficiency(figures: Figures, engagement: Engagement) -> Efficiency:
    cost, viewed = figures.cost, engagement.viewed
    return Efficiency(
        figures.cpc,
        engagement.engaged.cost_of_one(cost),
        viewed.cost_of_one(cost, thousand=True),
        engagement.reached.cost_of_one(cost, thousand=True),
        viewed.cost_of_one(cost),
    )
