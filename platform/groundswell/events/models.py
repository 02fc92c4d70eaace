"""One row per thing that happened: audit log, activity feed and the hook for apps above."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q

from groundswell.accounts.models import Brand


class About(NamedTuple):
    """Whose timeline a row's events belong to, and for its readers where that was: a campaign, and the path of a page.

    Models of the apps above say it of themselves: `def about(self) -> About`. Their rows should have what it reads
    loaded, because it is asked at each event.
    """

    creator_id: int | None
    place: str = ""
    url: str = ""


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, brand: Brand) -> EventQuerySet:
        return self.filter(brand=brand)

    def about(self, subject: models.Model) -> EventQuerySet:
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def with_creator(self, creator_id: int) -> EventQuerySet:
        """Everything that happened with a creator, whatever it was written on."""
        return self.filter(creator_id=creator_id)

    def kind(self, word: str) -> EventQuerySet:
        """Events whose name begins with the word, such as "offer"."""
        return self.filter(name__startswith=f"{word}.")

    def feed(self, before: int | None = None) -> EventQuerySet:
        """Newest first with their actors, below the row with the key `before`."""
        last = self.filter(pk=before).first() if before else None
        older = Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk) if last else Q()
        return self.filter(older).select_related("actor").order_by("-created_at", "-pk")

    def undelivered(self, before: datetime) -> EventQuerySet:
        return self.filter(delivered_at=None, created_at__lt=before).order_by("pk")


class Event(models.Model):
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    creator_id = models.BigIntegerField(
        null=True, help_text="The creator it is about. A plain number: events stand below creators."
    )
    place = models.CharField(max_length=160, blank=True, db_default="", help_text="Where it happened: a campaign.")
    url = models.CharField(max_length=200, blank=True, db_default="", help_text="Path of the page that shows it.")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["brand", "-created_at", "-id"], name="events_event_by_time"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="events_event_subject"),
            models.Index(
                fields=["brand", "creator_id", "-id"],
                condition=models.Q(creator_id__isnull=False),
                name="events_event_timeline",
            ),
            models.Index(fields=["id"], condition=models.Q(delivered_at=None), name="events_event_undelivered"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"
