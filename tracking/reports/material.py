"""What a report is made from: its campaigns, its days, and the returns that the results pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, reduce
from operator import add
from typing import Any

from campaigns.models import Campaign
from tracking.models import Report
from tracking.reports.breakdown import Breakdown, breakdown_of
from tracking.reports.campaign import CampaignReport, Line, report_of
from tracking.reports.figures import Engagement, Figures
from tracking.reports.freshness import waiting_since
from tracking.reports.outlooks import Expectation, expectations_as_of_now
from tracking.reports.periods import ALWAYS, Period

MOST_CAMPAIGNS = 200


def days_of(report: Report, today: date) -> Period:
    """The days the report is about on a day of the brand; open: the campaigns' whole run."""
    kind, first = report.period, today.replace(day=1)
    if kind == Report.Period.FIXED:
        return Period(report.since, report.until)
    if kind == Report.Period.THIS_MONTH:
        return Period(first, today)
    if kind == Report.Period.LAST_MONTH:
        last = first - timedelta(days=1)
        return Period(last.replace(day=1), last)
    if kind == Report.Period.WHOLE:
        return ALWAYS
    return Period(today - timedelta(days=int(kind.partition("-")[0]) - 1), today)


def campaigns_of(report: Report) -> list[Campaign]:
    """Newest first: the chosen ones, or those of the brand that were launched."""
    rows = Campaign.objects.of(report.brand).select_related("brand").order_by("-launched_at", "-pk")
    if report.scope == Report.Scope.BRAND:
        return list(rows.filter(launched_at__isnull=False)[:MOST_CAMPAIGNS])
    return list(rows.filter(pk__in=report.campaigns.all())[:MOST_CAMPAIGNS])


@dataclass
class Material:
    """Looked up once, whichever sections ask. Costs and names of creators can be kept from outsiders."""

    report: Report
    at: datetime
    hides_names: bool = False
    hides_costs: bool = False

    @cached_property
    def campaigns(self) -> list[Campaign]:
        return campaigns_of(self.report)

    @cached_property
    def campaign_names(self) -> dict[int, str]:
        return {one.pk: one.name for one in self.campaigns}

    @cached_property
    def today(self) -> date:
        return self.report.brand.day(self.at)

    @cached_property
    def period(self) -> Period:
        return days_of(self.report, self.today)

    @property
    def period_words(self) -> str:
        if self.period.is_open:
            return "The whole run"
        start, end = self.period
        return f"{start:%-d %b %Y} to {end:%-d %b %Y}" if start and end else ""

    @property
    def scope_words(self) -> str:
        names = [one.name for one in self.campaigns]
        if self.report.scope == Report.Scope.BRAND:
            return f"All {len(names)} launched campaigns" if len(names) != 1 else f"The launched campaign {names[0]}"
        return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")

    @cached_property
    def waiting_since(self) -> datetime | None:
        return waiting_since()

    @cached_property
    def returns(self) -> list[CampaignReport]:
        return [report_of(one, period=self.period) for one in self.campaigns]

    @property
    def currencies(self) -> list[str]:
        return list(dict.fromkeys(one.currency for one in self.campaigns))

    def within(self, currency: str) -> list[CampaignReport]:
        return [one for one in self.returns if one.campaign.currency == currency]

    def campaigns_in(self, currency: str) -> list[Campaign]:
        return [one for one in self.campaigns if one.currency == currency]

    @cached_property
    def totals(self) -> dict[str, Figures]:
        """By currency: amounts of two are never added up."""
        return {one: reduce(add, (found.total for found in self.within(one))) for one in self.currencies}

    @cached_property
    def engagement(self) -> Engagement:
        return reduce(add, (one.engagement for one in self.returns), Engagement())

    def engagement_in(self, currency: str) -> Engagement:
        return reduce(add, (one.engagement for one in self.within(currency)), Engagement())

    @property
    def people(self) -> Counter[str]:
        """Collaborations by status, as of now."""
        return Counter(rank.status for one in self.returns for rank in one.ranks)

    def lines(self, currency: str) -> list[Line]:
        """Best evidence first, over all campaigns of a currency.

        Of a period by the lower end of the orders: its costs are not those of its orders, a fee is often paid before.
        """
        rows = [line for one in self.within(currency) for line in one.lines]
        return sorted(rows, key=self.weight, reverse=True)

    def weight(self, line: Line) -> tuple[Any, ...]:
        figures = line.figures
        evidence = figures.evidence if self.period.is_open else (figures.orders_interval.low, figures.revenue)
        return not line.is_leaked, evidence

    @cached_property
    def expected(self) -> dict[int, Expectation]:
        """By collaboration, from the whole record of its campaign whatever the period."""
        whole = self.returns if self.period.is_open else [report_of(one) for one in self.campaigns]
        found: dict[int, Expectation] = {}
        for one in whole:
            found |= expectations_as_of_now(one)
        return found

    def told_by(self, word: str) -> Breakdown:
        return breakdown_of(self.report.brand, word, campaigns=self.campaigns, period=self.period)

    @cached_property
    def numbers(self) -> dict[int, int]:
        """By relationship: the number that stands for a hidden name, the best evidence first."""
        order: Iterable[int] = (
            line.collaboration.relationship_id for currency in self.currencies for line in self.lines(currency)
        )
        return {pk: number for number, pk in enumerate(dict.fromkeys(order), start=1)}

    def name_of(self, line: Line) -> str:
        return self.called(line.collaboration.relationship_id, line.name)

    def called(self, relationship: int, name: str) -> str:
        return f"Creator {self.numbers[relationship]}" if self.hides_names else name
