"""What came back, told apart by one dimension: from results, costs and posts, in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Q, Sum

from campaigns.models import Campaign, Collaboration, Cost
from groundswell.accounts.models import Brand
from groundswell.lib.money import ZERO, quantum
from tracking.models import CampaignDay, Sums
from tracking.reports.dimensions import DIMENSIONS, Rows, collaborations, scheme_used
from tracking.reports.engagement import engagement_by
from tracking.reports.figures import Costs, Efficiency, Engagement, Figures, Worth, efficiency
from tracking.reports.periods import ALWAYS, Period
from tracking.reports.worth import worth_by

KIND: dict[str, str] = {
    Cost.Kind.PRODUCT: "product",
    Cost.Kind.FEE: "fee",
    Cost.Kind.BONUS: "fee",
    Cost.Kind.TIME: "time",
}
DAY = "day"
Key = tuple[Any, str]  # a dimension's value and a currency: amounts of two currencies are never added up


@dataclass(frozen=True)
class Part:
    """One value of the dimension. `creators` counts those who agreed; no `worth`: not wanted, or nothing known."""

    key: Any
    name: str
    currency: str
    creators: int
    figures: Figures
    engagement: Engagement
    worth: Worth | None = None

    @property
    def efficiency(self) -> Efficiency:
        return efficiency(self.figures, self.engagement)


@dataclass
class Breakdown:
    by: str
    parts: list[Part] = field(default_factory=list)
    unshared: dict[str, Costs] = field(default_factory=dict)  # by currency: laid on nobody
    scheme: str = ""  # of tiers: which version of the brand's scheme

    @property
    def title(self) -> str:
        return "Day" if self.by == DAY else DIMENSIONS[self.by].title

    @property
    def note(self) -> str:
        return "" if self.by == DAY else DIMENSIONS[self.by].note


def breakdown_of(
    brand: Brand,
    by: str,
    *,
    campaigns: Collection[Campaign] | None = None,
    period: Period = ALWAYS,
    without: Iterable[str] = (),
    keys: Iterable[Any] | None = None,
) -> Breakdown:
    """`by` is "day" or a word of DIMENSIONS; costs of kinds in `without` are nothing; `keys` are the parts wanted."""
    if by == DAY:
        whole = by_day(brand, campaigns, period)
    else:
        rows = DIMENSIONS[by].keyed(collaborations(brand, campaigns), brand)
        whole = by_dimension(brand, by, rows, period, keys)
    whole.scheme = scheme_used(brand, by)
    whole.parts = [replace(part, figures=part.figures.without(*without)) for part in whole.parts]
    return whole


def by_dimension(brand: Brand, by: str, every: Rows, period: Period, keys: Iterable[Any] | None) -> Breakdown:
    """Costs of whole campaigns are shared among everybody, whichever parts are wanted."""
    rows = every if keys is None else every.filter(key__in=list(keys))
    sums, counts = sums_by(rows, period), counts_by(rows)
    own, (shared, unshared) = costs_by(rows, period), shares_by(every, period)
    posts, worth = engagement_by(rows, period), worth_by(brand, rows, period)
    names = DIMENSIONS[by].named(brand, list({key for key, _ in counts}))
    order = {key: place for place, key in enumerate(names)}
    parts = [
        Part(
            key,
            names.get(key, str(key)),
            currency,
            count,
            replace(sums.get((key, currency), Figures()), own=own[key, currency], shared=shared[key, currency]),
            posts[key, currency],
            worth.get((key, currency)),
        )
        for (key, currency), count in counts.items()
    ]
    parts.sort(key=lambda part: (order.get(part.key, len(order)), part.currency))
    return Breakdown(by, parts, unshared)


# Results


def added_up(path: str = "") -> dict[str, Any]:
    return {f"sum_{name}": Sum(f"{path}{name}") for name in Sums.NAMES}


def grossed(path: str, margin: str) -> Sum:
    """Margin × net revenue, of campaigns whose margins may differ."""
    net = F(f"{path}revenue") - F(f"{path}refunded")
    return Sum(net * F(margin) / 100, output_field=DecimalField(max_digits=30, decimal_places=8))


def figures_from(row: dict[str, Any]) -> Figures:
    """From sums, the gross profit and the campaigns' mean margin, which counts where there is no revenue."""
    counts: dict[str, Any] = {name: row[f"sum_{name}"] or 0 for name in Sums.COUNTS}
    credited, refunded = row["sum_revenue"] or ZERO, row["sum_refunded"] or ZERO
    net = credited - refunded
    margin = row["gross"] / net if net else row["margin"] / 100
    return Figures(margin, **counts, credited=credited, refunded=refunded, commission=row["sum_commission"] or ZERO)


def sums_by(rows: Rows, period: Period) -> dict[Key, Figures]:
    path = "result__" if period.is_open else "daily_results__"
    groups: dict[Key, Figures] = {}
    found = rows.filter(result__isnull=False) if period.is_open else rows.filter(period.of(f"{path}day"))
    values = found.values("key", currency=F("campaign__currency"), margin=F("campaign__margin_percent"))
    for row in values.annotate(**added_up(path), gross=grossed(path, "campaign__margin_percent")):
        put(groups, (row["key"], row["currency"]), figures_from(row))
    return groups


def put(groups: dict[Key, Figures], key: Key, more: Figures) -> None:
    groups[key] = groups[key] + more if key in groups else more


def counts_by(rows: Rows) -> dict[Key, int]:
    """How many agreed, by key; keys with nobody who did are there too."""
    agreed = Count("pk", filter=Q(status__in=Collaboration.AGREED))
    found = rows.values("key", "campaign__currency").annotate(agreed=agreed)
    return {(row["key"], row["campaign__currency"]): row["agreed"] for row in found}


# Cost


def costs_by(rows: Rows, period: Period) -> dict[Key, Costs]:
    groups: dict[Key, Costs] = defaultdict(Costs)
    found = rows.filter(Q(costs__isnull=False) & period.of("costs__incurred_on"))
    sums = found.values("key", "campaign__currency", "costs__kind").annotate(sum=Sum("costs__amount"))
    for row in sums:
        groups[row["key"], row["campaign__currency"]] += cost_of(row["costs__kind"], row["sum"])
    return groups


def cost_of(kind: str, amount: Decimal) -> Costs:
    return Costs(**{KIND.get(kind, "other"): amount})


def shares_by(rows: Rows, period: Period) -> tuple[dict[Key, Costs], dict[str, Costs]]:
    """Costs of whole campaigns in equal parts to those who agreed, and by currency what nobody can carry."""
    common = common_costs(rows, period)
    groups: dict[Key, Costs] = defaultdict(Costs)
    unshared: dict[str, Costs] = defaultdict(Costs)
    agreed: dict[int, list[Any]] = defaultdict(list)
    carriers = rows.filter(campaign__in=common, status__in=Collaboration.AGREED).order_by("pk")
    for campaign, key in carriers.values_list("campaign_id", "key") if common else ():
        agreed[campaign].append(key)
    for campaign, (currency, costs) in common.items():
        keys = agreed[campaign]
        if not keys:
            unshared[currency] += costs
        for key, part in zip(keys, equal_parts(costs, len(keys), currency), strict=True):
            groups[key, currency] += part
    return groups, dict(unshared)


def common_costs(rows: Rows, period: Period) -> dict[int, tuple[str, Costs]]:
    """By campaign: its currency and the costs that are no single creator's."""
    lines = Cost.objects.filter(period.of("incurred_on"), collaboration=None, campaign__in=rows.values("campaign_id"))
    groups: dict[int, tuple[str, Costs]] = {}
    for campaign, currency, kind, amount in (
        lines.order_by().values_list("campaign_id", "campaign__currency", "kind").annotate(sum=Sum("amount"))
    ):
        _, before = groups.get(campaign, ("", Costs()))
        groups[campaign] = (currency, before + cost_of(kind, amount))
    return groups


def equal_parts(costs: Costs, among: int, currency: str) -> list[Costs]:
    """Whole minor units that sum to the costs exactly; what doesn't divide goes to the first, a unit each."""
    kinds = (costs.product, costs.fee, costs.time, costs.other)
    return [Costs(*parts) for parts in zip(*(even(amount, among, currency) for amount in kinds), strict=True)]


def even(amount: Decimal, among: int, currency: str) -> list[Decimal]:
    unit = quantum(currency)
    base, rest = divmod(int(amount / unit), among) if among else (0, 0)
    return [(base + (place < rest)) * unit for place in range(among)]


# Days


def by_day(brand: Brand, campaigns: Collection[Campaign] | None, period: Period) -> Breakdown:
    """Days with a result or a cost. Costs count on the day they were written down for; posts are not told by day."""
    days = CampaignDay.objects.of(brand).filter(period.of("day"))
    lines = Cost.objects.of(brand).filter(period.of("incurred_on"))
    if campaigns is not None:
        days, lines = days.filter(campaign__in=campaigns), lines.filter(campaign__in=campaigns)
    groups: dict[Key, Figures] = {}
    values = days.order_by().values("day", currency=F("campaign__currency"), margin=F("campaign__margin_percent"))
    for row in values.annotate(**added_up(), gross=grossed("", "campaign__margin_percent")):
        put(groups, (row["day"], row["currency"]), figures_from(row))
    for day, currency, kind, amount in (
        lines.order_by().values_list("incurred_on", "campaign__currency", "kind").annotate(sum=Sum("amount"))
    ):
        put(groups, (day, currency), Figures(own=cost_of(kind, amount)))
    parts = [
        Part(day, day.isoformat(), currency, 0, figures, Engagement())
        for (day, currency), figures in sorted(groups.items())
    ]
    return Breakdown(DAY, parts)


def keys_of(brand: Brand, by: str) -> list[Any]:
    """The parts that a breakdown of all campaigns by creator or campaign has, in its order."""
    keyed = DIMENSIONS[by].keyed(collaborations(brand), brand).values_list("key", flat=True).distinct()
    return list(DIMENSIONS[by].named(brand, list(keyed)))
