"""When a report is due next, by the brand's clock."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from tracking.models import ReportSchedule


def next_time(schedule: ReportSchedule, timezone: str, after: datetime) -> datetime:
    """The first time after a moment, in UTC.

    An hour that a change of the clock leaves out is told an hour later; one that comes twice is told the first time.
    """
    zone = ZoneInfo(timezone)
    days = weekly(schedule, after.astimezone(zone).date()) if schedule.every == "week" else monthly(
        schedule, after.astimezone(zone).date()
    )  # fmt: skip
    moments = (datetime.combine(day, time(schedule.hour), zone).astimezone(UTC) for day in days)
    return next(moment for moment in moments if moment > after)


def weekly(schedule: ReportSchedule, start: date) -> Iterator[date]:
    first = start - timedelta(days=start.weekday()) + timedelta(days=schedule.weekday)
    return (first + timedelta(weeks=number) for number in count())


def monthly(schedule: ReportSchedule, start: date) -> Iterator[date]:
    """The day of every month, the last one where it is shorter."""
    for number in count(start.year * 12 + start.month - 1):
        year, month = divmod(number, 12)
        yield date(year, month + 1, min(schedule.day, monthrange(year, month + 1)[1]))
