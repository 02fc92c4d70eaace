"""The days a report is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q


class Period(NamedTuple):
    """Days from and to, both included; None is open."""

    start: date | None = None
    end: date | None = None

    def of(self, path: str) -> Q:
        """That the date at the path is within; always true of an open period."""
        bounds = {f"{path}__gte": self.start, f"{path}__lte": self.end}
        return Q(**{name: day for name, day in bounds.items() if day})

    def moments_of(self, path: str, timezone: str) -> Q:
        """That the moment at the path is within these days by a clock."""
        zone, midnight = ZoneInfo(timezone), time()
        bounds = {}
        if self.start:
            bounds[f"{path}__gte"] = datetime.combine(self.start, midnight, zone)
        if self.end and self.end < date.max:
            bounds[f"{path}__lt"] = datetime.combine(self.end + timedelta(days=1), midnight, zone)
        return Q(**bounds)

    @property
    def is_open(self) -> bool:
        return not (self.start or self.end)


ALWAYS = Period()


def period_of(query: Mapping[str, str]) -> Period:
    """From ?from= and ?to= (days as 2026-03-01); what is no day is as if it were not there."""
    return Period(day_in(query.get("from", "")), day_in(query.get("to", "")))


def day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
