"""A campaign's return: in total, by creator, by tier and over time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, reduce
from operator import add
from typing import Any

from django.db.models import Count, QuerySet, Sum

from campaigns.models import Campaign, Collaboration, Cost
from creators.tiers import tier_names
from groundswell.lib.money import ZERO
from tracking.models import CampaignDay, CollaborationResult, DailyResult, DiscountCode, Order, Sums
from tracking.reports.breakdown import added_up, cost_of, equal_parts
from tracking.reports.dimensions import DIMENSIONS, OUTSIDE, TIERS, UNKNOWN_TIER, Rows, scheme_of
from tracking.reports.engagement import engagement_in, engagement_of
from tracking.reports.figures import Costs, Engagement, Figures
from tracking.reports.periods import ALWAYS, Period
from tracking.reports.series import Day, series_from

NOTHING = Costs()


def is_worth_a_row(figures: Figures, *, agreed: bool) -> bool:
    """Who agreed, and whoever brought or cost anything."""
    return bool(agreed or figures.clicks or figures.orders or figures.cost)


@dataclass(frozen=True)
class Rank:
    """A creator of the campaign with what they brought: enough to order, filter and add up by."""

    pk: int
    name: str
    status: str
    figures: Figures
    is_leaked: bool = False

    @property
    def is_agreed(self) -> bool:
        return self.status in Collaboration.AGREED

    @property
    def is_worth_a_row(self) -> bool:
        return is_worth_a_row(self.figures, agreed=self.is_agreed)


@dataclass(frozen=True)
class Line:
    """A creator of the campaign with what they brought. Tier now, when they were added, and when they posted."""

    collaboration: Collaboration
    figures: Figures
    engagement: Engagement
    tier: str
    tier_when_added: str
    tier_when_posted: str
    is_leaked: bool = False

    @property
    def name(self) -> str:
        return self.collaboration.relationship.creator.name

    @property
    def is_worth_a_row(self) -> bool:
        return is_worth_a_row(self.figures, agreed=self.collaboration.is_agreed)


@dataclass(frozen=True)
class TierLine:
    name: str
    creators: int
    figures: Figures
    engagement: Engagement


@dataclass
class CampaignReport:
    """Everything the results page shows, from daily results, costs and posts; never from raw rows.

    `ranks` has every creator, best evidence first; `lines_of` says more about some, so that a page asks for its own.
    """

    campaign: Campaign
    without: tuple[str, ...] = ()
    ranks: list[Rank] = field(default_factory=list)
    unshared: Costs = field(default_factory=Costs)
    period: Period = ALWAYS

    @cached_property
    def total(self) -> Figures:
        alone = Figures(margin=margin_of(self.campaign), shared=self.unshared)
        return reduce(add, (rank.figures for rank in self.ranks), alone).without(*self.without)

    @property
    def with_time(self) -> bool:
        return "time" not in self.without

    @cached_property
    def lines(self) -> list[Line]:
        return self.lines_of(self.ranks)

    def lines_of(self, ranks: Iterable[Rank]) -> list[Line]:
        """Of these creators, in their order, in a fixed number of queries."""
        wanted = {rank.pk: rank for rank in ranks}
        rows = Collaboration.objects.filter(pk__in=wanted).select_related("relationship__creator").in_bulk()
        posts = engagement_of(self.campaign.pk, wanted, self.period)
        now, added, posted = (tiers_of(self.campaign, word, wanted) for word in TIERS)
        return [
            Line(rows[pk], rank.figures, posts[pk], now[pk], added[pk], posted[pk], rank.is_leaked)
            for pk, rank in wanted.items()
        ]

    @cached_property
    def engagement(self) -> Engagement:
        return engagement_in(self.campaign.pk, self.period)

    @cached_property
    def agreed(self) -> int:
        return sum(rank.is_agreed for rank in self.ranks)

    @property
    def shared_note(self) -> str:
        """How costs of the campaign as a whole were laid on the creators."""
        if self.unshared.total:
            return "Costs of the whole campaign are laid on nobody: no creator has agreed yet."
        if any(rank.figures.shared.total for rank in self.ranks):
            return f"Costs of the whole campaign are shared equally by the {self.agreed} creators who agreed."
        return ""

    @property
    def funnel(self) -> list[tuple[str, int]]:
        """From the creators chosen to the orders. People, then clicks, then orders: three kinds of count."""
        return funnel_of(Counter(rank.status for rank in self.ranks), self.total)

    def tiers(self, at: str = "") -> list[TierLine]:
        """One line per tier in the scheme's order, those without a tier last; `at` is "", "added" or "posted"."""
        groups: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            groups[{"added": line.tier_when_added, "posted": line.tier_when_posted}.get(at, line.tier)].append(line)
        order = [*tier_names(scheme_of(self.campaign.brand)), OUTSIDE, UNKNOWN_TIER]
        return [tier_line(name, groups[name]) for name in order if name in groups]


def funnel_of(people: Mapping[str, int], total: Figures) -> list[tuple[str, int]]:
    """The steps of a funnel from how many collaborations stand in each status, and what they brought."""
    chosen = sum(people.values())
    return [
        ("Selected", chosen),
        ("Offered", chosen - people.get(Collaboration.Status.SELECTED, 0)),
        ("Accepted", sum(people.get(status, 0) for status in Collaboration.AGREED)),
        ("Posted", people.get(Collaboration.Status.POSTED, 0)),
        ("Unique clicks", total.unique_clicks),
        ("Orders", total.orders),
    ]


def tier_line(name: str, lines: list[Line]) -> TierLine:
    figures = reduce(add, (line.figures for line in lines))
    return TierLine(name, len(lines), figures, reduce(add, (line.engagement for line in lines)))


def report_of(campaign: Campaign, *, period: Period = ALWAYS, without: tuple[str, ...] = ()) -> CampaignReport:
    """The campaign's report, best evidence first, in a fixed number of queries; kinds in `without` cost nothing.

    Of a period: clicks, orders, costs and posts of its days; states and tiers are as ever.
    """
    rows = campaign.collaborations.order_by("pk").values_list("pk", "relationship__creator__name", "status")
    people = list(rows)
    results, (own, common) = results_of(campaign, period), costs_of(campaign, period)
    agreed = [pk for pk, _, status in people if status in Collaboration.AGREED]
    shares = shared_among(agreed, common, campaign.currency)
    leaked = set(leaked_codes(campaign).values_list("collaboration_id", flat=True))
    ranks = [
        Rank(
            pk,
            name,
            status,
            figures_of(campaign, results.get(pk, {}), own[pk], shares.get(pk, NOTHING)).without(*without),
            pk in leaked,
        )
        for pk, name, status in people
    ]
    ranks.sort(key=lambda rank: (not rank.is_leaked, rank.figures.evidence), reverse=True)
    return CampaignReport(campaign, without, ranks, NOTHING if shares else common, period)


def leaked_codes(campaign: Campaign) -> QuerySet[DiscountCode]:
    return DiscountCode.objects.filter(collaboration__campaign=campaign).exclude(leak=DiscountCode.Leak.NONE)


def figures_of(campaign: Campaign, sums: dict[str, Any], own: Costs, shared: Costs) -> Figures:
    counts = {name: sums.get(name) or 0 for name in Sums.COUNTS}
    return Figures(
        margin=margin_of(campaign),
        **counts,
        credited=sums.get("revenue") or ZERO,
        refunded=sums.get("refunded") or ZERO,
        commission=sums.get("commission") or ZERO,
        own=own,
        shared=shared,
    )


def brought_by(collaboration: Collaboration) -> Figures:
    """What one creator brought in a campaign, without what it cost: for the creator's own eyes."""
    sums = CollaborationResult.objects.filter(pk=collaboration.pk).values().first() or {}
    return figures_of(collaboration.campaign, sums, Costs(), Costs())


def margin_of(campaign: Campaign) -> Decimal:
    return campaign.margin_percent / 100


def results_of(campaign: Campaign, period: Period = ALWAYS) -> dict[int, dict[str, Any]]:
    """Sums by collaboration: the kept ones of its whole run, or those of a period's days."""
    if period.is_open:
        rows = CollaborationResult.objects.filter(collaboration__campaign=campaign).values()
        return {row["collaboration_id"]: row for row in rows}
    days = DailyResult.objects.filter(period.of("day"), collaboration__campaign=campaign).order_by()
    return {
        row["collaboration_id"]: {name.removeprefix("sum_"): value for name, value in row.items()}
        for row in days.values("collaboration_id").annotate(**added_up())
    }


def costs_of(campaign: Campaign, period: Period = ALWAYS) -> tuple[dict[int, Costs], Costs]:
    """Costs of each collaboration, and those of the campaign as a whole."""
    own: dict[int | None, Costs] = defaultdict(Costs)
    rows = (
        Cost.objects.filter(period.of("incurred_on"), campaign=campaign)
        .order_by()
        .values_list("collaboration_id", "kind")
    )
    for collaboration, kind, amount in rows.annotate(sum=Sum("amount")):
        own[collaboration] += cost_of(kind, amount)
    common = own.pop(None, NOTHING)
    return defaultdict(Costs, {pk: costs for pk, costs in own.items() if pk is not None}), common


def shared_among(agreed: list[int], common: Costs, currency: str) -> dict[int, Costs]:
    """The campaign's own costs in equal parts to those who agreed, to the cent; nobody when nobody has."""
    if not agreed or not common.total:
        return {}
    return dict(zip(agreed, equal_parts(common, len(agreed), currency), strict=True))


def tiers_of(campaign: Campaign, word: str, wanted: Iterable[int]) -> dict[int, str]:
    """Of each of these collaborations: the tier by one of the three readings in DIMENSIONS."""
    rows: Rows = DIMENSIONS[word].keyed(Collaboration.objects.filter(pk__in=list(wanted)), campaign.brand)
    return dict(rows.values_list("pk", "key"))


def series_of(campaigns: Iterable[Campaign], *, weekly: bool = False, period: Period = ALWAYS) -> list[Day]:
    """Unique clicks, orders and net revenue per day (or week, by its Monday); the campaigns' currency is one."""
    rows = CampaignDay.objects.filter(period.of("day"), campaign__in=campaigns)
    return series_from(rows, weekly=weekly)


def unmatched_in(campaigns: Collection[Campaign], period: Period = ALWAYS) -> list[tuple[str, int]]:
    """Orders of the brand while a campaign ran that credit nobody, by reason, the most frequent first.

    From the first launch to the last close, where all are closed, within the period by the brand's clock.
    """
    launched = [one for one in campaigns if one.launched_at]
    if not launched:
        return []
    brand = launched[0].brand
    rows = Order.objects.of(brand).unmatched().filter(period.moments_of("placed_at", brand.timezone))
    rows = rows.filter(placed_at__gte=min(one.launched_at for one in launched if one.launched_at))
    ends = [one.closed_at for one in launched if one.closed_at]
    if len(ends) == len(launched):
        rows = rows.filter(placed_at__lte=max(ends))
    counts = rows.order_by().values_list("unmatched").annotate(count=Count("pk")).order_by("-count", "unmatched")
    return [(str(Order.Unmatched(reason).label), count) for reason, count in counts]
