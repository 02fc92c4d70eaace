"""What one brand knows of creators: contacts, prices, notes, shortlists."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse

from creators.models.creators import Creator
from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    def of(self, brand: Brand) -> RelationshipQuerySet:
        return self.filter(brand=brand)

    def blocked(self) -> RelationshipQuerySet:
        return self.filter(stage=Relationship.Stage.BLOCKED)


class Relationship(models.Model):
    """What one brand knows of a creator beyond public facts; no other brand ever sees it."""

    class Stage(models.TextChoices):
        PROSPECT = "prospect", "Prospect"
        CONTACTED = "contacted", "Contacted"
        IN_TALKS = "in_talks", "In talks"
        ACTIVE = "active", "Active"
        PAST = "past", "Past"
        BLOCKED = "blocked", "Blocked"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="relationships")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="relationships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="relationships",
        help_text="The creator's own sign-in, set when they enter the portal through this relationship.",
    )
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.PROSPECT)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, help_text="Asked per post.")
    price_currency = models.CharField(max_length=3, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "creator"], name="creators_relationship_once")]
        indexes = [models.Index(fields=["brand", "stage"], name="creators_relationship_stage")]

    def __str__(self) -> str:
        return f"{self.brand} and {self.creator}"

    @property
    def is_blocked(self) -> bool:
        return self.stage == self.Stage.BLOCKED

    def get_absolute_url(self) -> str:
        return reverse("creators:profile", args=[self.creator.code])


class Note(models.Model):
    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text[:60]


class ShortlistQuerySet(models.QuerySet["Shortlist"]):
    def of(self, brand: Brand) -> ShortlistQuerySet:
        return self.filter(brand=brand)


class Shortlist(models.Model):
    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="shortlists")
    name = models.CharField(max_length=80, default="Shortlist")
    creators: models.ManyToManyField[Creator, ShortlistEntry] = models.ManyToManyField(
        Creator, through="ShortlistEntry", related_name="shortlists"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ShortlistQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="creators_shortlist_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("creators:shortlist", args=[self.code])


class ShortlistEntry(models.Model):
    shortlist = models.ForeignKey(Shortlist, on_delete=models.CASCADE, related_name="entries")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="shortlist_entries")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shortlist", "creator"], name="creators_entry_once")]

    def __str__(self) -> str:
        return f"{self.creator} in {self.shortlist}"
