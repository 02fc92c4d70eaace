"""Which later orders of subscriptions a campaign pays for."""

from __future__ import annotations

from django.db import transaction

from campaigns.models import Campaign
from groundswell.accounts.models import User
from groundswell.events.actions import record
from tracking.models import RenewalPolicy


@transaction.atomic
def change_renewals(campaign: Campaign, kind: str, number: int, *, by: User | None = None) -> RenewalPolicy:
    """Choose what the campaign pays for from now on; renewals that came before keep what they were given."""
    policy, _ = RenewalPolicy.objects.update_or_create(campaign=campaign, defaults={"kind": kind, "number": number})
    record(campaign.brand, "campaign.renewals_changed", campaign, by=by, kind=kind, number=number)
    return policy
