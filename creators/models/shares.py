"""A list shown to somebody without a sign-in, and what they say about each creator on it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from creators.models.creators import Creator
from creators.models.relationships import Shortlist
from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code
from groundswell.lib.shares import Share, VisitCount, digest_of


class SharedListQuerySet(models.QuerySet["SharedList"]):
    def of(self, brand: Brand) -> SharedListQuerySet:
        return self.filter(shortlist__brand=brand)

    def open(self, at: datetime) -> SharedListQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=at)

    def behind(self, token: str) -> SharedListQuerySet:
        """The one that a link leads to, as long as it is open."""
        return self.open(timezone.now()).filter(digest=digest_of(token))


class SharedList(Share):
    """A link to a list, for a while."""

    class Fact(models.TextChoices):
        FOLLOWERS = "followers", "Followers and tier"
        ENGAGEMENT = "engagement", "Engagement rate"
        VIEWS = "views", "Average views"
        PLACE = "place", "Country and language"
        NICHES = "niches", "Niches"
        BIO = "bio", "Self-description"
        PRICE = "price", "Price per post"

    USUAL = (Fact.FOLLOWERS, Fact.ENGAGEMENT, Fact.PLACE, Fact.NICHES, Fact.BIO)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    shortlist = models.ForeignKey(Shortlist, on_delete=models.CASCADE, related_name="shares")
    title = models.CharField(max_length=80, help_text="What the visitors read above the list.")
    message = models.CharField(max_length=500, blank=True)
    facts = ArrayField(models.CharField(max_length=10, choices=Fact), default=list, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = SharedListQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["shortlist", "-id"], name="creators_sharedlist_list")]

    def __str__(self) -> str:
        return self.title


def shared_url(token: str) -> str:
    """What is given to the client."""
    return settings.SITE_URL + reverse("creators:shared", args=[token])


class Verdict(models.Model):
    """What a visitor thinks of a creator; the same name again changes their mind."""

    shared_list = models.ForeignKey(SharedList, on_delete=models.CASCADE, related_name="verdicts")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="+")
    is_approved = models.BooleanField()
    reviewer = models.CharField(max_length=80, help_text="As they gave it; nobody checked it.")
    comment = models.CharField(max_length=1000, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            models.UniqueConstraint("shared_list", "creator", Lower("reviewer"), name="creators_verdict_once"),
            models.CheckConstraint(condition=~Q(reviewer=""), name="creators_verdict_has_name"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {'yes' if self.is_approved else 'no'}"

    def about(self) -> About:
        return About(self.creator_id, self.shared_list.shortlist.name, self.shared_list.shortlist.get_absolute_url())


class Visit(VisitCount):
    """Of a shared list."""

    shared_list = models.ForeignKey(SharedList, on_delete=models.CASCADE, related_name="visits")

    class Meta:
        ordering = ["-day", "-last_at"]
        constraints = [models.UniqueConstraint(fields=["shared_list", "day", "agent"], name="creators_visit_once")]
