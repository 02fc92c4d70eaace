"""Replays in the background, and locking commissions whose hold is over."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from groundswell.accounts.models import Brand
from groundswell.events.actions import on
from groundswell.events.models import Event
from tracking.actions import commissions, replays
from tracking.models import AttributionRun, Commission


@shared_task
def run_replay(run: int) -> None:
    row = AttributionRun.objects.select_related("brand").filter(pk=run).first()
    if row is not None:
        replays.run_replay(row)


@on("replay.started")
@shared_task
def begin_replay(event: int) -> None:
    run_replay(Event.objects.get(pk=event).subject_id)


@shared_task
def resume_replays() -> None:
    """Replays whose worker died go on where their last batch was committed."""
    for row in replays.requeue_replays():
        run_replay.delay(row.pk)


@shared_task
def approve_commissions() -> int:
    """Every brand's, by its own day."""
    waiting = Commission.objects.pending().filter(hold_until__lte=timezone.now())
    brands = Brand.objects.filter(campaigns__collaborations__commissions__in=waiting).distinct()
    return sum(commissions.approve_commissions(brand) for brand in brands)
