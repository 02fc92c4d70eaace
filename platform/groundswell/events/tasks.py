from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from groundswell.events.actions import deliver
from groundswell.events.models import Event

logger = logging.getLogger(__name__)


@shared_task
def deliver_pending() -> int:
    """Deliver events whose delivery after commit was lost (a crash, a broker that was down); how many went out.

    One that fails waits for the next run and does not hold up the others.
    """
    lost = list(Event.objects.undelivered(before=timezone.now() - timedelta(seconds=10))[:500])
    return sum(try_to_deliver(event) for event in lost)


def try_to_deliver(event: Event) -> bool:
    try:
        deliver(event)
    except Exception:
        logger.exception("Event %s waits for the next delivery", event.pk)
        return False
    return True
