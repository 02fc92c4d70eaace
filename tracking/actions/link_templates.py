"""What new links get: UTM values, placements, domain and page, of a brand or of one campaign."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.actions.links import LENGTHS, Maker, template_of
from tracking.models import LinkTemplate, TrackingLink
from tracking.utm import NAMES, filled


@transaction.atomic
def change_template(brand: Brand, campaign: Campaign | None, *, by: User | None, **fields: Any) -> LinkTemplate:
    """Write the template of the brand, or of one campaign. Links that exist stay as they are."""
    template, _ = LinkTemplate.objects.update_or_create(brand=brand, campaign=campaign, defaults=fields)
    record(brand, "link_template.changed", campaign or template, by=by, campaign=campaign.name if campaign else "")
    return template


@transaction.atomic
def apply_template(campaign: Campaign, *, by: User | None) -> int:
    """Give the campaign's links the UTM values of its template; returns how many changed."""
    links = list(
        TrackingLink.objects.filter(collaboration__campaign=campaign)
        .select_related("collaboration__relationship__creator")
        .select_for_update(of=("self",))
    )
    template, maker = template_of(campaign), Maker(campaign, [link.collaboration for link in links])
    changed = [link for link in links if refill(link, template, maker)]
    TrackingLink.objects.bulk_update(changed, [*NAMES, "updated_at"], batch_size=500)
    if changed:
        record(campaign.brand, "link_template.applied", campaign, by=by, links=len(changed))
    return len(changed)


def refill(link: TrackingLink, template: LinkTemplate, maker: Maker) -> bool:
    """Set a link's UTM values; whether one of them is another."""
    values = maker.values(link.collaboration, link.placement)
    wanted = {name: filled(getattr(template, name), values, LENGTHS[name]) for name in NAMES}
    differs = any(getattr(link, name) != value for name, value in wanted.items())
    for name, value in wanted.items():
        setattr(link, name, value)
    link.updated_at = timezone.now()
    return differs
