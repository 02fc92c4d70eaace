from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from groundswell.api.models import IdempotentCall

KEPT = timedelta(days=7)


@shared_task
def forget_calls(batch: int = 5000) -> int:
    """Drop stored answers of idempotent calls after a week; a full batch leaves the rest to the next run."""
    old = IdempotentCall.objects.forgettable(before=timezone.now() - KEPT).values("pk")[:batch]
    return IdempotentCall.objects.filter(pk__in=old).delete()[0]
