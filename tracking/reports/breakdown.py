"""What came back, told apart by one dimension: from results, costs and posts, in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, F, IntegerField, Q, Sum, When

from campaigns.models import Campaign, Collaboration, Cost
from creators.models import Creator
from groundswell.accounts.models import Brand
from groundswell.lib.money import ZERO, quantum
from tracking.models import CampaignDay, CollaborationResult, DailyResult, Sums
from tracking.reports.dimensions import DIMENSIONS, Rows, collaborations, scheme_used
from tracking.reports.engagement import engagement_by_day, engagement_from, handed_in, measures
from tracking.reports.figures import Costs, Efficiency, Engagement, Figures, Worth, efficiency
from tracking.reports.periods import ALWAYS, Period
from tracking.reports.worth import worth_by

COSTS = ("product", "fee", "time", "other")
KIND: dict[str, str] = {
    Cost.Kind.PRODUCT: "product",
    Cost.Kind.FEE: "fee",
    Cost.Kind.BONUS: "fee",
    Cost.Kind.TIME: "time",
}
KINDS_OF_COST = {name: [kind for kind in Cost.Kind if KIND.get(kind, "other") == name] for name in COSTS}
DAY = "day"
FEW = 500
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
    creator: Creator | None = None,
    period: Period = ALWAYS,
    without: Iterable[str] = (),
    keys: Iterable[Any] | None = None,
) -> Breakdown:
    """`by` is "day" or a word of DIMENSIONS; costs of kinds in `without` are nothing; `keys` are the parts wanted.

    By day a creator can't be told apart.
    """
    if by == DAY:
        whole = by_day(brand, campaigns, period)
    else:
        rows = DIMENSIONS[by].keyed(collaborations(brand, campaigns, creator), brand)
        within = Q(campaign__brand=brand) if campaigns is None else Q(campaign__in=campaigns)
        rows = rows if keys is None else rows.filter(key__in=list(keys))
        if keys is not None or creator:
            chosen = list(rows.values_list("pk", flat=True)[: FEW + 1])
            if len(chosen) <= FEW:  # naming them spares the database a look at everybody's costs and posts
                rows, within = rows.filter(pk__in=chosen), Q(pk__in=chosen)
            if not chosen:
                return Breakdown(by)
        whole = by_dimension(brand, by, rows, within, period)
    whole.scheme = scheme_used(brand, by)
    whole.parts = [replace(part, figures=part.figures.without(*without)) for part in whole.parts]
    return whole


def by_dimension(brand: Brand, by: str, rows: Rows, within: Q, period: Period) -> Breakdown:
    """Costs of whole campaigns are shared among everybody, whichever parts are wanted.

    `within` says of collaborations in few words which ones the rows are among.
    """
    found = added_up_by_key(rows, within, period)
    shared, unshared = shares_by(rows, period)
    worth = worth_by(brand, rows, period)
    groups: dict[Key, Part] = {}
    for row in found:
        key = (row["key"], row["currency"])
        part = Part(*key, row["currency"], row["agreed"], figures_from(row), engagement_from(row))
        groups[key] = joined(groups[key], part) if key in groups else part
    names = DIMENSIONS[by].named(brand, list({key for key, _ in groups}))
    order = {key: place for place, key in enumerate(names)}
    parts = [
        replace(
            part,
            name=names.get(part.key, str(part.key)),
            figures=replace(part.figures, shared=shared[key]),
            worth=worth.get(key),
        )
        for key, part in groups.items()
    ]
    parts.sort(key=lambda part: (order.get(part.key, len(order)), part.currency))
    return Breakdown(by, parts, unshared)


def joined(part: Part, more: Part) -> Part:
    """Both together: campaigns of one currency whose margins differ."""
    return replace(
        part,
        creators=part.creators + more.creators,
        figures=part.figures + more.figures,
        engagement=part.engagement + more.engagement,
    )


# Results, costs and posts of collaborations, added up by key in one statement


def added_up_by_key(rows: Rows, within: Q, period: Period) -> list[dict[str, Any]]:
    """A row per key, currency and margin, with every sum. The key is found once a collaboration, not once a sum."""
    keyed = rows.values(
        "pk", "key", currency=F("campaign__currency"), margin=F("campaign__margin_percent"),
        agreed=Case(When(status__in=Collaboration.AGREED, then=1), default=0, output_field=IntegerField()),
    )  # fmt: skip
    them = Collaboration.objects.filter(within).order_by().values("pk")
    parts = [part.filter(collaboration__in=them) for part in parts_in(period)]
    texts, values = zip(*(part.query.sql_with_params() for part in (keyed, *parts)), strict=True)
    columns = [name for part in parts for name in part.query.annotation_select if name != "collaboration_id"]
    joins = " ".join(
        f"LEFT JOIN ({text}) AS part_{place} ON part_{place}.collaboration_id = keyed.pk"
        for place, text in enumerate(texts[1:])
    )
    sums = ", ".join(f'sum("{name}") AS "{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH keyed AS MATERIALIZED ({texts[0]}) "  # noqa: S608 - Django's own statements, values apart
            f"SELECT key, currency, margin, sum(agreed) AS agreed, {sums} FROM keyed {joins} GROUP BY 1, 2, 3",
            [value for part in values for value in part],
        )
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def parts_in(period: Period) -> list[Any]:
    """Querysets of sums by collaboration: results, costs of its own, posts."""
    results = CollaborationResult.objects.all() if period.is_open else DailyResult.objects.filter(period.of("day"))
    costs = Cost.objects.filter(period.of("incurred_on"), collaboration__isnull=False)
    posts = handed_in().filter(period.of("post__posted_at__date"))
    return [
        results.order_by().values("collaboration_id").annotate(**added_up()),
        costs.order_by().values("collaboration_id").annotate(**costs_added_up()),
        posts.values("collaboration_id").annotate(**measures("post__")),
    ]


def added_up() -> dict[str, Any]:
    return {f"sum_{name}": Sum(name) for name in Sums.NAMES}


def costs_added_up() -> dict[str, Any]:
    return {f"cost_{name}": Sum("amount", filter=Q(kind__in=kinds)) for name, kinds in KINDS_OF_COST.items()}


def figures_from(row: dict[str, Any]) -> Figures:
    """From sums, and where they are there from costs, of campaigns with one margin."""
    counts: dict[str, Any] = {name: int(row[f"sum_{name}"] or 0) for name in Sums.COUNTS}
    amounts: dict[str, Any] = {name: row[f"sum_{name}"] or ZERO for name in ("refunded", "commission")}
    costs = Costs(**{name: row.get(f"cost_{name}") or ZERO for name in KINDS_OF_COST})
    return Figures(row["margin"] / 100, **counts, credited=row["sum_revenue"] or ZERO, **amounts, own=costs)


def put(groups: dict[Key, Figures], key: Key, more: Figures) -> None:
    groups[key] = groups[key] + more if key in groups else more


# Cost


def cost_of(kind: str, amount: Decimal) -> Costs:
    return Costs(**{KIND.get(kind, "other"): amount})


def shares_by(rows: Rows, period: Period) -> tuple[dict[Key, Costs], dict[str, Costs]]:
    """Costs of whole campaigns in equal parts to those who agreed, and by currency what nobody can carry."""
    common = common_costs(rows, period)
    groups: dict[Key, Costs] = defaultdict(Costs)
    unshared: dict[str, Costs] = defaultdict(Costs)
    carriers: dict[int, list[int]] = defaultdict(list)
    for campaign, pk in (
        Collaboration.objects.agreed().filter(campaign__in=common).order_by("pk").values_list("campaign_id", "pk")
    ):
        carriers[campaign].append(pk)
    keys = dict(rows.filter(campaign__in=common).values_list("pk", "key")) if common else {}
    for campaign, (currency, costs) in common.items():
        if not carriers[campaign]:
            unshared[currency] += costs
        for pk, part in zip(carriers[campaign], equal_parts(costs, len(carriers[campaign]), currency), strict=True):
            if pk in keys:
                groups[keys[pk], currency] += part
    return groups, dict(unshared)


def common_costs(rows: Rows, period: Period) -> dict[int, tuple[str, Costs]]:
    """By campaign: its currency and the costs that are no single creator's."""
    lines = Cost.objects.filter(
        period.of("incurred_on"), collaboration=None, campaign__in=rows.order_by().values("campaign_id")
    )
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


def by_day(
    brand: Brand, campaigns: Collection[Campaign] | None, period: Period, *, with_posts: bool = True
) -> Breakdown:
    """Days with a result, a cost or a post. Costs count on the day they were written down for, posts on theirs."""
    days = CampaignDay.objects.of(brand).filter(period.of("day"))
    lines = Cost.objects.of(brand).filter(period.of("incurred_on"))
    if campaigns is not None:
        days, lines = days.filter(campaign__in=campaigns), lines.filter(campaign__in=campaigns)
    groups: dict[Key, Figures] = {}
    values = days.order_by().values("day", currency=F("campaign__currency"), margin=F("campaign__margin_percent"))
    for row in values.annotate(**added_up()):
        put(groups, (row["day"], row["currency"]), figures_from(row))
    for day, currency, kind, amount in (
        lines.order_by().values_list("incurred_on", "campaign__currency", "kind").annotate(sum=Sum("amount"))
    ):
        put(groups, (day, currency), Figures(own=cost_of(kind, amount)))
    posts = engagement_by_day(brand, campaigns, period) if with_posts else {}
    parts = [
        Part(
            day,
            day.isoformat(),
            currency,
            0,
            groups.get((day, currency), Figures()),
            posts.get((day, currency), Engagement()),
        )
        for day, currency in sorted({*groups, *posts})
    ]
    return Breakdown(DAY, parts)


def keys_of(brand: Brand, by: str) -> list[Any]:
    """The parts that a breakdown of all campaigns by creator or campaign has, in its order."""
    keyed = DIMENSIONS[by].keyed(collaborations(brand), brand).values_list("key", flat=True).distinct()
    return list(DIMENSIONS[by].named(brand, list(keyed)))
