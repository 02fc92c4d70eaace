"""Judging creators again after their figures changed."""

from __future__ import annotations

from celery import shared_task

from groundswell.events.actions import on
from groundswell.events.models import Event
from tracking.actions import outlooks


@shared_task
def refresh_outlooks() -> int:
    return outlooks.refresh_outlooks()


@on(
    "cost.added",
    "cost.removed",
    "submission.made",
    "submission.measured",
    "submission.returned",
    "code.leak_suspected",
    "code.leak_confirmed",
    "code.leak_cleared",
)
@shared_task
def mark_outlooks(event: int) -> int:
    """What isn't in the daily sums changed; those mark their campaigns by themselves."""
    brand = Event.objects.select_related("brand").get(pk=event).brand
    return outlooks.mark_outlooks(brand) if brand else 0
