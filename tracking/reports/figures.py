"""The arithmetic of a return. Pure: counts and amounts in, rates and intervals out, missing where they have no basis.

Formulas: revenue is net of refunds, without tax and shipping. ROI on margin = (margin × revenue − cost) ÷ cost.
ROI on revenue = (revenue − cost) ÷ cost. ROAS = revenue ÷ cost. CPA = cost ÷ orders. CAC = cost ÷ new customers.
Conversion = orders ÷ unique clicks. Cost counts product, fees, commission and, unless left out, the team's time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

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
}


@dataclass(frozen=True)
class Costs:
    """Cost by kind, in the campaign's currency; commission is kept with the credits."""

    product: Decimal = ZERO
    fee: Decimal = ZERO
    time: Decimal = ZERO
    other: Decimal = ZERO

    def __add__(self, more: Costs) -> Costs:
        return Costs(*(getattr(self, name.name) + getattr(more, name.name) for name in fields(Costs)))

    @property
    def total(self) -> Decimal:
        return self.product + self.fee + self.time + self.other


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
        summed: dict[str, Any] = {
            one.name: getattr(self, one.name) + getattr(more, one.name)
            for one in fields(Figures)
            if one.name != "margin"
        }
        return replace(self, **summed)

    def without_time(self) -> Figures:
        return replace(self, own=replace(self.own, time=ZERO), shared=replace(self.shared, time=ZERO))

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
class Engagement:
    """Posts handed in and their rates, one per denominator, never mixed."""

    posts: int = 0
    reach: Rate = Rate("by reach")
    views: Rate = Rate("by views")
    followers: Rate = Rate("by followers")

    def __add__(self, more: Engagement) -> Engagement:
        return Engagement(
            self.posts + more.posts, self.reach + more.reach, self.views + more.views, self.followers + more.followers
        )

    @property
    def rates(self) -> list[Rate]:
        """Those that are known."""
        return [rate for rate in (self.reach, self.views, self.followers) if rate.value is not None]
