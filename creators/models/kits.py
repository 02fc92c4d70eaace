"""What creators show of themselves: a media kit, and the evidence behind numbers that no network tells us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse

from creators.models.creators import Creator, SocialAccount
from groundswell.events.models import About
from groundswell.lib.codes import short_code

if TYPE_CHECKING:
    from groundswell.accounts.models import User


class MediaKitQuerySet(models.QuerySet["MediaKit"]):
    def live(self) -> MediaKitQuerySet:
        """Turned on by creators who still sign in; the creator is loaded."""
        return self.filter(is_on=True, creator__owner=None, creator__user__is_active=True).select_related("creator")


class MediaKit(models.Model):
    """A creator's public page in four blocks, on or off as they like."""

    creator = models.OneToOneField(Creator, on_delete=models.CASCADE, related_name="kit")
    slug = models.SlugField(max_length=60, unique=True)
    is_on = models.BooleanField(default=False)
    has_niche = models.BooleanField(default=True)
    has_content = models.BooleanField(default=True)
    has_engagement = models.BooleanField(default=True)
    has_audience = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MediaKitQuerySet.as_manager()

    def __str__(self) -> str:
        return f"/kit/{self.slug}/"

    def get_absolute_url(self) -> str:
        return reverse("creators:kit", args=[self.slug])

    def about(self) -> About:
        return About(self.creator_id)


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def of_user(self, user: User) -> EvidenceQuerySet:
        return self.filter(account__creator__user=user)

    def latest_first(self) -> EvidenceQuerySet:
        """By the day the numbers were true."""
        return self.order_by("-observed_on", "-pk")


class Evidence(models.Model):
    """A screenshot or report of a network's analytics, and the numbers that it proves. The file is never public."""

    code = models.CharField(max_length=12, unique=True, default=short_code)
    account = models.ForeignKey(SocialAccount, on_delete=models.CASCADE, related_name="evidence")
    file = models.FileField(upload_to="evidence/%Y/%m/")
    filename = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, help_text="Media type, told from the content.")
    observed_on = models.DateField(help_text="The day the numbers were true.")
    reach = models.BigIntegerField(null=True, blank=True, help_text="Accounts reached in the period.")
    views = models.BigIntegerField(null=True, blank=True, help_text="Views in the period.")
    period_days = models.SmallIntegerField(default=30)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(reach=None) | Q(reach__gte=0)) & (Q(views=None) | Q(views__gte=0)),
                name="creators_evidence_positive",
            )
        ]
        indexes = [models.Index(fields=["account", "-id"], name="creators_evidence_latest")]

    def __str__(self) -> str:
        return self.filename

    def about(self) -> About:
        return About(self.account.creator_id)
