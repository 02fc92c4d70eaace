"""What the same again would bring, worked out behind the pages and kept until a campaign's figures change."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, Collaboration

PAUSE = timedelta(minutes=2)


class CampaignOutlookQuerySet(models.QuerySet["CampaignOutlook"]):
    def due(self, at: datetime) -> CampaignOutlookQuerySet:
        """Marked, and never worked out or longer ago than `PAUSE`: while clicks pour in, not after each of them."""
        return self.filter(Q(at=None) | Q(at__lte=at - PAUSE), marked_at__isnull=False)


class CampaignOutlook(models.Model):
    """When a campaign's creators were last judged, and when its figures changed since, if they did.

    Whoever judges clears exactly the mark they saw: a change meanwhile leaves another one.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, primary_key=True, related_name="outlook")
    key = models.CharField(max_length=64, blank=True, help_text="Of the figures that were judged by.")
    at = models.DateTimeField(null=True, blank=True)
    marked_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignOutlookQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.campaign_id} as of {self.at}"


class CollaborationOutlook(models.Model):
    """A creator's pooled conversion and outlook; `facts` are those of `tracking.reports.outlooks.Expectation`."""

    collaboration = models.OneToOneField(
        Collaboration, on_delete=models.CASCADE, primary_key=True, related_name="outlook", db_constraint=False
    )
    facts = models.JSONField()

    def __str__(self) -> str:
        return f"Outlook of {self.collaboration_id}"
