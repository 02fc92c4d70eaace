"""What the creators of a campaign are told and asked to make."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from campaigns.models.campaigns import Campaign
from creators.models import Network, PostFormat
from groundswell.accounts.models import Brand


class BriefContent(models.Model):
    """The parts of a brief, shared by a campaign's brief and by templates. Lists hold one point per line."""

    benefits = models.TextField(blank=True, help_text="What the product does for people, one point per line.")
    must_mention = models.TextField(blank=True, help_text="Points that have to be said, one per line.")
    dos = models.TextField("do", blank=True)
    donts = models.TextField("don't", blank=True)
    disclosure = models.TextField(blank=True, help_text="How the post must be marked as advertising.")
    usage_rights = models.TextField(blank=True, help_text="Where you may use the content, and until when.")

    class Meta:
        abstract = True


class BriefTemplateQuerySet(models.QuerySet["BriefTemplate"]):
    def of(self, brand: Brand) -> BriefTemplateQuerySet:
        """The product's own templates and the brand's."""
        return self.filter(Q(brand=None) | Q(brand=brand))


class BriefTemplate(BriefContent):
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="brief_templates")
    name = models.CharField(max_length=80)

    objects = BriefTemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="campaigns_template_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name


class Brief(BriefContent):
    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="brief")
    draft_due_on = models.DateField(null=True, blank=True)
    post_due_on = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Brief of {self.campaign}"

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, part) for part in PARTS)


class Deliverable(models.Model):
    """What each creator of a campaign is asked to make."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="deliverables")
    network = models.CharField(max_length=10, choices=Network)
    format = models.CharField(max_length=10, choices=PostFormat)
    quantity = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="campaigns_deliverable_at_least_one")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.get_format_display()} on {self.get_network_display()}"

    @property
    def online_by(self) -> date | None:
        """The day by which it has to be online: its own, else the brief's for the whole campaign."""
        brief: Brief | None = getattr(self.campaign, "brief", None)
        return self.due_on or (brief.post_due_on if brief else None)


PARTS = ("benefits", "must_mention", "dos", "donts", "disclosure", "usage_rights")
