"""Working out what the same again would bring, behind the pages that show it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from tracking.models import CampaignOutlook, CollaborationOutlook
from tracking.reports.campaign import CampaignReport, report_of
from tracking.reports.outlooks import facts_of, judged, key_of


def mark_outlooks(brand: Brand) -> int:
    """Have a brand's campaigns looked at again: a cost, a post or its figures changed."""
    rows = Campaign.objects.of(brand).filter(launched_at__isnull=False).values_list("pk", flat=True)
    marked = [CampaignOutlook(campaign_id=pk, marked_at=timezone.now()) for pk in rows]
    CampaignOutlook.objects.bulk_create(
        marked, update_conflicts=True, unique_fields=["campaign"], update_fields=["marked_at"]
    )
    return len(marked)


def refresh_outlooks() -> int:
    """Judge the creators of every campaign that is due; returns how many campaigns' figures really differed."""
    due = CampaignOutlook.objects.due(timezone.now()).select_related("campaign__brand").order_by("marked_at")
    return sum(refresh_outlook(row) for row in due)


@transaction.atomic
def refresh_outlook(row: CampaignOutlook) -> bool:
    """Judge a campaign's creators again where a figure differs; the mark that was seen is cleared, no later one."""
    report = report_of(row.campaign)
    key = key_of(report)
    if key != row.key:
        keep(row.campaign, report)
    seen = CampaignOutlook.objects.filter(pk=row.pk)
    seen.update(key=key, at=timezone.now())
    seen.filter(marked_at=row.marked_at).update(marked_at=None)
    return key != row.key


def keep(campaign: Campaign, report: CampaignReport) -> None:
    rows = [CollaborationOutlook(pk=pk, facts=facts_of(one)) for pk, one in judged(report).items()]
    CollaborationOutlook.objects.filter(collaboration__campaign=campaign).exclude(pk__in=[r.pk for r in rows]).delete()
    CollaborationOutlook.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["collaboration"], update_fields=["facts"], batch_size=1000
    )
