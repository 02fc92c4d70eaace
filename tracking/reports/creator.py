"""One creator over all campaigns of a brand: what they brought and cost, how sure that is, and what is not known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import add

from campaigns.models import Collaboration
from creators.models import Creator
from groundswell.accounts.models import Brand
from tracking.models import DailyResult, DiscountCode, TrackingLink
from tracking.reports.breakdown import Breakdown, Part, breakdown_of
from tracking.reports.dimensions import collaborations
from tracking.reports.figures import Engagement, Figures
from tracking.reports.outlooks import Expectation, Hint, expectations_of, hint_of
from tracking.reports.overview import conversions_of
from tracking.reports.series import Day, series_from

SHOWN = 100  # links, and codes
FEW_CLICKS = 100


@dataclass(frozen=True)
class CreatorLine:
    """A campaign of the creator. `peers`: orders ÷ unique clicks of everybody in the campaign."""

    collaboration: Collaboration
    part: Part
    expected: Expectation | None
    peers: float | None
    is_leaked: bool

    @property
    def figures(self) -> Figures:
        return self.part.figures

    @property
    def hint(self) -> Hint | None:
        return hint_of(self, self.expected)


@dataclass(frozen=True)
class Total:
    """Of the campaigns of one currency."""

    currency: str
    figures: Figures
    engagement: Engagement

    @property
    def without_time(self) -> Figures:
        return self.figures.without("time")


@dataclass
class CreatorReport:
    """Lines newest first. Amounts of two currencies are never added up: there is a total of each."""

    brand: Brand
    creator: Creator
    without: tuple[str, ...] = ()
    lines: list[CreatorLine] = field(default_factory=list)

    @cached_property
    def totals(self) -> list[Total]:
        groups: dict[str, list[Part]] = defaultdict(list)
        for line in self.lines:
            groups[line.part.currency].append(line.part)
        return [
            Total(
                currency,
                reduce(add, (part.figures for part in parts)),
                reduce(add, (part.engagement for part in parts)),
            )
            for currency, parts in groups.items()
        ]

    @cached_property
    def judged(self) -> CreatorLine | None:
        """The newest campaign that lets one say what the same again would bring."""
        return next((line for line in self.lines if line.hint), None)

    def told_apart(self, by: str) -> Breakdown:
        return breakdown_of(self.brand, by, creator=self.creator, without=self.without)

    def series(self, *, weekly: bool) -> list[Day]:
        """Clicks and orders of all campaigns, and revenue of those in the currency of the newest."""
        rows = DailyResult.objects.filter(collaboration__in=[line.collaboration.pk for line in self.lines])
        currency = self.totals[0].currency if self.totals else ""
        return series_from(rows, weekly=weekly, money_of={"collaboration__campaign__currency": currency})

    def links(self) -> list[TrackingLink]:
        rows = TrackingLink.objects.of(self.brand).filter(collaboration__relationship__creator=self.creator)
        return list(rows.select_related("collaboration__campaign", "domain").order_by("-pk")[:SHOWN])

    def codes(self) -> list[DiscountCode]:
        rows = DiscountCode.objects.of(self.brand).filter(collaboration__relationship__creator=self.creator)
        return list(rows.select_related("collaboration__campaign").order_by("-pk")[:SHOWN])

    @cached_property
    def gaps(self) -> list[str]:
        """What keeps these figures from being complete, in sentences."""
        return [text for line in self.lines for text in gaps_of(line)]


def gaps_of(line: CreatorLine) -> list[str]:
    name, row, figures, posts = line.part.name, line.collaboration, line.figures, line.part.engagement
    blind = posts.posts - posts.engaged.posts
    found = {
        "nothing is written down as cost, so there is no return on it": row.is_agreed and not figures.costs.total,
        "the figures of " + ("1 post are" if blind == 1 else f"{blind} posts are") + " not known": blind > 0,
        "accepted, and no post is handed in": row.status == Collaboration.Status.ACCEPTED and not posts.posts,
        "orders came by code alone: no click tells where they came from": figures.orders and not figures.unique_clicks,
        "a code may have leaked: its orders may not be this creator's doing": line.is_leaked,
        f"fewer than {FEW_CLICKS} clicks, so its conversion says little by itself": (
            0 < figures.unique_clicks < FEW_CLICKS
        ),
    }
    return [f"{name}: {text}." for text, holds in found.items() if holds]


def creator_report(brand: Brand, creator: Creator, *, without: tuple[str, ...] = ()) -> CreatorReport:
    """The creator's campaigns that were launched, in a fixed number of queries; kinds in `without` cost nothing."""
    rows = collaborations(brand, creator=creator).select_related("campaign")
    by_campaign = {row.campaign.code: row for row in rows}
    keys = [row.pk for row in by_campaign.values()]
    expected, peers = expectations_of(keys), conversions_of([row.campaign for row in by_campaign.values()])
    leaked = set(
        DiscountCode.objects.filter(collaboration__in=keys)
        .exclude(leak=DiscountCode.Leak.NONE)
        .values_list("collaboration_id", flat=True)
    )
    parts = breakdown_of(brand, "campaign", creator=creator, without=without).parts if keys else []
    lines = [
        CreatorLine(row, part, expected.get(row.pk), peers.get(row.campaign_id), row.pk in leaked)
        for part in parts
        for row in [by_campaign[part.key]]
    ]
    return CreatorReport(brand, creator, without, lines)
