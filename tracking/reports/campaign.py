"""A campaign's return: in total, by creator, by tier and over time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, reduce
from operator import add
from typing import Any

from django.db.models import QuerySet, Sum

from campaigns.models import Campaign, Collaboration, Cost, Submission
from creators.models import Post, SocialAccount, TierScheme
from creators.tiers import bands_of, tier_in, tier_names
from groundswell.lib.money import ZERO, split
from tracking.models import DailyResult, DiscountCode, Order
from tracking.reports.figures import Costs, Engagement, Figures, Rate

KIND: dict[str, str] = {
    Cost.Kind.PRODUCT: "product",
    Cost.Kind.FEE: "fee",
    Cost.Kind.BONUS: "fee",
    Cost.Kind.TIME: "time",
}
UNKNOWN_TIER = "size unknown"
OUTSIDE = "outside the tiers"


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
        """Who agreed, and whoever brought or cost anything."""
        figures = self.figures
        return bool(self.collaboration.is_agreed or figures.clicks or figures.orders or figures.cost)


@dataclass(frozen=True)
class TierLine:
    name: str
    creators: int
    figures: Figures
    engagement: Engagement


@dataclass
class CampaignReport:
    """Everything the results page shows, from daily results, costs and posts; never from raw rows."""

    campaign: Campaign
    with_time: bool = True
    lines: list[Line] = field(default_factory=list)
    unshared: Costs = field(default_factory=Costs)

    @cached_property
    def total(self) -> Figures:
        alone = Figures(margin=margin_of(self.campaign), shared=self.unshared)
        whole = reduce(add, (line.figures for line in self.lines), alone)
        return whole if self.with_time else whole.without_time()

    @cached_property
    def engagement(self) -> Engagement:
        return reduce(add, (line.engagement for line in self.lines), Engagement())

    @cached_property
    def agreed(self) -> int:
        return sum(line.collaboration.is_agreed for line in self.lines)

    @property
    def shared_note(self) -> str:
        """How costs of the campaign as a whole were laid on the creators."""
        if self.unshared.total:
            return "Costs of the whole campaign are laid on nobody: no creator has agreed yet."
        if any(line.figures.shared.total for line in self.lines):
            return f"Costs of the whole campaign are shared equally by the {self.agreed} creators who agreed."
        return ""

    @property
    def funnel(self) -> list[tuple[str, int]]:
        """From the creators chosen to the orders. People, then clicks, then orders: three kinds of count."""
        rows = [line.collaboration for line in self.lines]
        offered = sum(row.status != Collaboration.Status.SELECTED for row in rows)
        posted = sum(row.status == Collaboration.Status.POSTED for row in rows)
        return [
            ("Selected", len(rows)),
            ("Offered", offered),
            ("Accepted", self.agreed),
            ("Posted", posted),
            ("Unique clicks", self.total.unique_clicks),
            ("Orders", self.total.orders),
        ]

    def tiers(self, at: str = "") -> list[TierLine]:
        """One line per tier in the scheme's order, those without a tier last; `at` is "", "added" or "posted"."""
        groups: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            groups[{"added": line.tier_when_added, "posted": line.tier_when_posted}.get(at, line.tier)].append(line)
        order = [*tier_names(TierScheme.objects.of(self.campaign.brand).first()), OUTSIDE, UNKNOWN_TIER]
        return [tier_line(name, groups[name]) for name in order if name in groups]


def tier_line(name: str, lines: list[Line]) -> TierLine:
    figures = reduce(add, (line.figures for line in lines))
    return TierLine(name, len(lines), figures, reduce(add, (line.engagement for line in lines)))


def report_of(campaign: Campaign, *, with_time: bool = True) -> CampaignReport:
    """The campaign's report, best evidence first, in a fixed number of queries."""
    rows = list(campaign.collaborations.select_related("relationship__creator").order_by("pk"))
    results, (own, common), posts = results_of(campaign), costs_of(campaign), engagement_of(campaign)
    shares = shared_among([row.pk for row in rows if row.is_agreed], common, campaign.currency)
    tier_now, tier_then, tier_posted = tier_readers(campaign, rows)
    leaked = set(leaked_codes(campaign).values_list("collaboration_id", flat=True))
    lines = [
        Line(
            row,
            figures_of(campaign, results.get(row.pk, {}), own[row.pk], shares.get(row.pk, Costs()), with_time),
            posts[row.pk],
            tier_now(row),
            tier_then(row),
            tier_posted(row),
            row.pk in leaked,
        )
        for row in rows
    ]
    lines.sort(key=lambda line: (not line.is_leaked, line.figures.evidence), reverse=True)
    return CampaignReport(campaign, with_time, lines, Costs() if shares else common)


def leaked_codes(campaign: Campaign) -> QuerySet[DiscountCode]:
    return DiscountCode.objects.filter(collaboration__campaign=campaign).exclude(leak=DiscountCode.Leak.NONE)


def figures_of(campaign: Campaign, sums: dict[str, Any], own: Costs, shared: Costs, with_time: bool) -> Figures:
    counts = {name: sums.get(name) or 0 for name in DailyResult.COUNTS}
    whole = Figures(
        margin=margin_of(campaign),
        **counts,
        credited=sums.get("revenue") or ZERO,
        refunded=sums.get("refunded") or ZERO,
        commission=sums.get("commission") or ZERO,
        own=own,
        shared=shared,
    )
    return whole if with_time else whole.without_time()


def brought_by(collaboration: Collaboration) -> Figures:
    """What one creator brought in a campaign, without what it cost: for the creator's own eyes."""
    totals = DailyResult.objects.filter(collaboration=collaboration).totals()
    return figures_of(collaboration.campaign, totals, Costs(), Costs(), with_time=False)


def margin_of(campaign: Campaign) -> Decimal:
    return campaign.margin_percent / 100


def results_of(campaign: Campaign) -> dict[int, dict[str, Any]]:
    rows = DailyResult.objects.filter(collaboration__campaign=campaign).values("collaboration_id")
    sums = rows.annotate(**{f"sum_{name}": Sum(name) for name in (*DailyResult.COUNTS, *DailyResult.AMOUNTS)})
    return {row["collaboration_id"]: {name.removeprefix("sum_"): value for name, value in row.items()} for row in sums}


def costs_of(campaign: Campaign) -> tuple[dict[int, Costs], Costs]:
    """Costs of each collaboration, and those of the campaign as a whole."""
    own: dict[int | None, Costs] = defaultdict(Costs)
    rows = (
        Cost.objects.filter(campaign=campaign).order_by().values("collaboration_id", "kind").annotate(sum=Sum("amount"))
    )
    for row in rows:
        own[row["collaboration_id"]] += Costs(**{KIND.get(row["kind"], "other"): row["sum"]})
    common = own.pop(None, Costs())
    return defaultdict(Costs, {pk: costs for pk, costs in own.items() if pk is not None}), common


def shared_among(agreed: list[int], common: Costs, currency: str) -> dict[int, Costs]:
    """The campaign's own costs in equal parts to those who agreed, to the cent; nobody when nobody has."""
    if not agreed or not common.total:
        return {}
    ones = [Decimal(1)] * len(agreed)
    parts = [split(amount, ones, currency) for amount in (common.product, common.fee, common.time, common.other)]
    return {pk: Costs(*(part[at] for part in parts)) for at, pk in enumerate(agreed)}


def engagement_of(campaign: Campaign) -> dict[int, Engagement]:
    """Posts handed in (and not sent back), by collaboration."""
    handed_in = Submission.objects.counting().filter(collaboration__campaign=campaign).select_related("post")
    found: dict[int, Engagement] = defaultdict(Engagement)
    for submission in handed_in:
        found[submission.collaboration_id] += engagement(submission.post)
    return found


def engagement(post: Post) -> Engagement:
    def rate(basis: str, denominator: int | None) -> Rate:
        if not denominator or post.engagements is None:
            return Rate(basis)
        return Rate(basis, post.engagements, denominator, 1)

    return Engagement(
        1, rate("by reach", post.reach), rate("by views", post.views), rate("by followers", post.followers_at_post)
    )


type_of_reader = Callable[[Collaboration], str]


def tier_readers(
    campaign: Campaign, rows: list[Collaboration]
) -> tuple[type_of_reader, type_of_reader, type_of_reader]:
    """Functions that say a collaboration's tier now (largest account), when it was added, and at its first post."""
    bands = bands_of(TierScheme.objects.of(campaign.brand).prefetch_related("bands").first())
    creators = [row.relationship.creator_id for row in rows]
    accounts = SocialAccount.objects.filter(creator__in=creators, followers__isnull=False).order_by("followers", "pk")
    largest = {account.creator_id: account for account in accounts}

    def named(network: str, followers: int | None) -> str:
        return UNKNOWN_TIER if followers is None else tier_in(bands, network, followers) or OUTSIDE

    def now(row: Collaboration) -> str:
        account = largest.get(row.relationship.creator_id)
        return named(account.network, account.followers) if account else UNKNOWN_TIER

    def then(row: Collaboration) -> str:
        return named(row.network_when_added, row.followers_when_added)

    submissions = (
        Submission.objects.counting().filter(collaboration__campaign=campaign).order_by("-submitted_at", "-pk")
    )
    posted = submissions.values_list("collaboration_id", "post__account__network", "post__followers_at_post")
    first = {row: (network, followers) for row, network, followers in posted}

    def at_post(row: Collaboration) -> str:
        return named(*first[row.pk]) if row.pk in first else then(row)

    return now, then, at_post


SERIES = ("unique_clicks", "orders", "revenue")


def series_of(campaign: Campaign, *, weekly: bool = False) -> list[dict[str, Any]]:
    """Unique clicks, orders and net revenue per day (or week, by its Monday), days without anything as zero."""
    rows = DailyResult.objects.filter(collaboration__campaign=campaign).values("day").order_by("day")
    sums = rows.annotate(
        clicks=Sum("unique_clicks"), bought=Sum("orders"), net=Sum("revenue") - Sum("refunded")
    ).values_list("day", "clicks", "bought", "net")
    totals: dict[date, list[Any]] = {}
    for day, *values in sums:
        key = day - timedelta(days=day.weekday()) if weekly else day
        totals[key] = [left + right for left, right in zip(totals.get(key, [0, 0, ZERO]), values, strict=True)]
    return [
        {"day": day, **dict(zip(SERIES, totals.get(day, [0, 0, ZERO]), strict=True))}
        for day in every(sorted(totals), timedelta(days=7 if weekly else 1))
    ]


def every(days: list[date], step: timedelta) -> Iterable[date]:
    """From the first to the last day without a gap."""
    if not days:
        return
    day = days[0]
    while day <= days[-1]:
        yield day
        day += step


def unmatched_in(campaign: Campaign) -> list[tuple[str, int]]:
    """Orders of the brand since the launch that credit nobody, by reason, the most frequent first."""
    if campaign.launched_at is None:
        return []
    rows = Order.objects.of(campaign.brand).unmatched().filter(placed_at__gte=campaign.launched_at)
    if campaign.closed_at:
        rows = rows.filter(placed_at__lte=campaign.closed_at)
    counts = Counter(rows.values_list("unmatched", flat=True))
    return [(str(Order.Unmatched(reason).label), count) for reason, count in counts.most_common()]
