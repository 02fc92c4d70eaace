from celery import shared_task
from django.utils import timezone

from tracking.actions import stores


@shared_task
def forget_old_secrets() -> int:
    """Drop signing secrets that were replaced and are not accepted any more."""
    return stores.forget_old_secrets(timezone.now())
