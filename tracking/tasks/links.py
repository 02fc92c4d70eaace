from celery import shared_task

from campaigns.models import Campaign, Collaboration, Offer
from groundswell.accounts.models import User
from groundswell.events.actions import on
from groundswell.events.models import Event
from tracking.actions import checks, links


@on("offer.accepted")
@shared_task
def issue_tracking(event: int) -> None:
    """Give the creator of an accepted offer a link and a code."""
    offer = Event.objects.get(pk=event).subject_id
    collaboration = Collaboration.objects.filter(pk__in=Offer.objects.filter(pk=offer).values("collaboration")).first()
    if collaboration is not None:
        links.issue_tracking(collaboration)


@shared_task
def check_destinations() -> int:
    """Look whether the pages that links lead to still answer."""
    return checks.check_due()


@shared_task
def issue_links(campaign: int, placements: list[str], by: int | None) -> int:
    """Links for several placements to every creator of a campaign who agreed."""
    user = User.objects.filter(pk=by).first() if by else None
    return len(links.issue_links(Campaign.objects.select_related("brand").get(pk=campaign), placements, by=user))
