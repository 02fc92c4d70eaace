"""Days or weeks in a row, those without anything as zero."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, Q, Sum

from groundswell.lib.money import ZERO

WEEK = timedelta(days=7)
NONE: tuple[int, int, Decimal] = (0, 0, ZERO)


class Day(NamedTuple):
    """A day, or a week by its Monday."""

    day: date
    unique_clicks: int
    orders: int
    revenue: Decimal


def series_from(rows: Any, *, weekly: bool = False, money_of: dict[str, str] | None = None) -> list[Day]:
    """Unique clicks, orders and net revenue of rows with a `day`; `money_of` narrows the rows whose revenue counts."""
    net = Sum(F("revenue") - F("refunded"), filter=Q(**money_of) if money_of else None)
    sums = rows.order_by().values("day").annotate(clicks=Sum("unique_clicks"), sold=Sum("orders"), net=net)
    totals: dict[date, tuple[int, int, Decimal]] = {}
    for day, clicks, orders, revenue in sums.values_list("day", "clicks", "sold", "net"):
        key = day - timedelta(days=day.weekday()) if weekly else day
        before = totals.get(key, NONE)
        totals[key] = (before[0] + clicks, before[1] + orders, before[2] + (revenue or ZERO))
    return [Day(day, *totals.get(day, NONE)) for day in every(sorted(totals), WEEK if weekly else timedelta(days=1))]


def every(days: list[date], step: timedelta) -> Iterable[date]:
    """From the first to the last day without a gap."""
    if not days:
        return
    day = days[0]
    while day <= days[-1]:
        yield day
        day += step
