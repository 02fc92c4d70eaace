"""A brand's last weeks beside those before, each currency for itself, and whether the difference may be chance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import add
from typing import NamedTuple

from groundswell.accounts.models import Brand
from tracking.models import CampaignDay
from tracking.reports.breakdown import by_day
from tracking.reports.figures import Figures
from tracking.reports.periods import Period
from tracking.reports.series import Day, series_from
from tracking.statistics.intervals import Interval, change_interval

SPANS = (7, 30, 90)


class Change(NamedTuple):
    """Relative; None where nothing was before. `interval`: 95 %, of counts only."""

    value: float | None
    interval: Interval | None = None

    @property
    def may_be_chance(self) -> bool:
        return self.interval is not None and self.interval.low <= 0 <= self.interval.high


@dataclass(frozen=True)
class Trend:
    currency: str
    now: Figures
    before: Figures

    @property
    def orders(self) -> Change:
        return counted(self.now.orders, self.before.orders)

    @property
    def new_customers(self) -> Change:
        return counted(self.now.new_customers, self.before.new_customers)

    @property
    def unique_clicks(self) -> Change:
        return counted(self.now.unique_clicks, self.before.unique_clicks)

    @property
    def revenue(self) -> Change:
        before = self.before.revenue
        return Change(float(self.now.revenue / before) - 1 if before > 0 else None)


def counted(now: int, before: int) -> Change:
    return Change(now / before - 1 if before else None, change_interval(now, before))


def spans(today: date, days: int) -> tuple[Period, Period]:
    """The last so many whole days, today left out, and as many before them."""
    end = today - timedelta(days=1)
    start = today - timedelta(days=days)
    return Period(start, end), Period(start - timedelta(days=days), start - timedelta(days=1))


def trends_of(brand: Brand, days: int, *, without: tuple[str, ...] = ()) -> list[Trend]:
    """By currency, the one with most revenue first; costs count on the days they were written down for."""
    now, before = (totals_in(brand, period, without) for period in spans(brand.day(), days))
    found = [Trend(one, now.get(one, Figures()), before.get(one, Figures())) for one in {*now, *before}]
    return sorted(found, key=lambda trend: (-trend.now.revenue, -trend.before.revenue, trend.currency))


def totals_in(brand: Brand, period: Period, without: Iterable[str]) -> dict[str, Figures]:
    groups: dict[str, list[Figures]] = {}
    for part in by_day(brand, None, period, with_posts=False).parts:
        groups.setdefault(part.currency, []).append(part.figures.without(*without))
    return {currency: reduce(add, parts) for currency, parts in groups.items()}


def beside(brand: Brand, days: int, currency: str) -> tuple[list[Day], list[Day]]:
    """The days of both spans, every one of them; revenue of campaigns in this currency."""
    return tuple(whole(brand, period, currency) for period in spans(brand.day(), days))  # type: ignore[return-value]


def whole(brand: Brand, period: Period, currency: str) -> list[Day]:
    rows = CampaignDay.objects.of(brand).filter(period.of("day"))
    known = {row.day: row for row in series_from(rows, money_of={"campaign__currency": currency})}
    start, end = period
    if start is None or end is None:
        return list(known.values())
    wanted = [start + timedelta(days=ahead) for ahead in range((end - start).days + 1)]
    return [known.get(day) or Day(day, 0, 0, Figures().revenue) for day in wanted]
