"""Keeping results up to date, and matching orders with evidence that came after them."""

from __future__ import annotations

from celery import shared_task

from groundswell.events.actions import on
from groundswell.events.models import Event
from tracking.actions import credits as ledger
from tracking.actions import deliveries, leads, rollups
from tracking.models import DiscountCode, TrackingLink


@shared_task
def roll_up() -> int:
    """Apply deliveries and match orders that waited for something that is here now, then sum the stale days again."""
    deliveries.apply_waiting()
    ledger.match_late_clicks()
    leads.match_late_leads()
    while (cleared := rollups.roll_up()) == rollups.MARKS:
        continue
    return cleared


@shared_task
def check_rollups() -> int:
    """Every night: prove that the results are the sums of their rows. The data health page tells what was found."""
    return len(rollups.check_rollups())


@on("link.issued")
@shared_task
def match_codes(event: int) -> int:
    """Orders and leads that came with a creator's code before it was known here."""
    link = TrackingLink.objects.filter(pk=Event.objects.get(pk=event).subject_id).first()
    codes = DiscountCode.objects.filter(collaboration=link.collaboration_id) if link else DiscountCode.objects.none()
    return sum(ledger.match_code(code) + leads.match_code(code) for code in codes.select_related("brand"))
