"""Clicks, and how far they have been copied from the spool."""

from __future__ import annotations

from django.db import models

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from tracking.models.links import TrackingLink
from tracking.spool.ids import time_of


class ClickQuerySet(models.QuerySet["Click"]):
    def of(self, brand: Brand) -> ClickQuerySet:
        return self.filter(link__collaboration__campaign__brand=brand)

    def with_id(self, click_id: str) -> ClickQuerySet:
        """The click of an id, found in its month by the primary key; nothing for what is no click id."""
        try:
            return self.filter(clicked_at=time_of(click_id), id=click_id)
        except ValueError:
            return self.none()

    def human(self) -> ClickQuerySet:
        return self.filter(bot_reason="")

    def unique(self) -> ClickQuerySet:
        return self.human().filter(is_duplicate=False)


class Click(models.Model):
    """One request to a link. Partitioned by month; written by COPY from the spool, never row by row.

    `clicked_at` is the time inside `id`, to the millisecond. `visitor` is an HMAC under a key that changes daily: no
    raw address is stored. A click with a `bot_reason` is kept apart with that reason; a duplicate repeats a click of
    the same visitor on the same link within the window.
    """

    pk = models.CompositePrimaryKey("clicked_at", "id")
    id = models.CharField(max_length=26, help_text="The click id (ULID) that travels in the destination's URL.")
    clicked_at = models.DateTimeField()
    link = models.ForeignKey(TrackingLink, on_delete=models.DO_NOTHING, db_constraint=False, related_name="clicks")
    visitor = models.CharField(max_length=32, blank=True)
    bot_reason = models.CharField(max_length=40, blank=True)
    is_duplicate = models.BooleanField(default=False)
    referrer = models.CharField(max_length=200, blank=True)
    device = models.CharField(max_length=20, blank=True)
    app = models.CharField(max_length=40, blank=True, help_text="Browser or in-app browser.")
    country = models.CharField(max_length=2, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    objects = ClickQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "tracking_click"

    def __str__(self) -> str:
        return self.id


class PastClicks(models.Model):
    """What is left of a day's clicks (in the brand's time zone) whose month was dropped. No visitor is in it."""

    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="past_clicks")
    day = models.DateField()
    clicks = models.IntegerField()
    unique_clicks = models.IntegerField()
    bot_clicks = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collaboration", "day"], name="tracking_pastclicks_once")]

    def __str__(self) -> str:
        return f"{self.collaboration_id} on {self.day}"


class SpoolPosition(models.Model):
    """How far the shipper has copied a host's spool segment; written in the same transaction as the clicks."""

    host = models.CharField(max_length=80)
    segment = models.CharField(max_length=80)
    offset = models.BigIntegerField(default=0)
    rejected = models.IntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "segment"], name="tracking_spool_once")]

    def __str__(self) -> str:
        return f"{self.host}/{self.segment}@{self.offset}"
