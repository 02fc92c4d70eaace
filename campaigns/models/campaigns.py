"""A campaign: what it wants, where it leads, when it runs."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def of(self, brand: Brand) -> CampaignQuerySet:
        return self.filter(brand=brand)

    def live(self) -> CampaignQuerySet:
        return self.filter(status=Campaign.Status.LIVE)


class Campaign(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        CLOSED = "closed", "Closed"

    class Objective(models.TextChoices):
        AWARENESS = "awareness", "Awareness"
        TRAFFIC = "traffic", "Traffic"
        SIGN_UPS = "sign_ups", "Sign-ups"
        SALES = "sales", "Sales"
        CONTENT = "content", "Content creation"
        FEEDBACK = "feedback", "Community feedback"
        LOCAL = "local", "Local or regional"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=120)
    objective = models.CharField(max_length=10, choices=Objective, default=Objective.SALES)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    markets = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    landing_url = models.URLField(max_length=400, help_text="Where the creators' links lead.")
    discount_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(10), help_text="What a creator's code takes off an order."
    )
    margin_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(60), help_text="Gross margin of what you sell, for the return."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="campaigns_campaign_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(launched_at__isnull=False), name="campaigns_campaign_live_was_launched"
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_at__isnull=False), name="campaigns_campaign_closed_has_time"
            ),
        ]
        indexes = [models.Index(fields=["brand", "-id"], name="campaigns_campaign_recent")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:campaign", args=[self.code])

    @property
    def is_live(self) -> bool:
        return self.status == self.Status.LIVE
