"""What runs later: sending, recovering, and greeting a new brand with templates."""

from __future__ import annotations

from celery import shared_task

from groundswell.accounts.models import Brand
from groundswell.events.actions import on
from groundswell.events.models import Event
from outreach.actions.outbox import recover, send_due
from outreach.actions.templates import add_starters
from outreach.actions.waking import wake_outbox
from outreach.lookup import configured_lookup
from outreach.smtp import configured_transport

BUDGET = 20.0  # seconds; a long queue makes room for other tasks between its turns


@shared_task
def send_queued() -> int:
    """Settle what a dead worker left, then send what is due; asks for another turn when the time ran out."""
    recover(configured_lookup())
    handled, in_time = send_due(configured_transport(), seconds=BUDGET)
    if not in_time:
        wake_outbox()
    return handled


@on("brand.created")
@shared_task
def give_starters(event_pk: int) -> int:
    """Starter templates for the new brand; a second delivery adds none."""
    event = Event.objects.get(pk=event_pk)
    return add_starters(Brand.objects.get(pk=event.subject_id))
