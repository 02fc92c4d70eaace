"""What happens to campaigns in the background."""

from __future__ import annotations

from celery import shared_task

from campaigns.actions.work import push_work
from creators.models import Relationship
from groundswell.events.actions import on
from groundswell.events.models import Event


@on("offer.accepted", "submission.made", "submission.approved", "merge.accepted", "merge.undone")
@shared_task
def tell_lifecycle(event: int) -> None:
    """How far the relationship has come depends on what was agreed to and handed in."""
    row = Event.objects.get(pk=event)
    known = Relationship.objects.filter(creator=row.creator_id)
    if row.brand_id:
        known = known.filter(brand=row.brand_id)
    push_work(known.values_list("pk", flat=True))
