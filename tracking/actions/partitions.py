"""Monthly partitions of the click table, made before they are needed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from django.db import connection


def make_partitions(months: Iterable[tuple[int, int]]) -> int:
    """Make the partitions of these (year, month) pairs (UTC) that are missing; returns how many."""
    days = [date(year, month, 1) for year, month in sorted(months)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FILTER (WHERE tracking_click_partition(day)) FROM unnest(%s) AS day", [days])
        return int(cursor.fetchone()[0])


def make_coming_partitions(today: date | None = None) -> int:
    """Make this month's partition and the next three."""
    today = today or datetime.now(UTC).date()
    first = today.year * 12 + today.month - 1
    return make_partitions({(month // 12, month % 12 + 1) for month in range(first, first + 4)})
