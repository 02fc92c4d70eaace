from celery import shared_task

from campaigns.models import Collaboration, Offer
from groundswell.events.actions import on
from groundswell.events.models import Event
from tracking.actions import links


@on("offer.accepted")
@shared_task
def issue_tracking(event: int) -> None:
    """Give the creator of an accepted offer a link and a code."""
    offer = Event.objects.get(pk=event).subject_id
    collaboration = Collaboration.objects.filter(pk__in=Offer.objects.filter(pk=offer).values("collaboration")).first()
    if collaboration is not None:
        links.issue_tracking(collaboration)
