from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from groundswell.events.actions import deliver
from groundswell.events.models import Event


@shared_task
def deliver_pending() -> int:
    """Deliver events whose delivery after commit was lost (a crash, a broker that was down)."""
    lost = list(Event.objects.undelivered(before=timezone.now() - timedelta(seconds=10))[:500])
    for event in lost:
        deliver(event)
    return len(lost)
