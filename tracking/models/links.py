"""Links and codes: what a creator is given to be recognised by."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand


class TrackingLinkQuerySet(models.QuerySet["TrackingLink"]):
    def of(self, brand: Brand) -> TrackingLinkQuerySet:
        return self.filter(collaboration__campaign__brand=brand)


class TrackingLink(models.Model):
    """A creator's link in a campaign: /r/<slug> leads to the destination with its UTM parameters."""

    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="links")
    placement = models.CharField(max_length=40, blank=True, help_text="Where the creator puts it; empty: everywhere.")
    slug = models.CharField(max_length=60, unique=True)
    destination = models.URLField(max_length=600)
    utm_source = models.CharField(max_length=80)
    utm_medium = models.CharField(max_length=80, default="influencer")
    utm_campaign = models.CharField(max_length=120)
    utm_content = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TrackingLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collaboration", "placement"], name="tracking_link_once"),
        ]
        indexes = [models.Index(fields=["updated_at"], name="tracking_link_changed")]

    def __str__(self) -> str:
        return f"/r/{self.slug}"


class DiscountCodeQuerySet(models.QuerySet["DiscountCode"]):
    def of(self, brand: Brand) -> DiscountCodeQuerySet:
        return self.filter(brand=brand)


class DiscountCode(models.Model):
    """A creator's code. Stored in upper case; unique within the brand."""

    class Leak(models.TextChoices):
        NONE = "none", "No sign of a leak"
        SUSPECTED = "suspected", "Leak suspected"
        CONFIRMED = "confirmed", "Leaked"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="discount_codes")
    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=40)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    leak = models.CharField(max_length=10, choices=Leak, default=Leak.NONE)
    valid_from = models.DateTimeField(null=True, blank=True, help_text="Empty: since always.")
    valid_to = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DiscountCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "code"], name="tracking_code_once"),
            models.CheckConstraint(condition=Q(code=Upper("code")), name="tracking_code_upper"),
        ]

    def __str__(self) -> str:
        return self.code
