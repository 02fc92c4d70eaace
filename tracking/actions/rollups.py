"""Daily results: which days went stale, and summing exactly those again from the raw rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tracking.models import StaleDay


def mark_stale(days: Iterable[tuple[int, date]]) -> None:
    """Mark (collaboration id, day in the brand's time zone) pairs, in the transaction that writes their rows."""
    StaleDay.objects.bulk_create(StaleDay(collaboration_id=pk, day=day) for pk, day in sorted(set(days)))
